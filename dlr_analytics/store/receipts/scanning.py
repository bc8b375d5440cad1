"""Scans of folders, while others add and remove files.

The system returns a long folder in parts. If it is compacted in between, the old files are gone
before they are returned and the new one may not be returned any more: such a scan lacks receipts,
and no error says so. A scan is therefore accepted only if it is known to be whole:

- the folder of that name is the same one before and after (inode), with the same modification time,
  and that time is older than the coarsest clock of a file system, or
- two scans in a row agree.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout

TICK_NS: Final = 2 * 10**9
"""Resolution of modification times on the coarsest file systems."""


def scan_folder(folder: str | Path) -> list[os.DirEntry[str]]:
    """List the whole of a folder, as at one moment; empty if it does not exist.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.parquet").touch()
    >>> [entry.name for entry in scan_folder(folder)]
    ['a.parquet']
    """
    names: set[str] | None = None
    while True:
        before, names_before = _state(folder), names
        listed = list_entries(folder)
        names = {entry.name for entry in listed}
        if names == names_before or (_is_settled(before) and before == _state(folder)):
            return listed


def stored_files(folder: Path, suffix: str = "") -> list[str]:
    """Paths of all files with a suffix in the folders of days, unordered.

    Its entries, the folders of days, may be links to another disk. Broken symbolic links are
    included, those of days too: the other disk may not be mounted.
    """
    found = []
    for entry in scan_folder(folder):
        if entry.is_dir():
            found += files_below(entry.path, suffix)
        elif entry.name.endswith(suffix) or (
            entry.is_symlink() and layout.parse_day_folder(entry.name)
        ):
            found.append(entry.path)
    return found


def files_below(folder: str | Path, suffix: str) -> list[str]:
    """Paths of all files with a suffix in a folder and its subfolders, unordered."""
    found = []
    for entry in scan_folder(folder):
        if entry.is_dir(follow_symlinks=False):
            found += files_below(entry.path, suffix)
        elif entry.name.endswith(suffix):
            found.append(entry.path)
    return found


def list_entries(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []


def _state(folder: str | Path) -> tuple[int, int]:
    """Inode and modification time of the folder that has this name."""
    try:
        status = Path(folder).stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


def _is_settled(state: tuple[int, int]) -> bool:
    return state[1] < time.time_ns() - TICK_NS
