"""The contents of the data directory in numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts.listing import stored_files
from dlr_analytics.store.receipts.read import ReceiptFiles, open_receipts, select_receipts
from dlr_analytics.store.spill import scratch_folder
from dlr_analytics.store.sql import AHEAD


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of receipts and files.

    ``newest`` is the latest ``received_at``, naive UTC, of all but the ``ahead`` receipts that are
    more than a day ahead of the clock, None without others; ``unsealed`` counts receipts in
    ``journals``; ``sizes`` are bytes by folder.
    """

    receipts: int
    newest: dt.datetime | None
    ahead: int
    sealed_files: int
    journals: int
    unsealed: int
    quarantined: int
    sizes: dict[str, int]


def status(data: Path) -> Status:
    """Count the contents of a data directory now.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a file cannot be read.
    """
    with scratch_folder(data) as scratch:
        files = open_receipts(data, scratch)
        try:
            unsealed, _, _ = _count(ReceiptFiles((), files.journals))
            receipts, newest, ahead = _count(files)
        except DamagedFile:
            if all(path.exists() for path in files.sealed):
                raise
            return status(data)  # compacted since it was listed
    return Status(
        receipts,
        newest,
        ahead,
        len(files.sealed),
        len(files.journals),
        unsealed,
        sum(1 for _ in quarantine.entries(data)),
        {folder: _size(data / folder) for folder in layout.SUBFOLDERS},
    )


def _count(files: ReceiptFiles) -> tuple[int, dt.datetime | None, int]:
    query = (
        f"select count(*), max(received_at) filter (where not {AHEAD}),"
        f" count(*) filter (where {AHEAD}) from ({select_receipts(files)})"
    )
    try:
        with connect() as connection:
            ((count, newest, ahead),) = connection.execute(query).fetchall()
    except (duckdb.Error, OverflowError, ValueError) as error:  # the latter: times out of range
        raise DamagedFile(str(error).splitlines()[0], "run dlr verify to see which") from None
    return count, newest, ahead


def _size(folder: Path) -> int:
    total = 0
    for path in map(Path, stored_files(folder)):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue  # sealed or removed since it was listed
    return total
