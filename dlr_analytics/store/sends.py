"""Send records: times of sending, which receipts lack; idempotent."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import atomic_rename
from dlr_analytics.store.journal.codec import checksummed_line
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.receipts.staging import (
    ImportCounts,
    low_memory_connection,
    spool,
    staging_folder,
)
from dlr_analytics.store.sql import from_lines, from_parquet, no_rows
from dlr_analytics.webhook.parameters import Parameters, text_of
from dlr_analytics.webhook.privacy import Privacy, protect

COLUMNS: Final = {
    "message_id": "VARCHAR",
    "sent_at": "TIMESTAMP",
    "source": "VARCHAR",
    "msisdn": "VARCHAR",
    "sender": "VARCHAR",
    "network_code": "VARCHAR",
    "price": "DECIMAL(18,8)",
    "currency": "VARCHAR",
    "client_ref": "VARCHAR",
    "sms_id": "VARCHAR",
    "part": "INTEGER",
    "parts": "INTEGER",
}
"""Columns of ``sends`` and their SQL types, in order."""

_KEEP: Final = Privacy()


@dataclass(frozen=True, slots=True)
class Send:
    """One message part that was sent.

    ``sent_at`` is naive UTC; ``source`` is ``sends`` or ``reports``. The parts of one SMS share an
    ``sms_id``; ``part`` of ``parts`` counts from 1.
    """

    message_id: str
    sent_at: dt.datetime
    source: str = "sends"
    msisdn: str | None = None
    sender: str | None = None
    network_code: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    client_ref: str | None = None
    sms_id: str | None = None
    part: int | None = None
    parts: int | None = None


def record_sends(data: Path, records: Iterable[Send], privacy: Privacy = _KEEP) -> ImportCounts:
    """Store send records, also beside a running receiver.

    Parameters
    ----------
    data : path
        The data directory; created if missing.
    records : iterable of Send
        Read once, as a stream. If it raises, nothing is stored.
    privacy : Privacy, optional
        How to protect numbers; by default they are stored as they are.

    Returns
    -------
    ImportCounts
        A record is known if an equal one is stored or precedes it in ``records``.

    Raises
    ------
    StoreError
        Nothing is stored.

    Examples
    --------
    >>> import tempfile
    >>> data = Path(tempfile.mkdtemp())
    >>> record_sends(data, [Send("0A", dt.datetime(2026, 11, 24, 8))])
    ImportCounts(new=1, known=0)
    >>> record_sends(data, [Send("0A", dt.datetime(2026, 11, 24, 8))])
    ImportCounts(new=0, known=1)
    """
    with staging_folder(data) as folder:
        lines = folder / "sends.jsonl"
        total = spool((_line(_protect(record, privacy)) for record in records), lines)
        new = _write_new(data, lines, folder / "new.parquet") if total else 0
        if new:
            atomic_rename(
                folder / "new.parquet", layout.sends(data) / f"{secrets.token_hex(8)}.parquet"
            )
    return ImportCounts(new, total - new)


def send_files(data: Path) -> list[Path]:
    """List all Parquet files of send records, sorted by name."""
    return sorted(layout.sends(data).rglob("*.parquet"))


def sends_table(files: Iterable[Path]) -> str:
    """SQL text of a table of the send records in ``files``.

    Examples
    --------
    >>> sends_table([])
    '(select null::VARCHAR as message_id, null::TIMESTAMP as sent_at, ... limit 0)'
    """
    files = list(files)
    return from_parquet(files, COLUMNS) if files else no_rows(COLUMNS)


def _line(record: Send) -> bytes:
    return checksummed_line(dict(zip(COLUMNS, astuple(record), strict=True)))


def _protect(record: Send, privacy: Privacy) -> Send:
    if privacy.mode == "keep":
        return record
    fields = {
        "msisdn": record.msisdn,
        "to": record.sender if record.msisdn else None,
        "client-ref": record.client_ref,
        "network-code": record.network_code,
        "currency": record.currency,
    }
    parameters: Parameters = {name: text for name, text in fields.items() if text is not None}
    protected = protect(parameters, privacy)
    msisdn, sender, client_ref, network_code, currency = map(text_of, map(protected.get, fields))
    return replace(
        record,
        msisdn=msisdn,
        sender=sender if record.msisdn else record.sender,
        client_ref=client_ref,
        network_code=network_code,
        currency=currency,
    )


def _write_new(data: Path, lines: Path, new: Path) -> int:
    """Write the records that are not stored yet to a file, and count them."""
    columns = ", ".join(COLUMNS)
    with low_memory_connection(new.parent) as connection:
        connection.execute(
            f"create temp table incoming as select distinct {columns}"
            f" from {from_lines([lines], COLUMNS)}"
        )
        files = send_files(data)
        if files:
            connection.execute(
                f"create or replace temp table incoming as select {columns} from incoming except"
                f" select {columns} from {from_parquet(files, COLUMNS)}"
                " where message_id in (select message_id from incoming)"
            )
        query = f"select {columns} from incoming order by sent_at, message_id"
        write_parquet(connection, query, new)
        ((count,),) = connection.execute("select count(*) from incoming").fetchall()
    return int(count)
