"""How bytes are made to last: the system calls, and the one way in which a file gets its name.

The calls are handed in, so that a test can make the nth of them fail, for every n.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.errors import DataFolderMissing
from dlr_analytics.store.receipts.exchange import CANNOT, exchange

OURS: Final = 0o600
"""Files hold phone numbers: nobody else on the machine reads them."""

OUR_FOLDER: Final = 0o700


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
class Calls:
    """The system calls that storing rests on; each raises OSError where it fails."""

    open: Callable[[Path, int, int], int] = os.open
    write: Callable[[int, bytes | memoryview], int] = os.write
    sync: Callable[[int], None] = _sync_data
    truncate: Callable[[int, int], None] = os.ftruncate
    rename: Callable[[Path, Path], None] = os.replace
    unlink: Callable[[Path], None] = os.unlink
    exchange: Callable[[Path, Path], None] = exchange
    sync_folder: Callable[[Path], None] = _sync_folder


REAL: Final = Calls()


def existing(folder: Path) -> Path:
    """``folder``, if there is one.

    Raises
    ------
    DataFolderMissing
        If there is not.
    """
    if not folder.is_dir():
        raise DataFolderMissing(f"no folder {folder}", "check --data, or receive into it first")
    return folder


def make_folder(folder: Path, calls: Calls = REAL) -> None:
    """Make ``folder`` and what is missing above it, each of them on disk when this returns."""
    if folder.is_dir():
        return
    make_folder(folder.parent, calls)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(OUR_FOLDER)
    calls.sync_folder(folder.parent)


def place(staged: Path, final: Path, calls: Calls = REAL) -> None:
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
    staged.chmod(OURS)
    descriptor = calls.open(staged, os.O_RDWR | os.O_CLOEXEC, OURS)
    try:
        calls.sync(descriptor)
    finally:
        os.close(descriptor)
    make_folder(final.parent, calls)
    calls.rename(staged, final)
    calls.sync_folder(final.parent)


def take_place(staged: Path, final: Path, calls: Calls = REAL) -> None:
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
        if error.errno not in CANNOT:
            raise
        old = staged.with_suffix(".old")
        calls.rename(final, old)
        calls.rename(staged, final)
    calls.sync_folder(final.parent)
    calls.sync_folder(staged.parent)
    shutil.rmtree(old)


def write_all(descriptor: int, data: bytes, calls: Calls = REAL) -> None:
    """Write every byte, however few the system takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[calls.write(descriptor, rest) :]


@contextlib.contextmanager
def taken(path: Path) -> Iterator[bool]:
    """Hold a file for this process alone; False where another has it, or it is gone.

    Between opening and locking it another process may have dealt with it and removed it: then the
    name is gone or means another file, and what is locked is a file that nobody will find again.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _lock(descriptor) and _is(descriptor, path)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def shared(lock: Path) -> Iterator[None]:
    """Hold the data directory's lock with others who add files, against who takes files away."""
    with _holding(lock, fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold the data directory's lock against everybody, to take files away."""
    with _holding(lock, fcntl.LOCK_EX):
        yield


def is_held(lock: Path) -> bool:
    """Whether somebody holds a lock at this moment; its file is made where missing."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OURS)
    try:
        return not _lock(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _holding(lock: Path, how: int) -> Iterator[None]:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OURS)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
