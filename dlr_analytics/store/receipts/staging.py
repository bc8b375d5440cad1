"""Where what is handed in waits until it is stored: one at a time, nothing left behind.

Whoever compares what comes in with what is stored holds the lock, so that two who hand in the same
file do not both find it new.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import make_folder
from dlr_analytics.store.connection import connect
from dlr_analytics.store.locks import exclusive_lock

_PREFIX: Final = "incoming-"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many records were new, and how many were known already."""

    new: int
    known: int


@contextlib.contextmanager
def staging_folder(data: Path) -> Iterator[Path]:
    """A folder of one's own in the data directory, and the lock of those who take files in.

    Parameters
    ----------
    data : path
        The data directory; made where missing.

    Yields
    ------
    path
        On the data directory's disk; removed with all that is in it at the end. What a killed
        import left there is removed first.

    Raises
    ------
    StoreError
        In place of what a disk that is full or read-only raises, inside of the block too.
    """
    staging = layout.staging(data)
    try:
        make_folder(staging)
        with exclusive_lock(layout.incoming_lock(data)):
            for leftover in staging.glob(f"{_PREFIX}*"):
                shutil.rmtree(leftover)
            with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=staging) as folder:
                yield Path(folder)
    except (OSError, duckdb.Error) as error:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise StoreError(f"{data}: {reason}", "fix that, then hand in the same again") from error


def low_memory_connection(folder: Path) -> duckdb.DuckDBPyConnection:
    """What compares with what is stored: in little memory, since a receiver may run beside it."""
    return connect(memory_limit="256MB", temp_directory=str(folder))


def spool(lines: Iterable[bytes], path: Path) -> int:
    """Write lines to a file, which need not outlive a crash; how many they were."""
    count = 0
    with path.open("xb") as file:
        for count, line in enumerate(lines, start=1):  # noqa: B007 - the last one is the answer
            file.write(line)
    return count
