"""Receipts of a few messages that have just arrived, without a full read."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts.listing import FileVanished, list_data
from dlr_analytics.store.receipts.read import ReceiptFiles, open_listing, select_receipts
from dlr_analytics.store.spill import scratch_folder

_MARGIN_NS = 5 * 10**9
"""Clocks of file systems may be behind by this much."""


class RecentReceipt(NamedTuple):
    """A receipt in the form for following one message; ``received_at`` is naive UTC."""

    received_at: dt.datetime
    message_id: str
    status: str | None
    err_code: int | None


def recent_receipts(
    data: Path, since: dt.datetime, message_ids: Sequence[str], client_ref: str
) -> list[RecentReceipt]:
    """Select the receipts of some messages and of a client-ref, in order of arrival.

    Parameters
    ----------
    since : datetime
        Naive UTC. Sealed files that are older are not read.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a file cannot be read.
    """
    oldest = int(since.replace(tzinfo=dt.UTC).timestamp() * 10**9) - _MARGIN_NS
    while True:
        with scratch_folder(data) as scratch:
            listing = list_data(data)
            new = {path: sig for path, sig in listing.sealed.items() if sig[1] >= oldest}
            try:
                files = open_listing(dataclasses.replace(listing, sealed=new), scratch)
                return _select(files, since, message_ids, client_ref)
            except FileVanished:
                continue


def _select(
    files: ReceiptFiles, since: dt.datetime, message_ids: Sequence[str], client_ref: str
) -> list[RecentReceipt]:
    query = (
        "select received_at, upper(trim(message_id)), status, err_code"
        f" from ({select_receipts(files)}) where received_at >= $since"
        " and (upper(trim(message_id)) in (select upper(unnest($ids::varchar[])))"
        " or client_ref = $client_ref) order by received_at"
    )
    values = {"since": since, "ids": list(message_ids), "client_ref": client_ref}
    try:
        with connect() as connection:
            return [RecentReceipt(*row) for row in connection.execute(query, values).fetchall()]
    except duckdb.Error as error:
        if not all(path.exists() for path in files.sealed):
            raise FileVanished from error
        raise DamagedFile(str(error).splitlines()[0], "run dlr verify to see which") from None
