"""The store's connections to DuckDB: in memory, and never to the network."""

from __future__ import annotations

import contextlib
from typing import Final

import duckdb

_PLAIN: Final = (OSError, duckdb.IOException, duckdb.OutOfMemoryException)


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
    connection = duckdb.connect(config={**offline, **config})
    # DuckDB's own bar is shown in a pipe too. In a notebook without ipywidgets there is none, and
    # no setting for it.
    with contextlib.suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar = false")
    return connection


def error_reason(error: Exception) -> str:
    """What may be logged of an error, in one line.

    Those of the system and of DuckDB about files and memory say what went wrong; DuckDB's others
    quote the value that they stumbled over, and are told by their kind.

    Examples
    --------
    >>> reason(duckdb.ConversionException("Could not convert string '447700900123'"))
    'ConversionException'
    """
    if not isinstance(error, _PLAIN):
        return type(error).__name__
    return " ".join(str(error).partition("\n")[0].split())
