"""Many files of a day written as one: which of them, in what order, how encoded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from dlr_analytics.receipt import COLUMNS
from dlr_analytics.store import generations
from dlr_analytics.store.duck import connect
from dlr_analytics.store.files import Calls, make_folder, place
from dlr_analytics.store.sql import from_parquet, literal


def mergeable(live: Iterable[Path]) -> list[Path]:
    """The files that have our columns and no others, which a merged file would lose."""
    with connect() as connection:
        return [path for path in live if _columns(path, connection) == set(COLUMNS)]


def _columns(path: Path, connection: duckdb.DuckDBPyConnection) -> set[str]:
    source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
    return {row[0] for row in connection.execute(f"describe from {source}").fetchall()}


def write(merged: list[Path], hidden: frozenset[Path], aside: Path, calls: Calls) -> Path:
    """The merged file, alone in a folder aside, synced under its name."""
    make_folder(aside, calls)
    number = 1 + max(map(generations.number, [*merged, *hidden]), default=0)
    replaces = sorted({path.name for path in (*merged, *hidden)})
    draft = aside.with_suffix(".draft")
    with connect(temp_directory=str(aside.parent)) as connection:
        query = f"select {', '.join(COLUMNS)} from {from_parquet(merged)} order by received_at"
        # Version 2 has the delta encodings: a sixth smaller than plain pages.
        connection.execute(
            f"copy ({query}) to {literal(str(draft))} (format parquet, compression zstd,"
            f" parquet_version v2, kv_metadata {{{generations.FOOTER_KEY}:"
            f" {literal(chr(10).join(replaces))}}})"
        )
    written = aside / generations.name(number)
    place(draft, written, calls)
    return written
