"""What lies in a data directory at one moment, while others add files and take files away."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import existing_folder

TICK_NS: Final = 2 * 10**9
"""Two changes so close to each other may bear the same time, on the coarsest of file systems."""

FileSignature = tuple[int, int]
"""By what it is seen that a file is the same: its bytes, and when it was changed (ns)."""


class FileVanished(Exception):
    """A file that was listed is gone, sealed or compacted since: list again."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a data directory, by path.

    ``journals`` are all files where journals lie; ``sealed`` and ``sends`` the Parquet files of
    receipts and send records, whoever wrote them; ``networks`` is the user's own file, if any.
    """

    data: Path
    journals: Mapping[str, FileSignature]
    sealed: Mapping[str, FileSignature]
    sends: Mapping[str, FileSignature]
    networks: Mapping[str, FileSignature]


def list_data(data: Path) -> Listing:
    """What a data directory has now.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a name under ``receipts`` is a link that leads nowhere.

    Examples
    --------
    >>> len(list_data(Path("data/sample")).sends)
    1
    """
    existing_folder(data)
    # In this order: what is sealed after the journals were listed is among the sealed.
    journals = _there(entry.path for entry in scan_folder(layout.journal(data)))
    sealed = _sealed(layout.receipts(data))
    sends = _there(files_below(layout.sends(data), ".parquet"))
    return Listing(data, journals, sealed, sends, _there([str(layout.own_networks(data))]))


def _sealed(receipts: Path) -> dict[str, FileSignature]:
    gone: set[str] = set()
    while True:
        paths = stored_files(receipts, ".parquet")
        marks = _there(paths)
        before, gone = gone, set(paths).difference(marks)
        if not gone:
            return marks
        if lost := gone & before:
            raise DamagedFile(f"{min(lost)}: a link that leads nowhere", "fix it, or remove it")
        # compacted since it was listed


def _there(paths: Iterable[str]) -> dict[str, FileSignature]:
    """The marks of those files that are there."""
    marks = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            status = Path(path).stat()
            marks[path] = status.st_size, status.st_mtime_ns
    return marks


def scan_folder(folder: str | Path) -> list[os.DirEntry[str]]:
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


def stored_files(folder: Path, ending: str = "") -> list[str]:
    """Paths of all files under ``receipts``, or another of its like, that end so, in no order.

    What lies in it, the folder of a day, may be a link to another disk. Links that lead nowhere
    are among them.
    """
    found = []
    for entry in scan_folder(folder):
        found += files_below(entry.path, ending) if entry.is_dir() else [entry.path]
    return [path for path in found if path.endswith(ending)]


def files_below(folder: str | Path, ending: str) -> list[str]:
    """Paths of all files in a folder and those in it whose names end so, in no order."""
    found = []
    for entry in scan_folder(folder):
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
