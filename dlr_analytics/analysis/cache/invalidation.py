"""Which messages must be put together anew, where all others can be used as they are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from dlr_analytics.analysis.cache.manifest import Held
from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.store import layout, sends
from dlr_analytics.store.sql import from_files, from_parquet


def key_of(message_id: str) -> str:
    """What identifies a message with this ID, in SQL, as ``receipts_normalized.sql`` says it.

    Examples
    --------
    >>> from dlr_analytics.analysis.engines.duckdb import connect
    >>> connect().sql("select " + key_of("' 0C00-a '")).fetchall()
    [('0c00-a',)]
    """
    ends = f"left({message_id}, 1) <= ' ' or right({message_id}, 1) <= ' '"
    trimmed = rf"trim({message_id}, e' \t\n\r')"
    return f"lower(case when {ends} then {trimmed} else {message_id} end)"


KEY: Final = key_of("message_id")

OFFSET_KEY: Final = ("network_code", "status", "pushed_hour", "reading", "scts_quarter")
"""What ``sql/pipeline/message_facts.sql`` finds an offset of ``scts`` by."""


GONE: Final = "(select * from stale_messages union all select * from reoffset_messages)"
"""The messages of used days whose rows are not used."""


def open_sends(engine: Engine, held: Held, until: dt.date = dt.date.max) -> None:
    """Make ``cached_sends``, which what is kept rests on, and ``open_sends``, both up to a day."""
    known, new = (
        f"select * from {sends.sends_table(files)}"
        f" where (sent_at is null or sent_at < date '{until}')"
        for files in (held.known_sends, held.new_sends)
    )
    later = f"sent_at >= date '{held.kept.sends_until}'"
    engine.view("cached_sends", f"{known} and (sent_at is null or not {later})")
    engine.view("new_sends", f"{known} and {later} union all {new}")


@dataclass(frozen=True)
class Ground:
    """What is kept in a folder, against what is there now, on an engine.

    The engine has ``unsealed``, receipts that are in no file, and two relations of send records:
    ``cached_sends``, which what is kept rests on, and ``open_sends``. Receipts that came after the
    day ``until`` do not count.
    """

    engine: Engine
    held: Held
    folder: Path
    until: dt.date = dt.date.max

    @cached_property
    def stale(self) -> set[dt.date]:
        """Kept days that rest on what has changed since, or came on the day ``until`` or later."""
        return self.held.reopened(self.until)

    @cached_property
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
        ids = f"select message_id from ({self.opened()}) union all select message_id from new_sends"
        keys = f"select {KEY} as message_key from ({ids}) where message_id is not null"
        self.engine.keep("new_keys", keys if self.used else "select '' as message_key limit 0")
        self._keep_some("stale_messages", "new_keys", "message_key")

    def move(self) -> None:
        """Make ``moved``, like ``touched``: of other messages those whose offset is another now."""
        columns = ", ".join(OFFSET_KEY)
        changed = "from scts_offsets limit 0"
        if self.held.kept.offsets:
            before = from_files([layout.cached_scts_offsets(self.folder, self.held.kept.offsets)])
            changed = (
                f"(from scts_offsets except from {before})"
                f" union all (from {before} except from scts_offsets)"
            )
        self.engine.keep("changed_offsets", f"select distinct {columns} from ({changed})")
        untouched = "where message_key not in (select message_key from stale_messages)"
        self._keep_some("reoffset_messages", "changed_offsets", columns, untouched)

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
        between = f"sent_at between timestamp '{first}' and timestamp '{last}'"
        when = f"(sent_at is null or {between})" if first else "sent_at is null"
        keys = f"select message_key from {relation}"
        return f"select * from cached_sends where {when} and {KEY} in ({keys})"

    def closed_receipts(self) -> str:
        """The statement that selects the closed receipts of messages to be put together anew.

        But for those of ``moved``.
        """
        days = self.held.kept.days
        files = self.closed_files((day, days[day].last_known) for day in self.stale)
        stale = _receipts(files, f"select message_key from {self.rows(self.stale)}")
        none = "select * from unsealed where false"
        return " union all by name ".join(
            filter(None, [none, self.receipts_of("stale_messages"), stale])
        )

    def changed_sends(self) -> str:
        """The statement that selects all send records of these messages."""
        found = ["select * from new_sends", self.sends_of("stale_messages")]
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
        name: Callable[[Path, dt.date, str], Path] = layout.cached_messages,
    ) -> str:
        """A table of the kept files of these days; without a row where there is no day."""
        paths = [name(self.folder, day, self.held.kept.days[day].batch) for day in days]
        return from_files(sorted(paths)) if paths else ""

    def mixed(self) -> set[dt.date]:
        """Days in use of which messages are ``touched`` or ``moved``."""
        return {day for (day,) in self.engine.rows(f"select distinct first_seen from {GONE}")}

    def rows_now(self, days: set[dt.date], mixed: set[dt.date]) -> str:
        """The statement of ``recomputed_facts``, and of what these days have as it was kept."""
        return f"select * from recomputed_facts{self._as_kept(days, mixed)}"

    def rows_as_kept(self, days: set[dt.date], mixed: set[dt.date]) -> str:
        """The statement of what these days have as it was kept, with the same columns."""
        return f"select * from recomputed_facts where false{self._as_kept(days, mixed)}"

    def _as_kept(self, days: set[dt.date], mixed: set[dt.date]) -> str:
        found = ""
        if whole := self.rows(days - mixed):
            found += f" union all by name select * from {whole}"
        if rest := self.rows(days & mixed):
            kept = f"{rest} where message_key not in (select message_key from {GONE})"
            found += f" union all by name select * from {kept}"
        return found

    def _keep_some(self, name: str, matching: str, columns: str, where: str = "") -> None:
        """Make a table like ``touched`` of the messages of days in use that match a relation."""
        told = "message_key, first_seen, coalesce(cast(last_known_at as date), first_seen)"
        told += " as last_known, first_record_at, last_record_at"
        rows = self.rows(self.used)
        if rows and self.engine.rows(f"select 1 from {matching} limit 1"):
            some = f"select {told} from {rows} semi join {matching} using ({columns}) {where}"
            self.engine.keep(name, some)
        else:
            types = {"message_key": "VARCHAR", "first_seen": "DATE", "last_known": "DATE"}
            types |= {"first_record_at": "TIMESTAMP", "last_record_at": "TIMESTAMP"}
            self.engine.offer(name, types, [])


def _receipts(files: list[Path], keys: str) -> str:
    if not files:
        return ""
    return f"select * from {from_parquet(files)} where {KEY} in ({keys})"
