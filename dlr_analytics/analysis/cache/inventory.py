"""The inventory: stale messages, and the rows and files that a refresh needs.

The cache is an incrementally maintained view. Four things make cached rows stale:

1. **New receipts**, late ones above all. A message with a new receipt is stale, and only this
   message: its earlier receipts are read again, and it is derived from all of them. Without a final
   status they are in a small file of its day, else in the files of the days between its first and
   its last known receipt (``last_known_at``).
2. **New send records.** Files of send records carry no day, so their message IDs decide: a message
   with a new record is stale as above. Records sent after ``sends_until`` count as new.
3. **Newly learned offsets.** Votes are global: a receipt of today can change the offset of ``scts``
   in an hour of last week. Votes are cached by day, those of stale messages are withdrawn, and
   offsets are learned again; messages whose offset differs from the cached one are *re-offset*.
4. **Changed inputs**: definitions, networks and settings change the fingerprint, and nothing cached
   is used; where the files of a received day have changed or gone, every cached day that has a
   message with a receipt of that day is stale as a whole.

Stale rows are patched one message at a time. Rebuilding whole days would be simpler, but receipts
come up to 72 hours late, in any volume, so that nearly every refresh would rebuild the last four
days, and one receipt that is a week late a whole day of a million messages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from dlr_analytics.analysis.cache.manifest import CachedFile
from dlr_analytics.analysis.cache.offsets import OFFSET_KEY
from dlr_analytics.analysis.cache.state import CacheState
from dlr_analytics.analysis.cache.sums import Check, unchecked
from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages.parameters import KEY, KEY_HASH
from dlr_analytics.store import layout
from dlr_analytics.store.sends import sends_table

AS_OF_ALL: Final = dt.datetime(9999, 12, 31)
"""The moment as of which messages are cached: every receipt there is counts."""

OUTDATED: Final = "(select * from stale_messages union all select * from reoffset_messages)"
"""The messages of usable days whose cached rows must not be used."""

_STALE_COLUMNS: Final = {
    "message_key": "VARCHAR",
    "first_seen": "DATE",
    "last_known": "DATE",
    "final": "BOOLEAN",
    "first_record_at": "TIMESTAMP",
    "last_record_at": "TIMESTAMP",
    "file_row_number": "BIGINT",
}


@dataclass(frozen=True)
class Inventory:
    """A cache folder on an engine: what is valid in it, and what has to be read again.

    The engine has ``unsealed``, receipts that are in no Parquet file; and ``new_sends``, the send
    records that the cache was not derived from. Receipts that arrived
    after the moment ``until`` (naive UTC) do not count: days with messages known after its day are
    stale, and single messages known after it on its day. ``check`` is called with the files whose
    rows are used or copied, and whose hashes find stale messages; not for the dates of a message,
    whose day is then written again, from a file that is checked.
    """

    engine: Engine
    state: CacheState
    folder: Path
    until: dt.datetime = AS_OF_ALL
    check: Check = unchecked

    @cached_property
    def stale_days(self) -> set[dt.date]:
        """Cached days without a usable row."""
        return self.state.stale_days(self.until.date())

    @cached_property
    def usable_days(self) -> set[dt.date]:
        """Cached days that are used, except single messages."""
        return self.state.manifest.days.keys() - self.stale_days

    def new_receipts(self) -> str:
        """The statement that selects all receipts that are not cached."""
        files = self.state.new_files()
        self.check(files)
        sealed = f" union all by name select * from {self.engine.receipts(files)}" if files else ""
        return f"select * from unsealed{sealed}"

    def find_stale_messages(self) -> None:
        """Create ``stale_messages``: those with a new receipt or send record.

        So are those known after ``until``. It has ``message_key``, the cached day ``first_seen``,
        ``last_known`` (a date), ``final``, the times of its send records, ``first_record_at`` and
        ``last_record_at``, and its row in the file of its day, ``file_row_number``.
        """
        ids = (
            f"select message_id from ({self.new_receipts()})"
            " union all select message_id from new_sends"
        )
        keys = f"select {KEY} as message_key from ({ids}) where message_id is not null"
        none = "select '' as message_key limit 0"
        if late := self.rows(self._days_known_until()):
            moment = f"timestamp '{self.until}'"
            keys += f" union all select message_key from {late} where last_known_at > {moment}"
        # Where no day is usable all messages are derived anyway: no receipt is read for its key.
        self.engine.create_table("new_keys", keys if self.usable_days else none)
        days = self._days_of_new_keys()
        self._create_stale("stale_messages", days, "new_keys", "message_key")
        self.engine.drop_table("new_keys")

    def _days_of_new_keys(self) -> set[dt.date]:
        """Usable days that may have a message of ``new_keys``: hashes are compared."""
        if not self.engine.rows("select 1 from new_keys limit 1"):
            return set()
        days = sorted(self.usable_days)
        files = self._paths(days, layout.cached_keys_and_durations)
        self.check(files)
        hashes = f"(select {KEY_HASH} as key_hash from new_keys) as new_hashes"
        found = self.engine.rows(
            "select distinct filename"
            f" from {self.engine.cached(files)} semi join {hashes} using (key_hash)"
        )
        day_of = dict(zip(map(str, files), days, strict=True))
        return {day_of[name] for (name,) in found}

    def _days_known_until(self) -> set[dt.date]:
        """Usable days with a message last known on the day of ``until``."""
        days, last = self.state.manifest.days, self.until.date()
        return {day for day in self.usable_days if days[day].last_known == last}

    def find_reoffset_messages(self) -> None:
        """Create ``reoffset_messages``: others with one of ``changed_offsets``.

        Drops ``changed_offsets``.
        """
        others = "where message_key not in (select message_key from stale_messages)"
        days = self.usable_days
        self._create_stale("reoffset_messages", days, "changed_offsets", OFFSET_KEY, others)
        self.engine.drop_table("changed_offsets")

    def receipts_of(self, relation: str) -> str:
        """The statement that selects the cached receipts of a relation's messages.

        Empty where there are none. The relation has the columns of ``stale_messages``.
        """
        final, open_ = f"{relation} where final", f"{relation} where not final"
        spans = self.engine.rows(f"select distinct first_seen, last_known from {final}")
        days = self.engine.rows(f"select distinct first_seen from {open_}")
        found = (
            self._receipts(self.valid_files(spans), f"in (select message_key from {final})"),
            self.open_receipts((day for (day,) in days), f"in (select message_key from {open_})"),
        )
        return " union all by name ".join(filter(None, found))

    def open_receipts(self, days: Iterable[dt.date], keys: str) -> str:
        """The statement that selects receipts of messages without a final status.

        Those first seen on some days, as far as the condition ``keys`` holds for their key. Empty
        without days.
        """
        return self._receipts(self._paths(days, layout.cached_open_receipts), keys)

    def sends_of(self, relation: str) -> str:
        """The statement that selects the cached send records of a relation's messages.

        Those of messages with one time are found by it, which is faster than by keys.
        """
        at_once = f"{relation} where first_record_at = last_record_at"
        found = [
            self._sends(self.state.sends_within(None, None), relation, "sent_at is null"),
            self._timed_sends(at_once, f"sent_at in (select first_record_at from {at_once})"),
            self._timed_sends(f"{relation} where first_record_at < last_record_at", "true"),
        ]
        return " union all ".join(filter(None, found))

    def reloaded_receipts(self) -> str:
        """The statement that selects cached receipts of stale messages, and of stale days."""
        days = self.state.manifest.days
        files = self.valid_files((day, days[day].last_known) for day in self.stale_days)
        of_days = self._receipts(
            files, f"in (select message_key from {self.rows(self.stale_days)})"
        )
        none = "select * from unsealed where false"
        found = [none, self.receipts_of("stale_messages"), of_days]
        return " union all by name ".join(filter(None, found))

    def reloaded_sends(self) -> str:
        """The statement that selects new send records, and cached ones of what is stale."""
        found = ["select * from new_sends", self.sends_of("stale_messages")]
        if self.stale_days:
            found.append(self.sends_of(f"(select * from {self.rows(self.stale_days)})"))
        return " union all ".join(found)

    def valid_files(self, spans: Iterable[tuple[dt.date, dt.date]]) -> list[Path]:
        """Files of valid received days within any of these spans, both ends included."""
        counting = [(first, min(last, self.until.date())) for first, last in spans]
        return [
            file
            for received, files in self.state.valid.items()
            if any(first <= received <= last for first, last in counting)
            for file in files
        ]

    def rows(
        self,
        days: Iterable[dt.date],
        name: CachedFile = layout.cached_messages,
    ) -> str:
        """A table expression of the cached files of some days, empty without days."""
        paths = self._paths(days, name)
        return self.engine.cached(paths) if paths else ""

    def votes(self, days: Iterable[dt.date]) -> str:
        """A table expression of the cached votes of some days, empty without days."""
        self.check(self._paths(days, layout.cached_scts_votes))
        return self.rows(days, layout.cached_scts_votes)

    def offsets(self) -> str:
        """A table expression of the cached offsets; the manifest names their file."""
        file = layout.cached_scts_offsets(self.folder, self.state.manifest.offsets)
        self.check([file])
        return self.engine.cached([file])

    def _paths(self, days: Iterable[dt.date], name: CachedFile) -> list[Path]:
        return sorted(name(self.folder, day, self.state.manifest.days[day].batch) for day in days)

    def patched_days(self) -> set[dt.date]:
        """Usable days that have stale or re-offset messages."""
        return {day for (day,) in self.engine.rows(f"select distinct first_seen from {OUTDATED}")}

    def cached_facts(self, days: set[dt.date], patched: set[dt.date]) -> str:
        """The statement of the valid cached facts of some days."""
        return f"select * from recomputed_facts where false{self._cached(days, patched)}"

    def current_facts(self, days: set[dt.date], patched: set[dt.date]) -> str:
        """The statement of ``recomputed_facts`` and the valid cached facts of some days."""
        return f"select * from recomputed_facts{self._cached(days, patched)}"

    def _cached(self, days: set[dt.date], patched: set[dt.date]) -> str:
        found = ""
        self.check(self._paths(days, layout.cached_messages))
        if whole := self.rows(days - patched):
            found += f" union all by name select * from {whole}"
        if rest := self.rows(days & patched):
            # By their rows: comparing the keys of all messages takes twice as long.
            outdated = f"{OUTDATED} as outdated using (first_seen, file_row_number)"
            found += f" union all by name select * from {rest} anti join {outdated}"
        return found

    def _create_stale(
        self, name: str, days: set[dt.date], matching: str, columns: str, where: str = ""
    ) -> None:
        """Create a table of the messages of some days that match a relation."""
        rows = self.rows(days)
        # The join reads the columns of all these days: not where it would find nothing.
        if rows and self.engine.rows(f"select 1 from {matching} limit 1"):
            selected = "message_key, first_seen, coalesce(cast(last_known_at as date), first_seen)"
            selected += " as last_known, final, first_record_at, last_record_at, file_row_number"
            matched = f"select {selected} from {rows} semi join {matching} using ({columns})"
            self.engine.create_table(name, f"{matched} {where}")
        else:
            self.engine.create_values(name, _STALE_COLUMNS, [])

    def _receipts(self, files: list[Path], keys: str) -> str:
        """Select receipts in files, where a condition on their key holds."""
        if not files:
            return ""
        self.check(files)
        return f"select * from {self.engine.receipts(files)} where {KEY} {keys}"

    def _timed_sends(self, relation: str, condition: str) -> str:
        """Select cached send records that have a time; empty where there are none."""
        ((first, last),) = self.engine.rows(
            f"select min(first_record_at), max(last_record_at) from {relation}"
        )
        if first is None:
            return ""
        # Files of other times hold no record of these messages, and are not opened.
        files = self.state.sends_within(first, last, untimed=False)
        between = f"sent_at between timestamp '{first}' and timestamp '{last}'"
        return self._sends(files, relation, f"{between} and {condition}")

    def _sends(self, files: list[Path], relation: str, condition: str) -> str:
        """Select cached send records in files, where a condition holds."""
        self.check(files)
        cached = f"(sent_at is null or sent_at < date '{self.state.manifest.sends_until}')"
        keys = f"{KEY} in (select message_key from {relation})"
        return f"select * from {sends_table(files)} where {condition} and {cached} and {keys}"
