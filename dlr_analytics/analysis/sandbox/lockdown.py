"""The walls behind the gate: what a connection can no longer do, whatever statement gets through.

DuckDB takes none of these settings back while the database lives.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb


def lock_configuration(connection: duckdb.DuckDBPyConnection) -> None:
    """No statement changes a setting: no logging, no profile written, no extension allowed.

    From here on rows come in the order that a statement gives them: DuckDB otherwise reads what it
    has materialized with several threads, and ``order by`` is lost beyond 2,048 rows.
    """
    connection.execute("set preserve_insertion_order = true")
    connection.execute("set lock_configuration = true")


def restrict_files(connection: duckdb.DuckDBPyConnection, files: Iterable[Path]) -> None:
    """No statement reaches a file but these, attaches, installs, or reaches the network."""
    connection.execute("set allowed_paths = $1", [[str(file.absolute()) for file in files]])
    connection.execute("set enable_external_access = false")
