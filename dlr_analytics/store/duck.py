"""The store's connections to DuckDB: in memory, and never to the network."""

from __future__ import annotations

import duckdb


def connect(**config: str) -> duckdb.DuckDBPyConnection:
    """A connection of one's own; ``config`` is DuckDB's.

    Without this, DuckDB downloads an extension where it believes that one is needed.

    Examples
    --------
    >>> with connect(threads="1") as connection:
    ...     connection.execute("select current_setting('threads')").fetchall()
    [(1,)]
    """
    offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(config={**offline, **config})
