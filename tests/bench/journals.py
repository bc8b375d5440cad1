"""A journal of receipts, as a receiver leaves it to be sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.sql import literal
from dlr_analytics.webhook.receipt import COLUMNS, Receipt

RECEIPTS: Final = 100_000


def journal(made: Path, data: Path) -> int:
    """Journal so many of the receipts that were made; how many it were."""
    files = literal(f"{layout.receipts(made)}/*/*.parquet")
    query = f"select {', '.join(COLUMNS)} from read_parquet({files}) limit {RECEIPTS}"
    with duckdb.connect() as connection:
        rows = connection.execute(query).fetchall()
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    receipts = [Receipt(**{**one, "problems": tuple(one["problems"])}) for one in records]
    day = receipts[0].received_at.date()
    writer = Writer(data)
    writer.probe()
    writer.write([Entry(day, encode(receipt)) for receipt in receipts])
    writer.release()
    return len(receipts)
