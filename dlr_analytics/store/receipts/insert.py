"""Imports of receipts: store the new ones as sealed files, one for each day.

A receipt is known if one with equal message_id (regardless of case), status, err_code, scts_raw and
message_timestamp is stored, as many times as the import has it. Days are published in order of
time, and of equal receipts the earliest count as the known ones. So what a killed import has
published is exactly what the next one leaves out, and the result is the same.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.locks import shared_lock
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.receipts.read import open_receipts, select_receipts
from dlr_analytics.store.receipts.staging import (
    ImportCounts,
    low_memory_connection,
    spool,
    staging_folder,
)
from dlr_analytics.store.sql import from_lines
from dlr_analytics.vocabulary import AHEAD_HOURS
from dlr_analytics.webhook.receipt import COLUMNS, Receipt

_ID: Final = r"lower(trim(message_id, e' \t\r\n'))"

_NEW_ROWS: Final = """
create temp table new_rows as
with stored as (
    select {id} as id, status, err_code, scts_raw, message_timestamp, count(*) as times
    from ({stored})
    where {id} in (select {id} from incoming)
    group by all
),
keyed as materialized (
    select rowid as row_id, {id} as id, status, err_code, scts_raw, message_timestamp, received_at,
        md5(raw) as raw_hash
    from incoming
),
counted as (
    select *, row_number() over (
        partition by id, status, err_code, scts_raw, message_timestamp
        order by received_at, raw_hash
    ) as nth
    from keyed
)
select row_id
from counted left join stored
    on counted.id = stored.id
    and counted.status is not distinct from stored.status
    and counted.err_code is not distinct from stored.err_code
    and counted.scts_raw is not distinct from stored.scts_raw
    and counted.message_timestamp is not distinct from stored.message_timestamp
where nth > coalesce(times, 0)
"""

# Whole receipts are moved once the number of new ones is known. From a guess, DuckDB might build
# the hash table of the join from the receipts instead of the row ids, and that must fit into
# memory.
_NEW_RECEIPTS: Final = """
create temp table new_receipts as
select {columns}
from incoming
where rowid in (select row_id from new_rows)
"""


def import_receipts(
    data: Path, receipts: Iterable[Receipt], calls: SystemCalls = REAL
) -> ImportCounts:
    """Store the receipts that are not stored yet, also beside a running receiver.

    Parameters
    ----------
    data : path
        The data directory; created if missing.
    receipts : iterable of Receipt
        Of one file; read once, as a stream.
    calls : SystemCalls, optional
        The system calls to make.

    Returns
    -------
    ImportCounts
        Numbers of new and of known receipts.

    Raises
    ------
    StoreError
        Days that were published stay; importing the file again stores the rest.
    UnreadableValue
        If a ``received_at`` is more than a day ahead of the clock; nothing is stored.
    """
    with staging_folder(data) as folder:
        lines = folder / "receipts.jsonl"
        total = spool(map(encode, _not_ahead(receipts)), lines)
        with shared_lock(layout.lock(data)):
            new = _publish_new(data, lines, folder, calls) if total else 0
    return ImportCounts(new, total - new)


def _not_ahead(receipts: Iterable[Receipt]) -> Iterator[Receipt]:
    """Pass receipts on, as long as none is too far ahead of the clock."""
    latest = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=AHEAD_HOURS)
    for receipt in receipts:
        if receipt.received_at > latest:
            raise UnreadableValue(
                f"received_at {receipt.received_at} is more than a day ahead of the clock",
                "correct it, or the clock, then import the same again",
            )
        yield receipt


def _publish_new(data: Path, lines: Path, folder: Path, calls: SystemCalls) -> int:
    """Publish a file for each day, in order of time; return the number of receipts."""
    writer = secrets.token_hex(8)
    with low_memory_connection(folder) as connection:
        connection.execute(f"create temp table incoming as select * from {from_lines([lines])}")
        stored = select_receipts(open_receipts(data, folder))
        connection.execute(_NEW_ROWS.format(id=_ID, stored=stored))
        connection.execute(_NEW_RECEIPTS.format(columns=", ".join(COLUMNS)))
        days = _days(connection)
        for day in days:
            staged = folder / f"{day}.parquet"
            write_parquet(connection, _select_day(day), staged)
            sealed = layout.receipts(data) / JournalName(day, writer, 1).sealed
            atomic_rename(staged, sealed, calls)
    return sum(days.values())


def _days(connection: duckdb.DuckDBPyConnection) -> dict[dt.date, int]:
    """Number of new receipts by day, in order of time."""
    query = "select received_at::date as day, count(*) from new_receipts group by day order by day"
    return dict(connection.execute(query).fetchall())


def _select_day(day: dt.date) -> str:
    return f"select * from new_receipts where received_at::date = date '{day}' order by received_at"
