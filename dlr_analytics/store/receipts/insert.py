"""Receipts from elsewhere: what is not stored yet becomes sealed files, one a day.

A receipt is known if one with equal message_id (without regard to case), status, err_code, scts_raw
and message_timestamp is stored, as many times as the file holds it. Days are published in order of
time, and of equal receipts the earliest are taken for the known ones: so what a killed import has
published is what the next one leaves out, and the end is the same.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.locks import shared_lock
from dlr_analytics.store.receipts.read import open_receipts, select_receipts
from dlr_analytics.store.receipts.staging import (
    ImportCounts,
    low_memory_connection,
    spool,
    staging_folder,
)
from dlr_analytics.store.sql import from_lines, to_parquet
from dlr_analytics.webhook.receipt import COLUMNS, Receipt

_ID: Final = r"lower(trim(message_id, e' \t\r\n'))"

_FRESH: Final = """
create temp table fresh as
with stored as (
    select {id} as id, status, err_code, scts_raw, message_timestamp, count(*) as times
    from ({held})
    where {id} in (select {id} from came)
    group by all
),
keyed as materialized (
    select rowid as place, {id} as id, status, err_code, scts_raw, message_timestamp, received_at,
        md5(raw) as told
    from came
),
counted as (
    select *, row_number() over (
        partition by id, status, err_code, scts_raw, message_timestamp order by received_at, told
    ) as nth
    from keyed
)
select place
from counted left join stored
    on counted.id = stored.id
    and counted.status is not distinct from stored.status
    and counted.err_code is not distinct from stored.err_code
    and counted.scts_raw is not distinct from stored.scts_raw
    and counted.message_timestamp is not distinct from stored.message_timestamp
where nth > coalesce(times, 0)
"""

# Whole receipts are moved once, when it is known how many are fresh: of a guess DuckDB may hash the
# receipts in place of the fresh, and what is hashed must fit into memory.
_NEW: Final = """
create temp table new as
select {columns}
from came
where rowid in (select place from fresh)
"""


def import_receipts(
    data: Path, receipts: Iterable[Receipt], calls: SystemCalls = REAL
) -> ImportCounts:
    """Store those receipts that are not stored yet, also beside a running receiver.

    Parameters
    ----------
    data : path
        The data directory; made where missing.
    receipts : iterable of Receipt
        Of one file; read once, as a stream.
    calls : Calls, optional
        The system calls to make.

    Returns
    -------
    Taken
        How many were new, and how many known.

    Raises
    ------
    StoreError
        Days that were published stay; importing the file again stores the rest.
    """
    with staging_folder(data) as folder:
        lines = folder / "receipts.jsonl"
        came = spool(map(encode, receipts), lines)
        with shared_lock(layout.lock(data)):
            new = _publish_new(data, lines, folder, calls) if came else 0
    return ImportCounts(new, came - new)


def _publish_new(data: Path, lines: Path, folder: Path, calls: SystemCalls) -> int:
    """Give each day's new receipts their file, in order of time; how many receipts they are."""
    writer = secrets.token_hex(8)
    with low_memory_connection(folder) as connection:
        connection.execute(f"create temp table came as select * from {from_lines([lines])}")
        connection.execute(_FRESH.format(id=_ID, held=select_receipts(open_receipts(data, folder))))
        connection.execute(_NEW.format(columns=", ".join(COLUMNS)))
        days = _days(connection)
        for day in days:
            staged = folder / f"{day}.parquet"
            connection.execute(to_parquet(_of(day), staged))
            atomic_rename(staged, layout.receipts(data) / JournalName(day, writer, 1).sealed, calls)
    return sum(days.values())


def _days(connection: duckdb.DuckDBPyConnection) -> dict[dt.date, int]:
    """How many new receipts each day has, in order of time."""
    per_day = "select received_at::date as day, count(*) from new group by day order by day"
    return dict(connection.execute(per_day).fetchall())


def _of(day: dt.date) -> str:
    return f"select * from new where received_at::date = date '{day}' order by received_at"
