"""The store's connections to DuckDB: in memory, without network access."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.errors import DamagedFile, StoreError

_QUOTABLE: Final = (
    OSError,
    StoreError,
    DamagedFile,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
)

_SYSTEM_ERROR: Final = re.compile(r'"exception_message":("(?:[^"\\]|\\.)*").*"errno"')


def connect(spill: Path | None = None, **config: str) -> duckdb.DuckDBPyConnection:
    """Open a connection; ``config`` is DuckDB's configuration.

    Data that exceeds the memory limit is written to the folder ``spill``. Without one the statement
    fails: DuckDB would write to ``.tmp`` in the working directory. Extensions are not loaded
    automatically: by default DuckDB would download them.

    Examples
    --------
    >>> with connect(threads="1") as connection:
    ...     connection.execute("select current_setting('threads')").fetchall()
    [(1,)]
    """
    offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    folder = {"temp_directory": str(spill or "")}
    connection = duckdb.connect(config={**offline, **folder, **config})
    # DuckDB shows its progress bar in a pipe too. In a notebook without ipywidgets there is none,
    # and no setting for it.
    with contextlib.suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar = false")
    return connection


def system_reason(error: Exception) -> str | None:
    r"""The reason why the system refused DuckDB a file; None for other errors.

    Examples
    --------
    >>> system_reason(duckdb.IOException(
    ...     'IO Error: Async write failed for range [offset=0, size=108]: {"exception_type":"IO",'
    ...     '"exception_message":"Could not write file \\"a.draft\\": No space left on device",'
    ...     '"errno":"28"}'
    ... ))
    'Could not write file "a.draft": No space left on device'
    """
    found = _SYSTEM_ERROR.search(str(error)) if isinstance(error, duckdb.IOException) else None
    return None if found is None else str(json.loads(found[1]))


def error_reason(error: Exception) -> str:
    """What may be logged of an error, in one line.

    Errors of the system, and those of DuckDB about files and memory, say what went wrong. DuckDB's
    other errors quote the value that caused them; of these only the type is returned.

    Examples
    --------
    >>> error_reason(duckdb.ConversionException("Could not convert string '447700900123'"))
    'ConversionException'
    """
    if not isinstance(error, _QUOTABLE):
        return type(error).__name__
    if (reason := system_reason(error)) is not None:
        return reason
    return " ".join(str(error).partition("\n")[0].split())
