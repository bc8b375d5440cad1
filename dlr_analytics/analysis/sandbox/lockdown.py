"""Lock-down of a connection, for statements that the checks would miss.

DuckDB does not allow these settings to be reverted while the database is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb


def lock_configuration(connection: duckdb.DuckDBPyConnection) -> None:
    """Prevent statements from changing settings: no logging, profile or extension.

    Rows keep the order of their statement from now on: otherwise DuckDB reads materialized rows
    with several threads, and loses ``order by`` beyond 2,048 rows.
    """
    connection.execute("set preserve_insertion_order = true")
    connection.execute("set lock_configuration = true")


def restrict_files(
    connection: duckdb.DuckDBPyConnection, files: Iterable[Path], folder: Path | None = None
) -> None:
    """Prevent statements from reading other files, attaching and installing.

    ``folder`` is one whose files may be read too, also those that it does not have yet.
    """
    if folder is not None:
        connection.execute("set allowed_directories = $1", [[f"{folder.absolute()}/"]])
    connection.execute("set allowed_paths = $1", [[str(file.absolute()) for file in files]])
    connection.execute("set enable_external_access = false")
