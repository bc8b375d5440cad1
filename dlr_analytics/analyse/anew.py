"""Which messages must be put together anew, where all others can be used as they are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.analyse.engine import Engine
from dlr_analytics.analyse.kept import Held, Kept
from dlr_analytics.store import layout
from dlr_analytics.store.sql import from_files, from_parquet

KEY: Final = r"lower(trim(message_id, e' \t\n\r'))"
"""What identifies a message, as ``queries/heard.sql`` says it."""

DAY: Final = "cast(coalesce(first_seen_at, sent_at, timestamp '0001-01-01') as date)"
"""The day that a row of ``measured`` is kept by."""

KEPT: Final = (layout.kept_messages, layout.kept_votes, layout.kept_lasted)
"""The files of a kept day."""

OFFSET_KEY: Final = ("network_code", "status", "told_hour", "reading", "scts_quarter")
"""What ``queries/measured.sql`` finds an offset of ``scts`` by."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is kept in a folder, against what is there now, on an engine.

    The engine has ``unsealed``, receipts that are in no file, and two relations of send records:
    ``counted_sends``, which what is kept rests on, and ``open_sends``. Receipts that came after the
    day ``until`` do not count.
    """

    engine: Engine
    held: Held
    folder: Path
    until: dt.date = dt.date.max

    @property
    def stale(self) -> set[dt.date]:
        """Kept days that rest on what has changed since, or came on the day ``until`` or later."""
        return self.held.reopened(self.until)

    @property
    def used(self) -> set[dt.date]:
        """Kept days that are used, but for single messages."""
        return self.held.kept.days.keys() - self.stale

    def opened(self) -> str:
        """The statement that selects all open receipts."""
        files = self.held.open_files()
        sealed = f" union all by name select * from {from_parquet(files)}" if files else ""
        return f"select * from unsealed{sealed}"

    def touch(self) -> None:
        """Make ``touched``: messages of days in use that have an open receipt or send record.

        ``touched`` has ``message_key``, the kept day ``first_seen``, ``last_known`` (a date), and
        the times of its send records, ``first_record_at`` and ``last_record_at``.
        """
        if self.used:
            ids = f"select message_id from ({self.opened()})"
            ids += " union all select message_id from open_sends"
            keys = f"select distinct {KEY} as message_key from ({ids}) where message_id is not null"
            self.engine.keep("open_keys", keys)
        self.engine.keep("touched", self._some("semi join open_keys using (message_key)"))

    def move(self) -> None:
        """Make ``moved``, like ``touched``: of other messages those whose offset is another now."""
        kept, columns = self.held.kept, ", ".join(OFFSET_KEY)
        if kept.offsets:
            before = from_files([layout.kept_offsets(self.folder, kept.offsets)])
            self.engine.keep(
                "moved_offsets",
                f"select distinct {columns} from ((from scts_offsets except from {before})"
                f" union all (from {before} except from scts_offsets))",
            )
        moved = f"semi join moved_offsets using ({columns})"
        untouched = "where message_key not in (select message_key from touched)"
        self.engine.keep("moved", self._some(f"{moved} {untouched}"))

    def receipts_of(self, relation: str) -> str:
        """The statement that selects the closed receipts of ``touched`` or ``moved``, if any."""
        found = f"select distinct first_seen, last_known from {relation}"
        keys = f"select message_key from {relation}"
        return _receipts(self.closed_files(self.engine.rows(found)), keys)

    def sends_of(self, relation: str) -> str:
        """The statement that selects the send records of ``touched`` or ``moved`` counted in."""
        ((first, last),) = self.engine.rows(
            f"select min(first_record_at), max(last_record_at) from {relation}"
        )
        if not first:
            return "select * from counted_sends where false"
        between = f"sent_at between timestamp '{first}' and timestamp '{last}'"
        keys = f"{KEY} in (select message_key from {relation})"
        return f"select * from counted_sends where (sent_at is null or {between}) and {keys}"

    def changed_receipts(self) -> str:
        """The statement that selects all receipts of messages that must be put together anew.

        But for those of ``moved``.
        """
        days = self.held.kept.days
        files = self.closed_files((day, days[day].last_known) for day in self.stale)
        stale = _receipts(files, f"select message_key from {self.rows(self.stale)}")
        found = [self.opened(), self.receipts_of("touched"), stale]
        return " union all by name ".join(filter(None, found))

    def changed_sends(self) -> str:
        """The statement that selects all send records of these messages."""
        found = ["select * from open_sends", self.sends_of("touched")]
        if self.stale:
            found.append(self.sends_of(f"(select * from {self.rows(self.stale)})"))
        return " union all ".join(found)

    def closed_files(self, spans: Iterable[tuple[dt.date, dt.date]]) -> list[Path]:
        """Files of closed days within any of these spans, both ends included."""
        counting = [(first, min(last, self.until)) for first, last in spans]
        return [
            file
            for received, files in self.held.closed.items()
            if any(first <= received <= last for first, last in counting)
            for file in files
        ]

    def rows(
        self,
        days: Iterable[dt.date],
        name: Callable[[Path, dt.date, str], Path] = layout.kept_messages,
    ) -> str:
        """A table of the kept files of these days; without a row where there is no day."""
        paths = [name(self.folder, day, self.held.kept.days[day].batch) for day in days]
        return from_files(sorted(paths)) if paths else ""

    def _some(self, which: str) -> str:
        """The statement that selects some messages of days in use, as ``touched`` has them."""
        last_known = f"coalesce(cast(last_known_at as date), {DAY})"
        columns = f"message_key, {DAY} as first_seen, {last_known} as last_known"
        if not self.used:
            day, moment = "date '0001-01-01'", "timestamp '0001-01-01'"
            return (
                f"select '' as message_key, {day} as first_seen, {day} as last_known,"
                f" {moment} as first_record_at, {moment} as last_record_at limit 0"
            )
        return (
            f"select {columns}, first_record_at, last_record_at from {self.rows(self.used)} {which}"
        )


def files_of(kept: Kept, messages: Path) -> list[Path]:
    """All files of what is kept in the folder ``messages``."""
    offsets = [layout.kept_offsets(messages, kept.offsets)] if kept.offsets else []
    return offsets + [
        name(messages, day, one.batch) for day, one in kept.days.items() for name in KEPT
    ]


def _receipts(files: list[Path], keys: str) -> str:
    if not files:
        return ""
    return f"select * from {from_parquet(files)} where {KEY} in ({keys})"
