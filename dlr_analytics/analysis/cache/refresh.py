"""Refresh the cache: add received files in batches, then exchange the folder.

A file's receipts are read once, collapsed, and stored as the facts of their messages; a query reads
the facts, and receipts only of later files. That is done for days that are over, in UTC, and may be
done for the day under way, whose files are cached as they are and merged later.

The new folder is made in ``staging/`` and replaces the old one in one step. A reader finds one or
the other; one that has opened the old one and misses a file reads the manifest again. A killed
refresh leaves a folder in ``staging/`` that the next one removes, and the cache as it was.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.analysis.cache.sums import checking
from dlr_analytics.analysis.cache.writer import CacheWriter, current_state
from dlr_analytics.analysis.engines.duckdb import DuckDBEngine, connect, engine_errors
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.errors import DamagedFile, StoreError
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import (
    REAL,
    SystemCalls,
    existing_folder,
    inherit_access,
    make_folder,
    replace_folder,
)
from dlr_analytics.store.connection import error_reason
from dlr_analytics.store.locks import exclusive_lock
from dlr_analytics.store.spill import spill_folder

BYTES_PER_BATCH: Final = 640 * 2**20
"""Size of the receipts of a batch, some twelve million.

Each batch writes the days before it again, since receipts still arrive for them: fewer is faster.
"""

MEMORY: Final = 4 * 2**30
"""Memory limit of a refresh, where the settings have none."""


@dataclass(frozen=True, slots=True)
class CachedBatch:
    """The received days of a batch, and a sentence where they could not be cached."""

    days: list[dt.date]
    finding: str = ""


def plan_batches(settings: Settings, closed: Iterable[dt.date]) -> list[list[dt.date]]:
    """The days of ``closed`` with files that are not cached, in batches.

    Where send records are new or a day is gone or merged there is a batch, even one without days.
    What a killed refresh left is removed.

    Raises
    ------
    DataFolderMissing
        If there is no data directory.
    """
    data = settings.data
    with exclusive_lock(layout.compact_lock(existing_folder(data))):
        # Under the lock nobody works there: what there is was left by a refresh that was killed.
        shutil.rmtree(_workplace(data), ignore_errors=True)
        state = current_state(settings)
    batches: list[list[dt.date]] = []
    room = 0
    for day in (day for day in closed if day in state.new):
        # A batch has one day at least, however large: a day is not divided.
        size = state.size(state.new[day])
        if not batches or size > room:
            batches.append([])
            room = BYTES_PER_BATCH
        batches[-1].append(day)
        room -= size
    return batches or ([[]] if state.changed or state.merged or state.new_sends else [])


def partly_cached(settings: Settings, days: Iterable[dt.date]) -> list[dt.date]:
    """The days with cached files and with others.

    Merged before the others are cached, the cached ones would be gone, and the messages of the day
    would be derived again.

    Raises
    ------
    DataFolderMissing
        If there is no data directory.
    """
    state = current_state(settings)
    return [day for day in days if day in state.valid and day in state.new]


def cache_batches(
    settings: Settings, batches: Iterable[list[dt.date]], calls: SystemCalls = REAL
) -> Iterator[CachedBatch]:
    """Add batches of closed days to the cache, one after the other.

    Yields
    ------
    CachedBatch
        For each batch, in turn; where it has a finding, the cache is as it was.
    """
    for batch in batches:
        try:
            with exclusive_lock(layout.compact_lock(settings.data)), engine_errors():
                _cache(settings, batch, calls)
            yield CachedBatch(batch)
        except (OSError, StoreError, DamagedFile, EngineError) as error:
            which = f"messages of {batch[0]} to {batch[-1]}" if batch else "messages"
            yield CachedBatch(batch, f"{which}: not cached: {_reason(settings.data, error)}")


def _reason(data: Path, error: Exception) -> str:
    """Why a batch was not cached; DuckDB's errors do not always name the file."""
    if not isinstance(error, EngineError):
        return error_reason(error)
    try:
        checking(data)(layout.messages(data).glob("*/*"))
    except (DamagedFile, OSError) as damage:
        return error_reason(damage)
    cause = error.__cause__
    return error_reason(cause if isinstance(cause, Exception) else error)


def _cache(settings: Settings, batch: list[dt.date], calls: SystemCalls) -> None:
    workplace = _workplace(settings.data)
    if workplace.exists():
        shutil.rmtree(workplace)
    staged = workplace / "new"
    messages = layout.messages(settings.data)
    for folder in (messages, staged):
        make_folder(folder, calls)
    inherit_access(staged, messages)  # it takes this folder's place
    connection = connect(settings.memory or MEMORY, spill_folder(settings.data))
    with contextlib.closing(connection):
        CacheWriter(DuckDBEngine(connection), settings, batch, staged, calls).write()
    replace_folder(staged, messages, calls)
    shutil.rmtree(workplace)


def _workplace(data: Path) -> Path:
    return layout.staging(data) / "messages"
