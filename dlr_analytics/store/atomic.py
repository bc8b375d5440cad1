"""Durable writes: the system calls and the atomic rename.

A file is written under ``staging/``, synced, renamed to its final name, and the folder is synced:
readers see the whole file or none, also after a power failure. The system calls are handed in, so
that a test can make the nth of them fail, for every n.
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
"""Files hold phone numbers: no other user of the machine may read them."""

FOLDER_MODE: Final = 0o700


def _sync_data(descriptor: int) -> None:
    if sys.platform == "darwin":
        # fsync of macOS only hands the bytes to the drive, which may keep them in its cache.
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
    """The system calls that durability depends on; each raises OSError on failure."""

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
    """Return ``folder`` if it exists.

    Raises
    ------
    DataFolderMissing
        If it does not.
    """
    if not folder.is_dir():
        raise DataFolderMissing(f"no folder {folder}", "check --data, or receive into it first")
    return folder


def make_folder(folder: Path, calls: SystemCalls = REAL) -> None:
    """Create ``folder`` and its missing parents, and sync each of them to disk."""
    if folder.is_dir():
        return
    make_folder(folder.parent, calls)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(FOLDER_MODE)
    calls.sync_folder(folder.parent)


def atomic_rename(staged: Path, final: Path, calls: SystemCalls = REAL) -> None:
    """Sync a finished file, rename it to its final name, and sync the folder.

    Parameters
    ----------
    staged : path
        The complete file, on the same disk as ``final`` and outside the folders that readers list.
    final : path
        The final name. An existing file is replaced; missing folders are created.

    Raises
    ------
    OSError
        ``final`` is then either unchanged or complete.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "staged").write_text("all of it")
    >>> atomic_rename(folder / "staged", folder / "day" / "name")
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
    """Replace a folder of derived files with a finished one, and remove the old one.

    Where the system cannot exchange folders, ``final`` is missing for a moment.

    Raises
    ------
    OSError
        ``final`` is then the old or the new folder, or missing where folders cannot be exchanged.
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
    """Write every byte, in as many calls as the system needs."""
    rest = memoryview(data)
    while rest:
        rest = rest[calls.write(descriptor, rest) :]
