"""Exchange of two paths in one system call, where the system has one.

Python has no function for it: ``renameat2`` with RENAME_EXCHANGE on Linux, ``renamex_np`` with
RENAME_SWAP on macOS, called by ctypes. It is what makes compaction atomic for readers that know
nothing of it: rename alone can replace a file or an empty folder, but not a folder with files. On
file systems without it (NFS, some FUSE) the errors in UNSUPPORTED are raised, and the caller falls
back to renaming and removing files one by one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
"""Paths are relative to the working directory."""

_EXCHANGE: Final = 2
"""RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS."""

UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV})
"""Errors of a system or a file system that cannot exchange paths."""


def exchange(one: Path, other: Path) -> None:
    """Exchange the names of two existing paths atomically.

    Raises
    ------
    OSError
        Nothing has changed.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a").write_text("1"), (folder / "b").write_text("2")
    >>> exchange(folder / "a", folder / "b")
    >>> (folder / "a").read_text()
    '2'
    """
    library = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        failed = library.renamex_np(*paths, _EXCHANGE)
    else:
        failed = library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _EXCHANGE)
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one), None, str(other))
