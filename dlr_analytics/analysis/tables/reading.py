"""Copies of the user's tables as Parquet: from data frames, relations and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlr_analytics.analysis.engines.duckdb import Connection
from dlr_analytics.analysis.sandbox.files import is_forbidden
from dlr_analytics.analysis.sandbox.parse_tree import READABLE_SUFFIXES
from dlr_analytics.errors import UnusableFile
from dlr_analytics.store.sql import literal


def copy_table(connection: Connection, name: str, table: Any, keys: list[str], file: Path) -> None:
    """Write a table to a Parquet file; the keys of a CSV file stay text.

    Raises
    ------
    UnusableFile
        If it is a path to no file that can be read.
    """
    if isinstance(table, str | Path):
        connection.sql(f"from {_reader(connection, name, Path(table), keys)}").write_parquet(
            str(file)
        )
    elif hasattr(table, "write_parquet") and hasattr(table, "fetchall"):
        table.write_parquet(str(file))
    else:
        connection.register("given", table)
        try:
            connection.sql("from given").write_parquet(str(file))
        finally:
            connection.unregister("given")


def _reader(connection: Connection, name: str, path: Path, keys: list[str]) -> str:
    """The table function that reads a file."""
    kind = path.name.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
    if not path.name.lower().endswith(READABLE_SUFFIXES) or not path.is_file():
        raise UnusableFile(
            f"table {name}: {path} is no file that can be read", "give CSV, TSV, JSON or Parquet"
        )
    if is_forbidden(str(path)):
        raise UnusableFile(f"table {name}: {path} is a file of the system or of secrets")
    if any(sign in str(path) for sign in "*?["):
        raise UnusableFile(f"table {name}: {path} reads as a pattern", "rename the file")
    source = literal(str(path))
    if kind == "parquet":
        return f"read_parquet({source}, hive_partitioning = false)"
    if kind not in ("csv", "tsv"):
        return f"read_json({source}, sample_size = -1)"
    options = "header = true, sample_size = -1, hive_partitioning = false"
    if kind == "tsv":
        options += ", delim = '\t'"
    found = connection.sql(f"from read_csv({source}, {options}, all_varchar = true)").columns
    texts = ", ".join(f"{literal(key)}: 'VARCHAR'" for key in keys if key in found)
    types = f", types = {{{texts}}}" if texts else ""
    return f"read_csv({source}, {options}{types})"
