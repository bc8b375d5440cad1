"""File locks: the locks of the data directory, and a lock on one file.

Locks are ``flock``: the kernel releases them when their process ends, however it ends, so that no
lock outlives a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from dlr_analytics.store.atomic import FILE_MODE, inherit_access


@contextlib.contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Lock one file without waiting; False if another process has it or it is gone.

    Between opening and locking, another process may have processed and removed the file. Then the
    name is gone or means another file, and the lock is on a file that nobody can find any more.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _lock_now(descriptor) and _is_same_file(descriptor, path)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def shared_lock(lock: Path) -> Iterator[None]:
    """Hold a lock of the data directory together with others who add files."""
    with _locked(lock, fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def exclusive_lock(lock: Path) -> Iterator[None]:
    """Hold a lock of the data directory alone, in order to remove files."""
    with _locked(lock, fcntl.LOCK_EX):
        yield


def is_locked(lock: Path) -> bool:
    """Whether a process holds a lock now; its file is created where missing."""
    descriptor = _open(lock)
    try:
        return not _lock_now(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _locked(lock: Path, operation: int) -> Iterator[None]:
    descriptor = _open(lock)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)


def _open(lock: Path) -> int:
    """Open the file of a lock, and create it where it is missing."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(lock, flags, FILE_MODE)
    with contextlib.suppress(PermissionError):  # it belongs to another user of the group
        inherit_access(descriptor, lock.parent)
    return descriptor


def _lock_now(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
