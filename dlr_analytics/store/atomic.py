"""Durable writes: the system calls and the atomic rename.

A file is written under ``staging/``, synced, renamed to its final name, and the folder is synced:
readers see the whole file or none, also after a power failure. The system calls are handed in, so
that a test can make the nth of them fail, for every n.

Files and folders grant their group what the folder above grants, and others nothing, whatever the
umask is: who may read is decided once, at the data directory. What root makes belongs to the owner
and the group of the folder above: the receiver's user could not open it otherwise.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.errors import DataFolderMissing
from dlr_analytics.store.format import format_of
from dlr_analytics.store.receipts.exchange import UNSUPPORTED, exchange

FILE_MODE: Final = 0o600
"""Files hold phone numbers: only their owner reads them, and the group where the folder lets it."""

FOLDER_MODE: Final = 0o700

COPY: Final = ".dlr-copy-"
"""Of the names of files that are being copied to another disk."""

_GROUP_OF_FILES: Final = stat.S_IRGRP | stat.S_IWGRP
_GROUP_OF_FOLDERS: Final = stat.S_IRWXG | stat.S_ISGID


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
    """Return a data directory if it exists and has a format that is known.

    Raises
    ------
    DataFolderMissing
        There is no such folder.
    NewerFormat
        A newer release has written it.
    DamagedFile
        Its file ``format`` is no number.
    """
    if not folder.is_dir():
        raise DataFolderMissing(f"no folder {folder}", "check --data, or receive into it first")
    format_of(folder)
    return folder


def inherit_access(made: Path | int, above: Path) -> None:
    """Give a file or folder the group rights of a folder; as root, its owner.

    Others may do nothing.

    Parameters
    ----------
    made : path or int
        A file or folder of ours, or its descriptor.
    above : path
        The folder that it lies in, or will.

    Raises
    ------
    OSError
        ``made`` does not belong to this user or is a link, or one of both is gone.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a").touch()
    >>> folder.chmod(0o750)
    >>> inherit_access(folder / "a", folder)
    >>> stat.filemode((folder / "a").stat().st_mode)
    '-rw-r-----'
    """
    if isinstance(made, int):
        _inherit_access(made, above)
        return
    # Not through a link, which another user may have put there: root would give away its target.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(made, flags)
    try:
        _inherit_access(descriptor, above)
    finally:
        os.close(descriptor)


def _inherit_access(descriptor: int, above: Path) -> None:
    folder, found = above.stat(), os.fstat(descriptor)
    mode = found.st_mode
    is_folder = stat.S_ISDIR(mode)
    is_foreign = (found.st_uid, found.st_gid) != (folder.st_uid, folder.st_gid)
    if os.geteuid() == 0 and is_foreign:
        if not is_folder and found.st_nlink > 1:
            return  # not just made: its other name may be one of the system
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
        mode = os.fstat(descriptor).st_mode  # chown takes the bit of the group away
    if is_folder:
        wanted = FOLDER_MODE | folder.st_mode & _GROUP_OF_FOLDERS
    else:
        wanted = FILE_MODE | folder.st_mode & _GROUP_OF_FILES
    if stat.S_IMODE(mode) != wanted:
        os.fchmod(descriptor, wanted)


def make_folder(folder: Path, calls: SystemCalls = REAL) -> None:
    """Create ``folder`` and its missing parents, and sync each of them to disk."""
    if folder.is_dir():
        return
    make_folder(folder.parent, calls)
    granted = folder.parent.stat().st_mode & _GROUP_OF_FOLDERS
    with contextlib.suppress(FileExistsError):
        # At once, since another process may be about to make a file in it.
        folder.mkdir(FOLDER_MODE | granted)
        inherit_access(folder, folder.parent)
    calls.sync_folder(folder.parent)


def make_data_folder(data: Path, calls: SystemCalls = REAL) -> None:
    """Create a data directory, where missing, that only its owner can enter.

    The folder above is no measure: it may be the user's home, or the working directory.
    """
    if data.is_dir():
        return
    make_data_folder(data.parent, calls)
    with contextlib.suppress(FileExistsError):
        data.mkdir(FOLDER_MODE)
    calls.sync_folder(data.parent)


def atomic_rename(
    staged: Path, final: Path, calls: SystemCalls = REAL, *, secret: bool = False
) -> None:
    """Sync a finished file, rename it to its final name, and sync the folder.

    Parameters
    ----------
    staged : path
        The complete file, outside the folders that readers list.
    final : path
        The final name. An existing file is replaced; missing folders are created. Where its folder
        is a link to another disk, the file is copied beside that folder and renamed there.
    secret : bool
        Only the owner may read it, whatever the folder grants.

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
    make_folder(final.parent, calls)
    if secret:
        staged.chmod(FILE_MODE)
    else:
        inherit_access(staged, final.parent)
    descriptor = calls.open(staged, os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
    try:
        calls.sync(descriptor)
    finally:
        os.close(descriptor)
    try:
        calls.rename(staged, final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_to_other_disk(staged, final, calls)
    calls.sync_folder(final.parent)


def _move_to_other_disk(staged: Path, final: Path, calls: SystemCalls) -> None:
    """Move a file by way of a copy beside the folder that a link leads to."""
    place = Path(os.path.realpath(final.parent))
    copy = place.with_name(f"{COPY}{place.name}-{final.name}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = calls.open(copy, flags, FILE_MODE)
        with open(descriptor, "wb") as target, staged.open("rb") as source:  # noqa: PTH123
            shutil.copyfileobj(source, target)
            inherit_access(descriptor, place)
            target.flush()
            calls.sync(descriptor)
        calls.rename(copy, final)
    except OSError:
        copy.unlink(missing_ok=True)
        raise
    calls.unlink(staged)


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
