"""Copies of files that a merged one replaces: no reader counts their receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts import generations
from dlr_analytics.store.receipts.scanning import stored_files
from dlr_analytics.store.sql import from_parquet, literal

_COLUMNS: Final = {"received_at": "TIMESTAMP", "message_timestamp": "TIMESTAMP"}


def old_copies(data: Path, before: dt.date, damaged: Iterable[Path] = ()) -> list[Path]:
    """Replaced files with receipts from before a UTC date, sorted.

    A restore over a folder leaves them, or a collected file that is sent again. Of a day with a
    damaged file there are none: it may be what replaces the others.

    Raises
    ------
    duckdb.Error
        A file cannot be read.
    """
    days = {path.parent for path in damaged}
    while True:
        names = map(Path, stored_files(layout.receipts(data), ".parquet"))
        files = {path for path in names if path.parent not in days}
        try:
            return _with_old(sorted(generations.replaced_files(files) & files), before)
        except duckdb.Error:
            if all(path.exists() for path in files):
                raise
            # compacted since they were listed


def _with_old(copies: list[Path], before: dt.date) -> list[Path]:
    if not copies:
        return []
    source = from_parquet(copies, _COLUMNS, file_column="filename")
    day = f"timestamp {literal(str(before))}"
    with connect() as connection:
        rows = connection.execute(
            f"select distinct filename from {source}"
            f" where least(received_at, message_timestamp) < {day} order by all"
        ).fetchall()
    return [Path(name) for (name,) in rows]
