"""Many files of a day written as one: which of them, in what order, how encoded."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store.atomic import SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts import generations
from dlr_analytics.store.sql import from_parquet, literal
from dlr_analytics.webhook.receipt import COLUMNS

PARQUET_OPTIONS: Final = (
    "format parquet",
    "parquet_version v2",
    "compression zstd",
    "compression_level 9",
    "row_group_size 61440",
)
"""Version 2 has the delta encodings: with the level, a sixth smaller than what was sealed."""

DEFAULT_MEMORY: Final = 2 * 2**30
"""What merging may take, where nobody says how much; with half of it, it takes as long."""

BLOOM_FILTER_MIN_ROWS: Final = 500_000
"""Receipts a day, from which looking for one message among them is worth a filter."""

BLOOM_FILTER_OPTIONS: Final = (
    "dictionary_size_limit 46000",
    "string_dictionary_page_size_limit 4000000",
    "bloom_filter_false_positive_ratio 0.1",
)
"""DuckDB has Bloom filters for columns with dictionaries only. These limits let IDs have one, three
quarters of a group or fewer being different, but neither ``raw`` nor ``received_at``."""


def mergeable(live: list[Path]) -> list[Path]:
    """The files that have our columns and no others, which a merged file would lose.

    To describe a file takes longer than to merge it: of those that name the same, one is.
    """
    if not live:
        return []
    with connect() as connection:
        alike = connection.execute(
            "select list(file_name) from (select file_name,"
            " list_sort(list(concat_ws(':', name, num_children))) as named"
            " from parquet_schema($1) group by file_name) group by named",
            [list(map(str, live))],
        ).fetchall()
        ours = {file for (some,) in alike if _is_ours(some[0], connection) for file in some}
    return [path for path in live if str(path) in ours]


def _is_ours(file: str, connection: duckdb.DuckDBPyConnection) -> bool:
    source = f"read_parquet({literal(file)}, hive_partitioning = false)"
    described = connection.execute(f"describe from {source}").fetchall()
    return {row[0] for row in described} == set(COLUMNS)


def write_merged(
    merged: list[Path],
    hidden: frozenset[Path],
    aside: Path,
    calls: SystemCalls,
    memory: int | None = None,
) -> Path:
    """The merged file, alone in a folder aside, synced under its name."""
    make_folder(aside, calls)
    number = 1 + max(map(generations.generation_of, [*merged, *hidden]), default=0)
    replaces = sorted({path.name for path in (*merged, *hidden)})
    draft = aside.with_suffix(".draft")
    limits = {"memory_limit": f"{memory or DEFAULT_MEMORY}B", "temp_directory": str(aside.parent)}
    with connect(**limits) as connection:
        query = f"select {', '.join(COLUMNS)} from {from_parquet(merged)} order by received_at"
        is_large = _rows(merged, connection) >= BLOOM_FILTER_MIN_ROWS
        options = PARQUET_OPTIONS + (BLOOM_FILTER_OPTIONS if is_large else ())
        connection.execute(
            f"copy ({query}) to {literal(str(draft))} ({', '.join(options)},"
            f" kv_metadata {{{generations.FOOTER_KEY}: {literal(chr(10).join(replaces))}}})"
        )
    written = aside / generations.file_name(number)
    atomic_rename(draft, written, calls)
    return written


def _rows(files: list[Path], connection: duckdb.DuckDBPyConnection) -> int:
    ((rows,),) = connection.execute(
        "select sum(num_rows) from parquet_file_metadata($1)", [list(map(str, files))]
    ).fetchall()
    return int(rows)
