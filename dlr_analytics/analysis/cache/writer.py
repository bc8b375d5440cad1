"""One lot of closed days, counted into the kept messages: what is written, and what stays."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from dlr_analytics.analysis.cache import manifest
from dlr_analytics.analysis.cache.build import VOTE, put_together, summed
from dlr_analytics.analysis.cache.fingerprint import basis
from dlr_analytics.analysis.cache.invalidation import Ground, open_sends
from dlr_analytics.analysis.cache.manifest import Day, Held, Kept, Received
from dlr_analytics.analysis.engines import duckdb
from dlr_analytics.analysis.messages import networks, vocabulary_tables
from dlr_analytics.analysis.messages.pipeline import Terms, ask, over
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.receipts.listing import FileVanished, list_data
from dlr_analytics.store.receipts.read import open_listing
from dlr_analytics.store.sql import from_parquet, literal, no_rows

EVER: Final = dt.datetime(9999, 12, 31)
"""As of when messages are kept: with all receipts there are."""


def current(settings: Settings) -> Held:
    """What is kept, against the sealed files that are there now."""
    known = manifest.read(layout.messages(settings.data), basis(settings))
    while True:
        listing = list_data(settings.data)
        with tempfile.TemporaryDirectory(prefix="dlr-") as scratch:
            try:
                return manifest.hold(known, listing, open_listing(listing, Path(scratch)).sealed)
            except FileVanished:
                continue


@dataclass(frozen=True)
class Batch:
    """One making of the folder ``aside``, in which all new files have one name."""

    engine: duckdb.OnDuckDB
    settings: Settings
    lot: list[dt.date]
    aside: Path
    calls: SystemCalls
    name: str = dataclasses.field(default_factory=lambda: secrets.token_hex(8))

    @cached_property
    def held(self) -> Held:
        return current(self.settings)

    @cached_property
    def new(self) -> dict[dt.date, Received]:
        """The days of the lot, as they are counted in now."""
        held = self.held
        told = {day: self._received(day, held.open.get(day, [])) for day in self.lot}
        return {day: one for day, one in told.items() if one is not None}

    @cached_property
    def until(self) -> dt.date:
        """Up to when send records are counted in."""
        ends = [day + dt.timedelta(days=1) for day in self.new]
        return max([self.held.kept.sends_until, *ends])

    def write(self) -> None:
        """Write what is to be kept once the lot is counted in."""
        held, known = self.held, self.held.kept
        ground = self._put_together()
        mixed = ground.mixed()
        days = self._days_made(ground, mixed)
        stay = ground.used.difference(days, mixed)
        self._link(ground, stay)
        self._write_file("from scts_offsets", layout.cached_scts_offsets(self.aside, self.name))
        for day in days:
            self._write_day(ground, day, mixed)
        made = Kept(
            received={day: known.received[day] for day in held.closed} | self.new,
            days={day: known.days[day] for day in stay} | days,
            sends=manifest.marks(held.known_sends + held.new_sends, held.listing),
            sends_until=self.until,
            offsets=self.name,
        )
        draft = self.aside.with_suffix(".draft")
        manifest.write(made, basis(self.settings), draft)
        atomic_rename(draft, layout.cache_manifest(self.aside), self.calls)

    def _received(self, day: dt.date, files: list[Path]) -> Received | None:
        """What is to be known of a received day; None where it has receipts of another."""
        if not files:
            return None
        seen = manifest.marks(files, self.held.listing)
        ((newest, all_here),) = self.engine.rows(
            f"select max(received_at) filter (where cast(received_at as date) = date '{day}'),"
            f" coalesce(bool_and(cast(received_at as date) = date '{day}'), true)"
            f" from {from_parquet(files)}"
        )
        return Received(seen, newest) if all_here else None

    def _put_together(self) -> Ground:
        """Make ``recomputed_facts`` and what goes with it, of what is counted in now."""
        engine, settings, held = self.engine, self.settings, self.held
        vocabulary_tables.create(engine)
        networks.create(engine.connection, layout.user_networks(settings.data))
        engine.keep("unsealed", f"from {no_rows()}")
        open_sends(engine, held, self.until)
        asked = Terms(EVER, currency=settings.currency, client_ref_time=settings.client_ref_time)
        ask(engine, asked)
        opened: dict[dt.date | None, list[Path]] = {day: held.open[day] for day in self.new}
        held = dataclasses.replace(held, open=opened)
        ground = Ground(engine, held, layout.messages(settings.data))
        # In order of days, so that of the whole each day's file reads no more than its own.
        put_together(ground, asked, "order by first_seen")
        return ground

    def _days_made(self, ground: Ground, mixed: set[dt.date]) -> dict[dt.date, Day]:
        """The days whose files are written anew."""
        made = {
            day for (day,) in self.engine.rows("select distinct first_seen from recomputed_facts")
        }
        rows = ground.rows_now(ground.used & (made | mixed), mixed)
        found = self.engine.rows(
            "select first_seen, cast(max(last_known_at) as date), count(*), min(message_time),"
            f" max(message_time), bool_and(message_time is not null) from ({rows}) group by all"
        )
        return {
            day: Day(self.name, last_known or day, *counts)
            for day, last_known, *counts in sorted(found)
        }

    def _link(self, ground: Ground, days: Iterable[dt.date]) -> None:
        for day in days:
            for name in manifest.FILES:
                file = name(ground.folder, day, self.held.kept.days[day].batch)
                link = name(self.aside, day, self.held.kept.days[day].batch)
                make_folder(link.parent, self.calls)
                try:
                    os.link(file, link)
                except OSError:
                    shutil.copyfile(file, link)

    def _write_day(self, ground: Ground, day: dt.date, mixed: set[dt.date]) -> None:
        made = ground.rows_now(ground.used & {day}, mixed)
        rows = f"select * from ({made}) where first_seen = date '{day}'"
        self._write_file(
            f"{rows} order by message_key", layout.cached_messages(self.aside, day, self.name)
        )
        votes = f"select * from vote_changes where first_seen = date '{day}'"
        if day in ground.used:
            votes += f" union all by name from {ground.rows([day], layout.cached_scts_votes)}"
        by = ("first_seen", *VOTE)
        self._write_file(summed(votes, *by), layout.cached_scts_votes(self.aside, day, self.name))
        lasted = over("pipeline/pending_durations", message_facts=rows)
        self._write_file(lasted, layout.cached_pending_durations(self.aside, day, self.name))

    def _write_file(self, rows: str, file: Path) -> None:
        draft = self.aside.with_suffix(".draft")
        self.engine.connection.execute(
            f"copy ({rows}) to {literal(str(draft))}"
            " (format parquet, compression zstd, compression_level 1, parquet_version v2)"
        )
        atomic_rename(draft, file, self.calls)
