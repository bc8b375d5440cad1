"""Merge of a day's files: which ones, in which order, with which encoding."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store.atomic import SystemCalls, atomic_rename
from dlr_analytics.store.connection import connect
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.receipts import generations, merge_record
from dlr_analytics.store.spill import scratch_folder
from dlr_analytics.store.sql import from_parquet, literal
from dlr_analytics.webhook.receipt import ADDED_COLUMNS, COLUMNS

PARQUET_OPTIONS: Final = (
    "parquet_version v2",
    "compression zstd",
    "compression_level 9",
    "row_group_size 61440",
)
"""Version 2 has delta encodings: with this level, files are a sixth smaller than sealed ones."""

DEFAULT_MEMORY: Final = 2 * 2**30
"""Bytes of memory for merging; with half of it, merging takes as long."""

BLOOM_FILTER_MIN_ROWS: Final = 500_000
"""Receipts in a day from which a Bloom filter on ``message_id`` pays for itself."""

BLOOM_FILTER_OPTIONS: Final = (
    "dictionary_size_limit 46000",
    "string_dictionary_page_size_limit 4000000",
    "bloom_filter_false_positive_ratio 0.1",
)
"""DuckDB writes Bloom filters only for columns with dictionaries. These limits give ``message_id``
one if at most three quarters of a row group's IDs differ, but neither ``raw`` nor
``received_at``."""


_ORDER: Final = f"received_at, message_id, hash({', '.join(COLUMNS)})"
"""A total one: two hosts that merge the same files write the same bytes, under the same name."""


def mergeable(live: list[Path]) -> list[Path]:
    """The files that have our columns and no others, which a merged file would lose.

    Describing a file takes longer than merging it: files with the same columns are described once.
    """
    if not live:
        return []
    with connect() as connection:
        alike = connection.execute(
            "select list(file_name) from (select file_name,"
            " list_sort(list(concat_ws(':', name, num_children))) as schema_key"
            " from parquet_schema($1) group by file_name) group by schema_key",
            [list(map(str, live))],
        ).fetchall()
        ours = {file for (files,) in alike if _is_ours(files[0], connection) for file in files}
    return [path for path in live if str(path) in ours]


def _is_ours(file: str, connection: duckdb.DuckDBPyConnection) -> bool:
    source = f"read_parquet({literal(file)}, hive_partitioning = false)"
    described = connection.execute(f"describe from {source}").fetchall()
    return {row[0] for row in described} | ADDED_COLUMNS == set(COLUMNS)


def write_merged(
    data: Path,
    inputs: list[Path],
    others: list[Path],
    staged: Path,
    calls: SystemCalls,
    memory: int | None = None,
) -> Path:
    """Write the merged file, synced, as the only file of the folder ``staged``.

    It replaces the inputs and what they replace, and nothing of the ``others``: files of the day
    that stay beside it, since they have columns that it would lose.
    """
    superseded = generations.replaced_files(inputs)
    earlier = map(generations.generation_of, [*inputs, *superseded, *others])
    generation = 1 + max(earlier, default=0)
    footer = generations.footer_of(inputs, superseded) | merge_record.merged_footer(inputs)
    draft = staged.with_suffix(".draft")
    limit = f"{memory or DEFAULT_MEMORY}B"
    with scratch_folder(data) as spill, connect(spill, memory_limit=limit) as connection:
        columns = ", ".join(COLUMNS)
        query = f"select {columns} from {from_parquet(inputs)} order by {_ORDER}"
        options = parquet_options(row_count(inputs, connection))
        checksum = write_parquet(connection, query, draft, options, footer)
    merged = staged / generations.file_name(generation, checksum)
    atomic_rename(draft, merged, calls)
    return merged


def parquet_options(rows: int) -> tuple[str, ...]:
    """Options of COPY for a merged file with so many receipts."""
    return PARQUET_OPTIONS + (BLOOM_FILTER_OPTIONS if rows >= BLOOM_FILTER_MIN_ROWS else ())


def row_count(files: list[Path], connection: duckdb.DuckDBPyConnection) -> int:
    """Rows of Parquet files together, by their footers."""
    ((rows,),) = connection.execute(
        "select sum(num_rows) from parquet_file_metadata($1)", [list(map(str, files))]
    ).fetchall()
    return int(rows)
