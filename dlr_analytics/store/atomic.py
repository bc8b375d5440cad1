"""How bytes are made to last: the system calls, and the one way in which a file gets its name.

The calls are handed in, so that a test can make the nth of them fail, for every n.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.errors import DataFolderMissing
from dlr_analytics.store.receipts.exchange import UNSUPPORTED, exchange

FILE_MODE: Final = 0o600
"""Files hold phone numbers: nobody else on the machine reads them."""

FOLDER_MODE: Final = 0o700


def _sync_data(descriptor: int) -> None:
    if sys.platform == "darwin":
        # There, fsync only hands the bytes to the drive, which may keep them in its cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class SystemCalls:
    """The system calls that storing rests on; each raises OSError where it fails."""

    open: Callable[[Path, int, int], int] = os.open
    write: Callable[[int, bytes | memoryview], int] = os.write
    sync: Callable[[int], None] = _sync_data
    truncate: Callable[[int, int], None] = os.ftruncate
    rename: Callable[[Path, Path], None] = os.replace
    unlink: Callable[[Path], None] = os.unlink
    exchange: Callable[[Path, Path], None] = exchange
    sync_folder: Callable[[Path], None] = _sync_folder


REAL: Final = SystemCalls()


def existing_folder(folder: Path) -> Path:
    """``folder``, if there is one.

    Raises
    ------
    DataFolderMissing
        If there is not.
    """
    if not folder.is_dir():
        raise DataFolderMissing(f"no folder {folder}", "check --data, or receive into it first")
    return folder


def make_folder(folder: Path, calls: SystemCalls = REAL) -> None:
    """Make ``folder`` and what is missing above it, each of them on disk when this returns."""
    if folder.is_dir():
        return
    make_folder(folder.parent, calls)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(FOLDER_MODE)
    calls.sync_folder(folder.parent)


def atomic_rename(staged: Path, final: Path, calls: SystemCalls = REAL) -> None:
    """Give a finished file its name: sync it, rename it, sync the folder.

    Parameters
    ----------
    staged : path
        The file, complete, on the same disk as ``final`` and outside of what readers list.
    final : path
        Its name. A file that has it is replaced; its folder is made where missing.

    Raises
    ------
    OSError
        ``final`` is then as it was, or complete.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "staged").write_text("all of it")
    >>> place(folder / "staged", folder / "day" / "name")
    >>> (folder / "day" / "name").read_text()
    'all of it'
    """
    staged.chmod(FILE_MODE)
    descriptor = calls.open(staged, os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
    try:
        calls.sync(descriptor)
    finally:
        os.close(descriptor)
    make_folder(final.parent, calls)
    calls.rename(staged, final)
    calls.sync_folder(final.parent)


def replace_folder(staged: Path, final: Path, calls: SystemCalls = REAL) -> None:
    """Give a finished folder of derived files the name of another one, which is removed.

    Where folders cannot be exchanged there is none of that name for a moment.

    Raises
    ------
    OSError
        ``final`` is then the one or the other, or where folders cannot be exchanged, missing.
    """
    old = staged
    try:
        calls.exchange(staged, final)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        old = staged.with_suffix(".old")
        calls.rename(final, old)
        calls.rename(staged, final)
    calls.sync_folder(final.parent)
    calls.sync_folder(staged.parent)
    shutil.rmtree(old)


def write_all(descriptor: int, data: bytes, calls: SystemCalls = REAL) -> None:
    """Write every byte, however few the system takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[calls.write(descriptor, rest) :]
