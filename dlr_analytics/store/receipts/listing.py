"""Listings of a data directory, while others add and remove files.

The system returns a long folder in parts. If it is compacted in between, the old files are gone
before they are returned and the new one may not be returned any more: such a listing lacks
receipts, and no error says so. A listing is therefore accepted only if it is known to be whole:

- the folder of that name is the same one before and after (inode), with the same modification time,
  and that time is older than the coarsest clock of a file system, or
- two listings in a row agree.

Each file is listed with its signature, size and modification time: equal signatures mean that a
file has not changed, which the cache of messages depends on.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import existing_folder
from dlr_analytics.store.receipts.files import LOCAL, TICK_NS, Files

FileSignature = tuple[int, int]
"""Size in bytes and modification time (ns) of a file."""


class FileVanished(Exception):
    """A listed file has been sealed or compacted since: list again."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a data directory, by path.

    ``journals`` are all files in the journal's folder; ``sealed`` and ``sends`` the Parquet files
    of receipts and send records, regardless of who wrote them; ``networks`` is the user's own file,
    if any; ``files`` reads them.
    """

    data: Path
    journals: Mapping[str, FileSignature]
    sealed: Mapping[str, FileSignature]
    sends: Mapping[str, FileSignature]
    networks: Mapping[str, FileSignature]
    files: Files = LOCAL

    def paths(self, names: Iterable[str]) -> list[Path]:
        """The paths of listed files, sorted by name."""
        return [type(self.data)(name) for name in sorted(names)]


def list_data(data: Path) -> Listing:
    """List a data directory now.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a name under ``receipts`` is a broken symbolic link.

    Examples
    --------
    >>> len(list_data(Path("data/sample")).sends)
    1
    """
    existing_folder(data)
    # In this order: a journal sealed after it was listed is among the sealed files.
    journals = _signatures(entry.path for entry in scan_folder(layout.journal(data)))
    sealed = _list_sealed(layout.receipts(data))
    sends = _signatures(files_below(layout.sends(data), ".parquet"))
    return Listing(data, journals, sealed, sends, _signatures([str(layout.user_networks(data))]))


def _list_sealed(receipts: Path) -> dict[str, FileSignature]:
    gone: set[str] = set()
    while True:
        paths = stored_files(receipts, ".parquet")
        signatures = _signatures(paths)
        before, gone = gone, set(paths).difference(signatures)
        if not gone:
            return signatures
        if broken := gone & before:
            raise DamagedFile(f"{min(broken)}: a broken symbolic link", "fix it or remove it")
        # compacted since it was listed


def _signatures(paths: Iterable[str]) -> dict[str, FileSignature]:
    """Signatures of those files that exist."""
    signatures = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            status = Path(path).stat()
            signatures[path] = status.st_size, status.st_mtime_ns
    return signatures


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
