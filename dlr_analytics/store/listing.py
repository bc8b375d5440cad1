"""What lies in a folder at one moment, while others add files and take files away."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

TICK_NS: Final = 2 * 10**9
"""Two changes so close to each other may bear the same time, on the coarsest of file systems."""


def entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing where there is none.

    A long folder is told a part at a time: of one that is compacted meanwhile the rest may be gone
    before it is told, and what took its place not be told any more. A folder that nobody changed,
    nor put another in place of, was told whole, in one listing. Whether one that has changed of
    late was changed meanwhile is not to be seen: of it two listings must agree.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.parquet").touch()
    >>> [entry.name for entry in entries(folder)]
    ['a.parquet']
    """
    names: set[str] | None = None
    while True:
        before, names_before = _state(folder), names
        listed = _list(folder)
        names = {entry.name for entry in listed}
        if names == names_before or (_is_settled(before) and before == _state(folder)):
            return listed


def files_below(folder: str | Path, ending: str) -> list[str]:
    """Paths of all files in a folder and those in it whose names end so, in no order."""
    found = []
    for entry in entries(folder):
        if entry.is_dir(follow_symlinks=False):
            found += files_below(entry.path, ending)
        elif entry.name.endswith(ending):
            found.append(entry.path)
    return found


def _list(folder: str | Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []


def _state(folder: str | Path) -> tuple[int, int]:
    """Which folder has this name, and when something in it changed."""
    try:
        status = Path(folder).stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


def _is_settled(state: tuple[int, int]) -> bool:
    return state[1] < time.time_ns() - TICK_NS
