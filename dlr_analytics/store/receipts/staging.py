"""The staging folder of imports: one import at a time, nothing left behind.

An import compares its records with the stored ones under a lock, so that two imports of the same
file do not both find it new.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import make_data_folder, make_folder
from dlr_analytics.store.connection import connect, error_reason
from dlr_analytics.store.format import format_of
from dlr_analytics.store.locks import exclusive_lock
from dlr_analytics.store.spill import private_folder

_PREFIX: Final = "incoming-"
"""Of folders of killed imports of earlier releases."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Numbers of records that were new, and that were known already."""

    new: int
    known: int


@contextlib.contextmanager
def staging_folder(data: Path) -> Iterator[Path]:
    """Create a temporary folder in the data directory, and hold the lock of imports.

    Parameters
    ----------
    data : path
        The data directory; created if missing.

    Yields
    ------
    path
        On the data directory's disk; removed with its contents at the end. Those of killed
        processes are removed first.

    Raises
    ------
    NewerFormat
        A newer release has written the data directory.
    StoreError
        Instead of the errors of a full or read-only disk, also those raised in the block.
    """
    staging = layout.staging(data)
    format_of(data)
    try:
        make_data_folder(data)
        make_folder(staging)
        with exclusive_lock(layout.incoming_lock(data)):
            for leftover in staging.glob(f"{_PREFIX}*"):
                shutil.rmtree(leftover)
            with private_folder(staging) as folder:
                yield folder
    except (OSError, duckdb.Error) as error:
        reason = getattr(error, "strerror", None) or error_reason(error)
        raise StoreError(f"{data}: {reason}", "fix that, then import the same again") from error


def low_memory_connection(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a connection with little memory, since a receiver may run beside it."""
    return connect(folder, memory_limit="256MB")


def spool(lines: Iterable[bytes], path: Path) -> int:
    """Write lines to a temporary file, not synced, and count them."""
    count = 0
    with path.open("xb") as file:
        for count, line in enumerate(lines, start=1):  # noqa: B007 - the last one is returned
            file.write(line)
    return count
