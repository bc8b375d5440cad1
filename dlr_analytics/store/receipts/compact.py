"""Compaction: merge the files of a closed day while others read and write.

Plain readers (DuckDB, pyarrow, Spark) list a day's folder and know nothing of compaction. So the
day's new contents are prepared in a folder of their own and exchanged with the day's folder in one
system call: a reader lists the old files or the new one, never both and never neither.

1. Under the data directory's lock: clean up what an earlier run left, remove files that a compacted
   file replaces already, list the rest.
2. Without the lock, which sealing needs too: check their checksums, and merge them into
   ``z-<generation>-<part>.parquet`` in ``staging/compact-<day>/``, synced. Its footer names
   everything that it replaces.
3. Under the lock: if a file was added meanwhile, start again. Else exchange the two folders and
   sync both parents. The staging folder now has the old files; they are removed last.

A crash before the exchange leaves a staging folder with nothing but a compacted file; one after it,
a folder with nothing but replaced files. Either is removed by the next run, anything else is an
error. Where folders cannot be exchanged, or the day's folder has files that are not merged, the
compacted file is renamed into it and its inputs are removed; plain readers may see the day twice in
between, our own skip replaced files.

A reader that is in the middle of listing a long folder would silently miss files that are removed
meanwhile. Hence the pause before the old files of a long folder are removed.
"""

from __future__ import annotations

import datetime as dt
import errno
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.errors import DamagedFile, StoreError, describe_refusal
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import (
    REAL,
    SystemCalls,
    existing_folder,
    inherit_access,
    make_folder,
)
from dlr_analytics.store.connection import error_reason, system_reason
from dlr_analytics.store.locks import exclusive_lock, is_locked
from dlr_analytics.store.parquet.checksum import check_sums
from dlr_analytics.store.receipts import exchange, generations
from dlr_analytics.store.receipts.merge import mergeable, write_merged

LISTED_AT_ONCE: Final = 200
"""Files of a folder that a reader lists in one system call, whatever their names."""

LISTING_SECONDS: Final = 0.5
"""Time for readers to finish listing a longer folder before its files are removed."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """Outcome for one day: number of files merged, and a finding if it failed."""

    day: dt.date
    files: int
    finding: str = ""


def closed_days(data: Path, today: dt.date) -> list[dt.date]:
    """Days before ``today`` (UTC) that have a folder, oldest first.

    Raises
    ------
    DataFolderMissing
        If there is no data directory.
    """
    folders = layout.receipts(existing_folder(data)).glob("*")
    days = (layout.parse_day_folder(folder.name) for folder in folders)
    return sorted(day for day in days if day is not None and day < today)


def is_compacting(data: Path) -> bool:
    """Whether another process compacts now, so that this one would wait for it.

    Raises
    ------
    DataFolderMissing
        If there is no data directory.
    StoreError
        Nothing can be written there.
    """
    try:
        return is_locked(layout.compact_lock(existing_folder(data)))
    except OSError as error:
        problem = describe_refusal(error, data).problem
        raise StoreError(problem, "compacting writes there") from error


def compact(
    data: Path, days: list[dt.date], calls: SystemCalls = REAL, memory: int | None = None
) -> Iterator[Compacted]:
    """Merge the files of each day into one, unless it has one compacted file only.

    A day that cannot be compacted stays as it was, with a finding: one damaged file must not
    prevent the other days from being merged. ``memory`` limits merging, in bytes.

    Yields
    ------
    Compacted
        For each day, in turn.
    """
    for day in days:
        try:
            yield Compacted(day, compact_day(data, day, calls, memory))
        except (OSError, StoreError, DamagedFile, duckdb.Error) as error:
            reason = _reason(layout.receipts(data) / layout.day_folder(day), error)
            yield Compacted(day, 0, f"{layout.day_folder(day)}: not compacted: {reason}")


def _reason(folder: Path, error: Exception) -> str:
    """Why a day was not compacted; DuckDB's errors do not always name the file."""
    if not isinstance(error, duckdb.Error):
        return error_reason(error)
    try:
        check_sums(sorted(folder.glob("*.parquet")))
    except (DamagedFile, OSError) as damage:
        return error_reason(damage)
    return system_reason(error) or f"{error_reason(error)}; dlr verify names the file"


