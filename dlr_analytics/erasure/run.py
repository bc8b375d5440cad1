"""Carry out a plan, over all kinds of files.

Journals, receipts, send records, quarantine, the cache: data moves from journals to receipts, so
these are sealed first. The locks of compactions and of
imports are held for one folder or one kind of file at a time, so that these go on in between;
receivers and readers take no part in them. Everything is done again until a round finds nothing
more to do.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.erasure import derived
from dlr_analytics.erasure.files.copies import old_copies
from dlr_analytics.erasure.files.folders import FolderRewrite, empty_days
from dlr_analytics.erasure.files.leftovers import remove_leftovers
from dlr_analytics.erasure.files.quarantine_lines import Gone, Looked, rewrite_quarantine
from dlr_analytics.erasure.files.rewriting import Rewriter
from dlr_analytics.erasure.files.send_records import rewrite_sends
from dlr_analytics.erasure.files.unsealed import AffectedJournals
from dlr_analytics.erasure.plan import Plan, Track, remove_plan, unfinished
from dlr_analytics.erasure.proving import is_own, prove
from dlr_analytics.erasure.selection import damaged_files
from dlr_analytics.erasure.spellings import Finder
from dlr_analytics.errors import DlrError, StoreError, describe_refusal
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, existing_folder
from dlr_analytics.store.connection import connect, error_reason
from dlr_analytics.store.journal.release import wait_until_released
from dlr_analytics.store.locks import exclusive_lock, is_locked
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.receipts.merge import DEFAULT_MEMORY
from dlr_analytics.store.receipts.scanning import stored_files
from dlr_analytics.store.sends import send_files
from dlr_analytics.store.spill import scratch_folder

ROUNDS: Final = 5
"""Rounds after which something is left: receipts of the same messages arrive all the time."""

AGAIN: Final = "remove the cause, then run it again"


def as_store_error(error: OSError | duckdb.Error, data: Path) -> StoreError:
    """The error of a run that cannot go on, with the file where it is known."""
    if isinstance(error, OSError):
        return StoreError(describe_refusal(error, data).problem, AGAIN)
    return StoreError(f"{data}: {error_reason(error)}", AGAIN)


def finish(settings: Settings) -> list[str]:
    """Finish what killed runs began, unless a run is at work.

    Returns
    -------
    list of str
        What is left: each names a file, and the remedy.

    Raises
    ------
    DataFolderMissing
        There is no data directory.
    DamagedFile
        What was begun cannot be read.
    """
    data = existing_folder(settings.data)
    lock = layout.erase_lock(data)
    if not layout.erasure_plans(data) or is_locked(lock):
        return []
    with exclusive_lock(lock):
        plan = unfinished(data)
        return carry_out(settings, plan, damaged_files(data)) if plan.files else []


def carry_out(
    settings: Settings,
    plan: Plan,
    damaged: dict[Path, str],
    calls: SystemCalls = REAL,
    track: Track = iter,
) -> list[str]:
    """Remove what a plan says, and then the plan.

    The caller holds the lock of erasures.

    Parameters
    ----------
    damaged : dict of path to str
        Files that stay as they are, and why.
    track : callable, optional
        Shows the progress over folders, and over the files of the proof.

    Returns
    -------
    list of str
        What is left: each names a file, and the remedy. The plan stays then too.
    """
    data = settings.data
    limit = f"{settings.memory or DEFAULT_MEMORY}B"
    with scratch_folder(data) as scratch, connect(scratch, memory_limit=limit) as connection:
        run = Run(settings, plan, damaged, Rewriter(connection, plan, scratch), calls)
        left = run.until_done(track)
        holding: dict[Path, str] = {}
        if plan.forgets:
            holding = prove(settings, plan, connection, scratch, track)
            if any(is_own(path, settings.data) and path not in damaged for path in holding):
                left = run.until_done(track)  # it has arrived meanwhile
                holding = prove(settings, plan, connection, scratch, track)
    holding = {path: text for path, text in holding.items() if path not in damaged}
    if not left and not any(is_own(path, settings.data) for path in holding):
        remove_plan(plan, calls)
    return [*left, *holding.values()]


class Run:
    """One run over all kinds of files."""

    def __init__(
        self,
        settings: Settings,
        plan: Plan,
        damaged: dict[Path, str],
        rewriter: Rewriter,
        calls: SystemCalls,
    ) -> None:
        self._settings = settings
        self._data = settings.data
        self._plan = plan
        self._damaged = damaged
        self._rewriter = rewriter
        self._calls = calls
        self._changed = False
        self._affected_journals = AffectedJournals(self._data, rewriter.in_journal)
        self._looked: Looked = {}

    def until_done(self, track: Track) -> list[str]:
        """Repeat rounds until one finds nothing to do; return what is left."""
        with self._locks():
            left = remove_leftovers(self._data, self._calls)
        found: list[str] = []
        for _ in range(ROUNDS):
            self._changed = False
            found = [
                *self._attempt(layout.journal(self._data), self._journals),
                *self._receipts(track),
                *self._attempt(layout.sends(self._data), self._sends),
                *self._attempt(layout.quarantine(self._data), self._quarantine),
            ]
            if found or not self._changed:
                break
        else:
            found = [f"{self._data}: more arrives than is removed; run it again"]
        left += self._attempt(layout.messages(self._data), self._cache)
        return [*self._damaged.values(), *left, *found]

    @contextlib.contextmanager
    def _locks(self) -> Iterator[None]:
        compact, incoming = layout.compact_lock(self._data), layout.incoming_lock(self._data)
        with exclusive_lock(compact), exclusive_lock(incoming):
            yield

    def _attempt(self, path: Path, step: Callable[[], list[str]]) -> list[str]:
        """What a step leaves; the path and the reason if it fails."""
        try:
            return step()
        except (OSError, DlrError, duckdb.Error) as error:
            return [f"{path}: {error_reason(error)}; {AGAIN}"]

    def _journals(self) -> list[str]:
        not_sealed: list[str] = []

        def held() -> list[Path]:
            open_, not_sealed[:] = self._affected_journals.seal(self._calls)
            return open_

        return [*map(_in_use, wait_until_released(self._data, held)), *not_sealed]

    def _receipts(self, track: Track) -> list[str]:
        receipts = layout.receipts(self._data)
        try:
            affected, left = self._affected(lambda: stored_files(receipts, ".parquet"))
            others = self._days_left(self._plan.before) if self._plan.before else []
        except (OSError, duckdb.Error) as error:
            return [f"{receipts}: {error_reason(error)}; {AGAIN}"]
        folders = {path.parent for path in affected} | set(others)
        for folder in track(sorted(folders)):
            left += self._attempt(folder, partial(self._folder, folder))
        return left

    def _days_left(self, before: dt.date) -> list[Path]:
        """Days without receipts, or with copies of replaced files that have old ones."""
        copies = old_copies(self._data, before, self._damaged)
        return [*empty_days(self._data, self._damaged), *(path.parent for path in copies)]

    def _folder(self, folder: Path) -> list[str]:
        with self._locks():
            if folder.is_dir():
                damaged = frozenset(self._damaged)
                rewrite = FolderRewrite(self._data, folder, self._rewriter, damaged, self._calls)
                self._changed |= rewrite.rewrite()
                self._changed |= rewrite.remove_empty()
        return []

    def _sends(self) -> list[str]:
        with self._locks():
            affected, left = self._affected(lambda: map(str, send_files(self._data)))
            rewrite_sends(self._data, affected, self._rewriter, self._calls)
        self._changed |= bool(affected)
        return left

    def _affected(self, listed: Callable[[], Iterable[str]]) -> tuple[list[Path], list[str]]:
        """The affected files, and sentences about those that cannot be read."""
        while True:
            files = [path for path in map(Path, listed()) if path not in self._damaged]
            try:
                return self._rewriter.affected(files), []
            except duckdb.Error:
                if all(path.exists() for path in files):
                    return self._affected_one_by_one(files)
                # compacted since they were listed

    def _affected_one_by_one(self, files: list[Path]) -> tuple[list[Path], list[str]]:
        affected, unreadable = [], []
        for path in files:
            try:
                affected += self._rewriter.affected([path])
            except duckdb.Error as error:
                reason = f"{path}: {error_reason(error)}; restore it from a backup or move it away"
                unreadable += [reason] if path.exists() else []
        return affected, unreadable

    def _quarantine(self) -> list[str]:
        def held() -> list[Path]:
            with exclusive_lock(layout.incoming_lock(self._data)):
                open_, changed = rewrite_quarantine(
                    self._data, self._gone, self._looked, self._calls
                )
            self._changed |= changed
            return open_

        return [*map(_in_use, wait_until_released(self._data, held))]

    @property
    def _gone(self) -> Gone:
        return gone_lines(self._plan)

    def _cache(self) -> list[str]:
        return derived.refresh_messages(self._settings, self._calls)


def gone_lines(plan: Plan) -> Gone:
    """Whether a quarantine line is removed by a plan."""
    before = plan.before
    finder = Finder(plan.numbers, plan.hashes, national=True)

    def gone(entry: QuarantineEntry) -> bool:
        if before is not None and entry.arrived_at.date() < before:
            return True
        return plan.forgets and (finder.holds(entry.raw) or finder.holds(entry.reason))

    return gone


def _in_use(path: Path) -> str:
    return f"{path}: a receiver has it open; run it again when that has ended"
