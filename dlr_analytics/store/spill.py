"""Private folders for temporary data, removed even if their process is killed.

Questions, merges and seals spill to disk what does not fit into memory, and questions copy
journals. All of that holds phone numbers, so it lies in folders that only their user can enter,
whatever the umask is. Each process has one, ``staging/dlr-spill-…`` in the data directory, or in
the system's folder for temporary files where ``staging/`` is missing, full or read-only (a reader
does not create ``staging/``: the receiver might not be allowed to write in it), or in a bucket.

A process holds a ``flock`` on its folder. It removes the folder when it ends; if it is killed, the
kernel releases the lock, and whoever makes such a folder next removes all those beside it whose
lock is free. Between creation and locking a folder looks like one of a dead process: its creator
checks after locking that it still exists, and else creates another.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import stat
import tempfile
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dlr_analytics.errors import StoreError
from dlr_analytics.settings.bucket_path import BucketPath
from dlr_analytics.store import layout
from dlr_analytics.store.locks import try_lock

PREFIX: Final = "dlr-spill-"

DATA_DIRECTORIES: Final = 16
"""Folders of a process that are kept until it ends: of the last data directories it used."""

_ONE_AT_A_TIME: Final = threading.Lock()
"""Two threads that begin at once share the folder of their process."""


def spill_folder(data: Path) -> Path:
    """Create a folder for what one connection spills; removed when the process ends.

    Parameters
    ----------
    data : path
        The data directory that is read or written, or a bucket.

    Returns
    -------
    path
        An empty folder in the one of this process.

    Raises
    ------
    StoreError
        No folder can be created, neither in the data directory nor elsewhere.

    Examples
    --------
    >>> folder = spill_folder(Path("data/sample"))
    >>> oct(folder.parent.stat().st_mode & 0o777), folder.parent.name.startswith(PREFIX)
    ('0o700', True)
    """
    folder, created = _create(data)
    _keep(folder)
    return created


@contextlib.contextmanager
def scratch_folder(data: Path) -> Iterator[Path]:
    """Create a folder in that of this process; removed at the end of the block.

    Raises
    ------
    StoreError
        As :func:`spill_folder`.
    """
    folder, created = _create(data)
    try:
        yield created
    finally:
        shutil.rmtree(created, ignore_errors=True)
        del folder  # it is removed too unless a connection may spill into it


@contextlib.contextmanager
def private_folder(parent: Path | None = None) -> Iterator[Path]:
    """Create a locked folder for its user only; removed at the end of the block.

    Parameters
    ----------
    parent : path, optional
        By default the system's folder for temporary files. Folders of killed processes in it are
        removed first.

    Raises
    ------
    OSError
        It cannot be created.

    Examples
    --------
    >>> with private_folder() as folder:
    ...     _ = (folder / "numbers").write_text("447700900123")
    >>> folder.exists()
    False
    """
    parent = parent or _temporary()
    process = os.getpid()
    sweep(parent)
    with contextlib.ExitStack() as locks:
        folder = _create_locked(parent, locks)
        try:
            yield folder
        finally:
            if os.getpid() == process:  # else a fork of it ends
                shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove the folders of processes that are gone; those of other users stay."""
    for path in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = path.lstat()
            owned = status.st_uid in (os.geteuid(), parent.stat().st_uid)
            if owned and stat.S_ISDIR(status.st_mode):
                with try_lock(path) as is_free:
                    if is_free:
                        shutil.rmtree(path)


def _temporary() -> Path:
    """The system's folder for temporary files, that of TMPDIR first."""
    return Path(tempfile.gettempdir())


def _create_locked(parent: Path, locks: contextlib.ExitStack) -> Path:
    """Create a folder and lock it; the lock is released with ``locks``."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        try:
            if locks.enter_context(try_lock(folder)):
                (folder / "probe").write_bytes(b"probe\n")  # the disk may be full
                (folder / "probe").unlink()
                return folder
        except OSError:  # folders cannot be locked there (NFS), likewise
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _create(data: Path) -> tuple[_ProcessFolder, Path]:
    """Create a folder in the one of this process; return both."""
    reasons = []
    local = () if isinstance(data, BucketPath) else (layout.staging(data).absolute(),)
    for staging in (*local, None):
        try:
            with _ONE_AT_A_TIME:
                parent = staging or _temporary()
                sweep(parent)
                folder = _FOLDERS.get((os.getpid(), parent)) or _ProcessFolder(parent)
                _FOLDERS[os.getpid(), parent] = folder
                return folder, folder.subfolder()
        except OSError as error:
            reasons.append(str(error))
    raise StoreError(
        f"no folder for temporary files ({'; '.join(reasons)})", "name one in the variable TMPDIR"
    )


@functools.lru_cache(maxsize=DATA_DIRECTORIES)
def _keep(folder: _ProcessFolder) -> _ProcessFolder:
    """Refer to a folder until the process ends."""
    return folder


class _ProcessFolder:
    """A private folder that is removed when nobody refers to it, or at exit."""

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._open()

    def subfolder(self) -> Path:
        """Create a folder in it."""
        if not self.path.is_dir():  # the data directory was removed and made again
            self._close()
            self._open()
        return Path(tempfile.mkdtemp(dir=self.path))

    def _open(self) -> None:
        stack = contextlib.ExitStack()
        self.path = stack.enter_context(private_folder(self._parent))
        self._close = weakref.finalize(self, stack.close)


_FOLDERS: Final = weakref.WeakValueDictionary[tuple[int, Path], _ProcessFolder]()
"""The folders of this process; by its ID too, so that a fork gets others."""
