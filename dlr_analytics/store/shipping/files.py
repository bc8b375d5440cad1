"""The files that are shipped to a bucket, and the record of those that are there.

The record is a text file with a line for each shipped file that is still here, its size and its
name. It only saves requests: a file that it does not name is sent again, which changes nothing,
because objects are created and never replaced. So it is appended to without a sync, and a last line
that was cut short is ignored.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import (
    FILE_MODE,
    REAL,
    SystemCalls,
    atomic_rename,
    inherit_access,
    make_folder,
)
from dlr_analytics.store.layout import QuarantineName
from dlr_analytics.store.receipts.scanning import files_below, scan_folder, stored_files


@dataclass(frozen=True, slots=True, order=True)
class StoredFile:
    """A file of receipts, send records or the quarantine.

    ``modified_at`` is in Unix seconds; ``name`` is its path below the data directory, with slashes,
    which is also the name of its object.
    """

    modified_at: float
    name: str
    path: Path
    size: int


def list_files(data: Path) -> list[StoredFile]:
    """List what a bucket gets of a data directory, oldest first.

    Examples
    --------
    >>> sorted({one.name.partition("/")[0] for one in list_files(Path("data/sample"))})
    ['quarantine', 'receipts', 'sends']
    """
    paths = stored_files(layout.receipts(data), ".parquet")
    paths += files_below(layout.sends(data), ".parquet")
    paths += [e.path for e in scan_folder(layout.quarantine(data)) if QuarantineName.parse(e.name)]
    found = []
    for path in map(Path, paths):
        with contextlib.suppress(FileNotFoundError):  # removed since it was listed
            status = path.stat()
            name = path.relative_to(data).as_posix()
            found.append(StoredFile(status.st_mtime, name, path, status.st_size))
    return sorted(found)


FolderState = tuple[tuple[str, int], ...]
"""Folders and their times of change (ns), by which a new file shows."""


def folder_state(data: Path) -> FolderState:
    """The state of the folders that `list_files` lists; no file is looked at."""
    folders = [layout.sends(data), layout.quarantine(data), *layout.receipts(data).glob("*")]
    found = []
    for folder in sorted(folders):
        with contextlib.suppress(FileNotFoundError):
            found.append((folder.name, folder.stat().st_mtime_ns))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Unshipped:
    """How many files no bucket is known to have, and since when (Unix seconds)."""

    files: int = 0
    since: float | None = None


def count_unshipped(data: Path) -> Unshipped:
    """Count what no bucket is known to have."""
    files = unshipped_files(data)
    return Unshipped(len(files), files[0].modified_at if files else None)


def unshipped_files(data: Path) -> list[StoredFile]:
    """List what no bucket is known to have, oldest first."""
    shipped = read_record(data)
    return [one for one in list_files(data) if shipped.get(one.name) != one.size]


def read_record(data: Path) -> dict[str, int]:
    """The sizes of files that have been shipped, by name."""
    try:
        text = layout.shipped(data).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    found = {}
    for line in text.splitlines(keepends=True):
        size, _, name = line.partition(" ")
        if name.endswith("\n") and size.isdecimal():
            found[name.removesuffix("\n")] = int(size)
    return found


def add_to_record(data: Path, file: StoredFile) -> None:
    """Record that a bucket has a file."""
    record = layout.shipped(data)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(record, flags, FILE_MODE)
    try:
        inherit_access(descriptor, data)
        # A line before it may have been cut short.
        os.write(descriptor, f"\n{_line(file.name, file.size)}".encode())
    finally:
        os.close(descriptor)


def write_record(data: Path, shipped: Mapping[str, int], calls: SystemCalls = REAL) -> None:
    """Replace the record."""
    _write(data, layout.shipped(data), (_line(*one) for one in sorted(shipped.items())), calls)


def _line(name: str, size: int) -> str:
    return f"{size} {name}\n"


def withdrawn_names(data: Path) -> frozenset[str]:
    """Names of files that were here and whose contents are removed, or in other files.

    A bucket may still have them.

    Raises
    ------
    DamagedFile
        The list is not text.
    """
    path = layout.withdrawn(data)
    try:
        return frozenset(path.read_text(encoding="utf-8").splitlines())
    except FileNotFoundError:
        return frozenset()
    except UnicodeDecodeError:
        raise DamagedFile(f"{path}: not UTF-8 text", "restore it from a backup") from None


def withdraw(data: Path, paths: Iterable[Path], calls: SystemCalls = REAL) -> None:
    """Record, synced, that files are about to be removed.

    A bucket must not bring them back. Compacted files record what they replace themselves.
    """
    names = {path.relative_to(data).as_posix() for path in paths}
    known = withdrawn_names(data)
    if not names <= known:
        _write(data, layout.withdrawn(data), (f"{name}\n" for name in sorted(names | known)), calls)


def _write(data: Path, final: Path, lines: Iterable[str], calls: SystemCalls) -> None:
    make_folder(layout.staging(data), calls)
    staged = layout.staging(data) / f"{final.name}.draft"
    staged.write_text("".join(lines), encoding="utf-8")
    atomic_rename(staged, final, calls)
