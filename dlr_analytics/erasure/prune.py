"""``dlr prune``: retention. Messages sent before a date are removed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analysis.engines.duckdb import Connection
from dlr_analytics.erasure.files.copies import old_copies
from dlr_analytics.erasure.files.folders import empty_days
from dlr_analytics.erasure.files.places import check_links
from dlr_analytics.erasure.files.quarantine_lines import count_lines
from dlr_analytics.erasure.files.rewriting import removed_rows
from dlr_analytics.erasure.plan import Track, unfinished, write_plan
from dlr_analytics.erasure.run import as_store_error, carry_out, gone_lines
from dlr_analytics.erasure.selection import (
    Counts,
    ask_sound_data,
    count_selected,
    damaged_files,
    select_old,
)
from dlr_analytics.errors import UnreadableValue
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, existing_folder
from dlr_analytics.store.locks import exclusive_lock
from dlr_analytics.webhook.receipt import COLUMNS

YOUNGEST_DAYS: Final = 4
"""Receipts come for 72 hours after the message: those of younger ones may still be on their way."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What is removed, or would be; what is left, each with file and remedy.

    ``holding`` are files that hold a number now, or copies that hold old receipts; ``alike`` are
    messages with a masked number that looks like one.
    """

    counts: Counts
    left: tuple[str, ...] = ()
    holding: int = 0
    alike: int = 0


def read_date(text: str, today: dt.date) -> dt.date:
    """Read the date before which messages are removed.

    Raises
    ------
    UnreadableValue
        It is no date, or not at least :data:`YOUNGEST_DAYS` days before ``today`` (UTC).

    Examples
    --------
    >>> read_date("2026-11-20", dt.date(2026, 11, 24))
    datetime.date(2026, 11, 20)
    >>> read_date("2026-11-21", dt.date(2026, 11, 24))
    Traceback (most recent call last):
    dlr_analytics.errors.UnreadableValue: --before 2026-11-21: receipts come for 72 hours, and
        messages as young stay; give 2026-11-20 or a date before it
    """
    try:
        before = dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise UnreadableValue(
            f"--before {text!r} is no date", "give a UTC date, like 2026-10-01"
        ) from None
    latest = today - dt.timedelta(days=YOUNGEST_DAYS)
    if before > latest:
        raise UnreadableValue(
            f"--before {before}: receipts come for 72 hours, and messages as young stay",
            f"give {latest} or a date before it",
        )
    return before


def prune(
    settings: Settings,
    before: dt.date,
    *,
    yes: bool = False,
    calls: SystemCalls = REAL,
    track: Track = iter,
) -> Erased:
    """Remove all messages whose ``message_time`` is before a UTC date, or count them.

    Whole messages go, with late receipts and send records; so do quarantine lines that arrived
    before, and days without receipts. What an earlier run began is finished too.

    Parameters
    ----------
    settings : Settings
        Its ``data``, ``currency``, ``client_ref_time`` and ``memory`` count.
    before : date
        In UTC.
    yes : bool
        Remove them; otherwise nothing is changed.
    track : callable, optional
        Shows the progress over folders.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        A file without a checksum cannot be read; nothing is changed.
    UsageError
        There is a symbolic link other than a day's folder; nothing is changed.
    StoreError
        Nothing can be written there; nothing is changed.
    """
    data = existing_folder(settings.data)
    check_links(data)
    damaged = damaged_files(data, track)
    if not yes:
        before = _latest(data, before)
        counts = _select(settings, before, damaged)
        copies = old_copies(data, before, damaged)
        return Erased(counts, tuple(damaged.values()), holding=len(copies))
    try:
        with exclusive_lock(layout.erase_lock(data)):
            before = _latest(data, before)
            counts = _select(settings, before, damaged, write=True, calls=calls)
            plan = unfinished(data)
            left = carry_out(settings, plan, damaged, calls, track) if plan.files else []
    except (OSError, duckdb.Error) as error:
        raise as_store_error(error, data) from error
    return Erased(counts, tuple(left or damaged.values()))


def _latest(data: Path, before: dt.date) -> dt.date:
    """The date, or that of a run that was begun, if it is later."""
    return max(before, unfinished(data).before or before)


def _select(
    settings: Settings,
    before: dt.date,
    damaged: dict[Path, str],
    *,
    write: bool = False,
    calls: SystemCalls = REAL,
) -> Counts:
    """Count what is removed, and write the plan if there is anything."""
    plan = replace(unfinished(settings.data), before=before)
    quarantined = count_lines(settings.data, gone_lines(plan))

    def select(connection: Connection) -> Counts:
        select_old(connection, before, plan.files)
        condition = removed_rows(before, COLUMNS)
        counts = count_selected(connection, condition, quarantined)
        if write and (counts.any() or _are_left(settings.data, before, damaged)):
            write_plan(connection, settings.data, plan, calls)
        return counts

    return ask_sound_data(settings, damaged, select)


def _are_left(data: Path, before: dt.date, damaged: dict[Path, str]) -> bool:
    """Whether there are days without receipts, or copies with old ones."""
    return bool(empty_days(data, damaged) or old_copies(data, before, damaged))