def compact_day(
    data: Path, day: dt.date, calls: SystemCalls = REAL, memory: int | None = None
) -> int:
    """Merge the files of one day into one.

    A folder that is a link to another disk stays as it is: it cannot be exchanged.

    Returns
    -------
    int
        Number of files merged; 0 if there was nothing to do.

    Raises
    ------
    OSError, DamagedFile, duckdb.Error
        The day's receipts are unchanged.
    """
    folder = layout.receipts(data) / layout.day_folder(day)
    if folder.is_symlink():
        return 0
    staged = layout.compaction(data, day)
    # An import reads the stored receipts for longer than one listing is valid, so it excludes us.
    with exclusive_lock(layout.compact_lock(data)), exclusive_lock(layout.incoming_lock(data)):
        while (merged := _merge(data, folder, staged, calls, memory)) is None:
            pass  # a file was added while the others were merged
        if merged > LISTED_AT_ONCE:
            time.sleep(LISTING_SECONDS)
        clean_up(folder, staged, calls)
        return merged


def _merge(
    data: Path, folder: Path, staged: Path, calls: SystemCalls, memory: int | None
) -> int | None:
    """Merge and publish; return the number of files, None if the day has changed.

    The lock is held while names change, not while files are read: sealing waits for it.
    """
    listed = sorted(folder.glob("*.parquet"))
    superseded = generations.replaced_files(listed)
    standing = _signatures(path for path in listed if generations.is_compacted(path))
    if staged.is_dir() or superseded.intersection(listed):
        # Those that stand for what is removed next.
        check_sums(path for path in standing if path not in superseded)
    with exclusive_lock(layout.lock(data)):
        present = sorted(folder.glob("*.parquet"))
        if _signatures(filter(generations.is_compacted, present)) != standing:
            return None
        superseded = generations.replaced_files(present)
        clean_up(folder, staged, calls)
        _unlink((path for path in present if path in superseded), calls)
    live = [path for path in present if path not in superseded]
    signatures = _signatures(live)
    inputs = mergeable(live)
    if all(map(generations.is_compacted, inputs)) and len(inputs) < 2:
        check_sums(sorted({*live} - {*inputs}))  # a damaged name of a column looks like another's
        return 0
    check_sums(live)
    for path, reason in generations.doubled(inputs).items():
        # Merged, they would count twice for ever, and nothing would show it.
        raise OSError(errno.EEXIST, f"{path}: {reason}")
    make_folder(staged, calls)
    inherit_access(staged, folder)  # it takes this folder's place
    others = sorted({*live} - {*inputs})
    merged = write_merged(data, inputs, others, staged, calls, memory)
    with exclusive_lock(layout.lock(data)):
        # Other programs may even have written another file of the same name.
        if _signatures(folder.glob("*.parquet")) != signatures:
            return None
        _publish(folder, staged, merged, calls)
    return len(inputs)


def _signatures(paths: Iterable[Path]) -> dict[Path, tuple[int, int, int]]:
    """Inode, size and modification time of each file."""
    states = {path: path.stat() for path in paths}
    return {path: (s.st_ino, s.st_size, s.st_mtime_ns) for path, s in states.items()}


def _publish(folder: Path, staged: Path, merged: Path, calls: SystemCalls) -> None:
    """Replace the merged file's inputs by it."""
    replaced = generations.replaced_files([merged])
    others = [path for path in folder.iterdir() if staged / path.name not in replaced]
    if not others and _exchange(staged, folder, calls):
        calls.sync_folder(folder.parent)
        calls.sync_folder(staged.parent)
        return
    # Plain readers may see the day twice until the last of these is removed.
    calls.rename(merged, folder / merged.name)
    calls.sync_folder(folder)
    _unlink((folder / path.name for path in replaced), calls)
    staged.rmdir()


def _exchange(staged: Path, folder: Path, calls: SystemCalls) -> bool:
    """Exchange two folders; False where that is not supported."""
    try:
        calls.exchange(staged, folder)
    except OSError as error:
        if error.errno in exchange.UNSUPPORTED:
            return False
        raise
    return True


def clean_up(folder: Path, staged: Path, calls: SystemCalls = REAL) -> None:
    """Remove the staging folder with an unpublished merged file or replaced files.

    The caller holds the locks of compactions and of the data directory.

    Raises
    ------
    OSError
        It has files that no compacted file replaces; they stay.
    """
    if not staged.is_dir():
        return
    left = set(staged.iterdir())
    replaced = generations.replaced_files(folder.glob("*.parquet"))
    unreplaced = {path for path in left if folder / path.name not in replaced}
    if unreplaced and not (len(left) == 1 and all(map(generations.is_compacted, left))):
        names = ", ".join(sorted(path.name for path in unreplaced))
        raise OSError(errno.ENOTEMPTY, f"{staged} holds {names}, which no compacted file replaces")
    for path in left:
        calls.unlink(path)
    shutil.rmtree(staged)


def _unlink(paths: Iterable[Path], calls: SystemCalls) -> None:
    for path in paths:
        if path.exists():
            calls.unlink(path)
