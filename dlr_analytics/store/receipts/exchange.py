"""Two folders change places in one step, where the system can do that."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Final

_HERE: Final = -100
"""AT_FDCWD: a path is as seen from the working directory."""

_EXCHANGE: Final = 2
"""RENAME_EXCHANGE of Linux's renameat2, RENAME_SWAP of macOS' renamex_np."""

UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV})
"""The errors that say that this system or this disk cannot."""


def exchange(one: Path, other: Path) -> None:
    """Give each of two existing paths the other's name, at once.

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
        failed = library.renameat2(_HERE, paths[0], _HERE, paths[1], _EXCHANGE)
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one), None, str(other))
