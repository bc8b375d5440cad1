"""A closed day's many files become one, under the eyes of readers that know nothing of it.

The day's new folder is written aside and changes places with the old one in a single step, so that
whoever lists the day sees the old files or the new one. The new file's footer names what it
replaces: a journal of the day that is sealed again after a crash finds its name there.
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

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, existing_folder
from dlr_analytics.store.connection import error_reason
from dlr_analytics.store.locks import exclusive_lock, is_locked
from dlr_analytics.store.receipts import exchange, generations
from dlr_analytics.store.receipts.merge import mergeable, write_merged

LISTED_AT_ONCE: Final = 200
"""Files of a folder that a reader lists in one step, whatever their names."""

LISTING_SECONDS: Final = 0.5
"""Time for readers in the middle of listing a longer folder, before its files go: what is gone
when they come to it, they would miss in silence."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What became of a day: how many files it had, and a sentence where it stays as it was."""

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
    """Whether another process is at it, for which this one would wait.

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
        raise StoreError(f"{data}: {error.strerror or error}", "compacting writes there") from error


def compact(
    data: Path, days: list[dt.date], calls: SystemCalls = REAL, memory: int | None = None
) -> Iterator[Compacted]:
    """Make one file of each day's files; a day that is one such file already stays as it is.

    A day that cannot be compacted stays as it was, with a finding: one damaged file must not keep
    the others from being merged. ``memory`` is how many bytes merging may take.

    Yields
    ------
    Compacted
        For each day, in turn.
    """
    for day in days:
        try:
            yield Compacted(day, compact_day(data, day, calls, memory))
        except (OSError, duckdb.Error) as error:
            where = "; dlr verify names the file" if isinstance(error, duckdb.Error) else ""
            finding = f"{layout.day_folder(day)}: not compacted: {error_reason(error)}{where}"
            yield Compacted(day, 0, finding)


def compact_day(
    data: Path, day: dt.date, calls: SystemCalls = REAL, memory: int | None = None
) -> int:
    """Make one file of a day's files.

    A folder that is a link to another disk stays as it is: it cannot change places with one here.

    Returns
    -------
    int
        How many files were merged; 0 where there was nothing to do.

    Raises
    ------
    OSError, duckdb.Error
        The day holds what it held.
    """
    folder = layout.receipts(data) / layout.day_folder(day)
    if folder.is_symlink():
        return 0
    aside = layout.staging(data) / f"compact-{day}"
    # An import reads what is stored for longer than one listing holds: it goes first, or waits.
    with exclusive_lock(layout.compact_lock(data)), exclusive_lock(layout.incoming_lock(data)):
        while (merged := _merge(data, folder, aside, calls, memory)) is None:
            pass  # a late file came while the others were merged
        if merged > LISTED_AT_ONCE:
            time.sleep(LISTING_SECONDS)
        _finish(folder, aside, calls)
        return merged


def _merge(
    data: Path, folder: Path, aside: Path, calls: SystemCalls, memory: int | None
) -> int | None:
    """How many files were merged; None where the day has changed meanwhile.

    Who seals waits only while files change their names, not while they are merged.
    """
    with exclusive_lock(layout.lock(data)):
        _finish(folder, aside, calls)
        present = sorted(folder.glob("*.parquet"))
        hidden = generations.replaced_files(present)
        _take_away((path for path in present if path in hidden), calls)
    live = [path for path in present if path not in hidden]
    merged = mergeable(live)
    if all(map(generations.is_compacted, merged)) and len(merged) < 2:
        return 0
    written = write_merged(merged, hidden, aside, calls, memory)
    with exclusive_lock(layout.lock(data)):
        if sorted(folder.glob("*.parquet")) != live:
            return None
        _put(folder, aside, written, calls)
    return len(merged)


def _put(folder: Path, aside: Path, written: Path, calls: SystemCalls) -> None:
    """Let the merged file take the place of what it replaces."""
    replaced = generations.replaced_files([written])
    strangers = [path for path in folder.iterdir() if aside / path.name not in replaced]
    if not strangers and _exchanged(aside, folder, calls):
        calls.sync_folder(folder.parent)
        calls.sync_folder(aside.parent)
        return
    # Plain readers may see the day twice until the last of these is gone; ours leave them out.
    calls.rename(written, folder / written.name)
    calls.sync_folder(folder)
    _take_away((folder / path.name for path in replaced), calls)
    aside.rmdir()


def _exchanged(aside: Path, folder: Path, calls: SystemCalls) -> bool:
    try:
        calls.exchange(aside, folder)
    except OSError as error:
        if error.errno in exchange.UNSUPPORTED:
            return False
        raise
    return True


def _finish(folder: Path, aside: Path, calls: SystemCalls) -> None:
    """Remove what lies aside: a merged file that never got its place, or what one has replaced."""
    if not aside.is_dir():
        return
    left = set(aside.iterdir())
    safe = generations.replaced_files(folder.glob("*.parquet"))
    unreplaced = {path for path in left if folder / path.name not in safe}
    if unreplaced and not (len(left) == 1 and all(map(generations.is_compacted, left))):
        names = ", ".join(sorted(path.name for path in unreplaced))
        raise OSError(errno.ENOTEMPTY, f"{aside} holds {names}, which nothing stands for")
    for path in left:
        calls.unlink(path)
    shutil.rmtree(aside)


def _take_away(paths: Iterable[Path], calls: SystemCalls) -> None:
    for path in paths:
        if path.exists():
            calls.unlink(path)
