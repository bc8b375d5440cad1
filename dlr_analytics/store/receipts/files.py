"""How the files of a data directory are read, wherever it is.

Paths name files, and a listing says which there are. What else readers ask of them is here: a
folder of this machine is one implementation, a bucket another (``dlr_analytics.bucket``).
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from dlr_analytics.store.receipts.scanning import TICK_NS, files_below, scan_folder, stored_files

if TYPE_CHECKING:
    import duckdb


class Files(Protocol):
    """The files of one listing."""

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection read the files by their paths."""

    def has(self, paths: Iterable[Path]) -> bool:
        """Whether there are all of these."""

    def still_has(self, paths: Iterable[Path]) -> bool:
        """Whether all of these can still be read as they were listed.

        Raises
        ------
        DlrError
            If nothing can be read there any more.
        """

    def below(self, folder: Path) -> list[Path]:
        """The files that are directly in a folder, sorted by name."""

    def tree(self, folder: Path) -> list[Path]:
        """All files below a folder, unordered."""

    def in_days(self, folder: Path) -> list[Path]:
        """All files in the folders of days, unordered; these may be links to another disk."""

    def disk_use(self, folder: Path) -> int:
        """Bytes of all files below a folder, those in folders of days too."""

    def open(self, path: Path) -> BinaryIO:
        """Open a file to read its bytes.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """

    def changed_at(self, path: Path) -> float:
        """When a file was changed last, in Unix seconds; errors as of :meth:`open`."""

    def digest(self, path: Path) -> str:
        """The SHA-256 of a file; errors as of :meth:`open`."""


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Files of this machine, as they are now."""

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Do nothing: every connection reads them."""

    def has(self, paths: Iterable[Path]) -> bool:
        """Whether there are all of these."""
        return all(path.exists() for path in paths)

    def still_has(self, paths: Iterable[Path]) -> bool:
        """Whether there are all of these: a file never changes once it has its name."""
        return self.has(paths)

    def below(self, folder: Path) -> list[Path]:
        """The files that are directly in a folder, sorted by name."""
        return sorted(folder.glob("*"))

    def tree(self, folder: Path) -> list[Path]:
        """All files below a folder, unordered."""
        return list(map(Path, files_below(folder, "")))

    def in_days(self, folder: Path) -> list[Path]:
        """All files in the folders of days, unordered, and broken links."""
        return list(map(Path, stored_files(folder)))

    def disk_use(self, folder: Path) -> int:
        """Bytes of all files below a folder, without what another user spills."""
        total = 0
        for entry in scan_folder(folder):
            with contextlib.suppress(FileNotFoundError, PermissionError):
                paths = files_below(entry.path, "") if entry.is_dir() else [entry.path]
                total += sum(map(_size, map(Path, paths)))
        return total

    def open(self, path: Path) -> BinaryIO:
        """Open a file to read its bytes."""
        return path.open("rb")

    def changed_at(self, path: Path) -> float:
        """When a file was changed last, in Unix seconds."""
        return path.stat().st_mtime

    def digest(self, path: Path) -> str:
        """The SHA-256 of a file."""
        status = path.stat()
        if status.st_ctime_ns > time.time_ns() - TICK_NS:  # it may change again in the same tick
            return _read_digest(path)
        return _known_digest(path, (status.st_ino, status.st_size, status.st_ctime_ns))


LOCAL: Final = LocalFiles()


@lru_cache(maxsize=1_000)
def _known_digest(path: Path, state: tuple[int, ...]) -> str:  # noqa: ARG001 - part of the key
    """The digest of a file in one state: questions ask for it again and again."""
    return _read_digest(path)


def _read_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    """Bytes of a file; none if it was sealed or removed since it was listed."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
