"""Keeps the messages of closed days, so that no question puts them together again.

The new folder of messages is made beside the old one, of links to what stays, and takes its place
in one step. A reader finds one or the other, or misses a file, and looks again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analysis.cache.writer import Batch, current
from dlr_analytics.analysis.engines import duckdb as on_duckdb
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import (
    REAL,
    SystemCalls,
    existing_folder,
    make_folder,
    replace_folder,
)
from dlr_analytics.store.connection import error_reason
from dlr_analytics.store.locks import exclusive_lock

BYTES_AT_ONCE: Final = 640 * 2**20
"""Of receipts, some twelve million: what is put together at once.

Each lot writes the days before it anew, since receipts still come for them: the fewer, the better.
"""

MEMORY: Final = 4 * 2**30
"""What all of it may take, where the settings say nothing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Received days that were gone through, and a sentence where they could not be counted in."""

    days: list[dt.date]
    finding: str = ""


def due(settings: Settings, closed: Iterable[dt.date]) -> list[list[dt.date]]:
    """The closed days that kept messages do not rest on, or not any more, in lots.

    Where send records have come or a day has gone, there is a lot, be it without days. What a
    killed run left is removed.

    Raises
    ------
    DataFolderMissing
        If there is no data directory.
    """
    data = settings.data
    with exclusive_lock(layout.compact_lock(existing_folder(data))):
        shutil.rmtree(_workplace(data), ignore_errors=True)
        held = current(settings)
    lots: list[list[dt.date]] = []
    room = 0
    for day in (day for day in closed if day in held.open):
        size = sum(path.stat().st_size for path in held.open[day])
        if not lots or size > room:
            lots.append([])
            room = BYTES_AT_ONCE
        lots[-1].append(day)
        room -= size
    return lots or ([[]] if held.changed or held.new_sends else [])


def keep(
    settings: Settings, lots: Iterable[list[dt.date]], calls: SystemCalls = REAL
) -> Iterator[Counted]:
    """Count the receipts of closed days into the kept messages, one lot after the other.

    Yields
    ------
    Counted
        For each lot, in turn; where it has a finding, what was kept is as it was.
    """
    for lot in lots:
        try:
            with exclusive_lock(layout.compact_lock(settings.data)):
                _count_in(settings, lot, calls)
            yield Counted(lot)
        except (OSError, duckdb.Error) as error:
            which = f"messages of {lot[0]} to {lot[-1]}" if lot else "messages"
            yield Counted(lot, f"{which}: not kept: {error_reason(error)}")


def _count_in(settings: Settings, lot: list[dt.date], calls: SystemCalls) -> None:
    workplace = _workplace(settings.data)
    if workplace.exists():
        shutil.rmtree(workplace)
    aside = workplace / "new"
    make_folder(aside, calls)
    connection = on_duckdb.connect(settings.memory or MEMORY, workplace / "spill")
    with contextlib.closing(connection):
        Batch(on_duckdb.OnDuckDB(connection), settings, lot, aside, calls).write()
    messages = layout.messages(settings.data)
    make_folder(messages, calls)
    replace_folder(aside, messages, calls)
    shutil.rmtree(workplace)


def _workplace(data: Path) -> Path:
    return layout.staging(data) / "messages"
