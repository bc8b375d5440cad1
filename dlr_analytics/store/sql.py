"""SQL text that reads and writes the store's files.

Columns are by default those of ``receipts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from dlr_analytics.webhook.privacy import HASH, MASK
from dlr_analytics.webhook.receipt import COLUMNS

AHEAD: Final = "(received_at > make_timestamp(epoch_us(now())) + interval 1 day)"
"""SQL condition: received more than a day ahead of the clock."""

HASHED: Final = f"regexp_full_match(msisdn, '{HASH.pattern}')"
"""SQL condition: the number is stored as a hash."""

MASKED: Final = f"contains(msisdn, '{MASK}')"
"""SQL condition: the number is stored masked."""

DEFAULT_OPTIONS: Final = ("compression zstd",)
"""Options of COPY for files of few rows."""


def literal(text: str) -> str:
    """Quote ``text`` as a string literal.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def from_lines(paths: Iterable[Path], types: Mapping[str, str] = COLUMNS) -> str:
    """Table of the JSON lines in files, read strictly; ``types`` by column.

    Examples
    --------
    >>> from_lines([Path("a.jsonl")])
    "read_json(['a.jsonl'], format = 'newline_delimited', columns = {received_at: 'TIMESTAMP',..."
    """
    columns = ", ".join(f"{name}: {literal(type_)}" for name, type_ in types.items())
    return f"read_json({_files(paths)}, format = 'newline_delimited', columns = {{{columns}}})"


def from_parquet(
    paths: Iterable[Path], types: Mapping[str, str] = COLUMNS, *, file_column: str = ""
) -> str:
    """Table of some columns of Parquet files; ``types`` by column.

    ``file_column`` names a column with the path of each row's file.

    With a schema, since by default the first file's applies and columns that only later files have
    are dropped silently.

    Examples
    --------
    >>> from_parquet([Path("a.parquet")])
    "read_parquet(['a.parquet'], schema = map {'received_at': {name: 'received_at', ...})"
    """
    columns = ", ".join(
        f"{literal(name)}: {{name: {literal(name)}, type: {literal(type_)}, default_value: null}}"
        for name, type_ in types.items()
    )
    return f"read_parquet({_files(paths)}, schema = map {{{columns}}}{_with_file(file_column)})"


def from_files(paths: Iterable[Path], *, file_column: str = "") -> str:
    """Table of Parquet files that all have the same columns.

    ``file_column`` names a column with the path of each row's file.

    Examples
    --------
    >>> from_files([Path("a.parquet")])
    "read_parquet(['a.parquet'], hive_partitioning = false)"
    """
    return f"read_parquet({_files(paths)}, hive_partitioning = false{_with_file(file_column)})"


def to_parquet(query: str, path: Path, options: Iterable[str] = DEFAULT_OPTIONS) -> str:
    """Statement that writes the result of a query, without a checksum.

    Examples
    --------
    >>> to_parquet("select 1 as a", Path("a.parquet"))
    "copy (select 1 as a) to 'a.parquet' (format parquet, compression zstd)"
    """
    return f"copy ({query}) to {literal(str(path))} ({', '.join(['format parquet', *options])})"


def no_rows(types: Mapping[str, str] = COLUMNS) -> str:
    """Table with the columns ``types`` and no rows."""
    nulls = ", ".join(f"null::{type_} as {name}" for name, type_ in types.items())
    return f"(select {nulls} limit 0)"


def _with_file(column: str) -> str:
    return f", filename = {literal(column)}" if column else ""


def _files(paths: Iterable[Path]) -> str:
    return "[" + ", ".join(literal(str(path)) for path in paths) + "]"
