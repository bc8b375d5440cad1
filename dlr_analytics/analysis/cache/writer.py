"""Writes a new cache folder: the old one, with one batch of closed days added.

A day's files are written again if any of its messages was recomputed; the files of all other days
are hard links to the old ones. So adding a day writes what has changed and not what is cached; of
all cached days it reads hashes of keys and votes, with their checksums.
All new files have the name of the batch, so that old and new ones never collide. The caller puts
the folder in place of the old one (:mod:`.refresh`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dlr_analytics.analysis.cache import manifest
from dlr_analytics.analysis.cache.build import recompute
from dlr_analytics.analysis.cache.day_files import collect_open_receipts, write_day
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.analysis.cache.inventory import AS_OF_ALL, Inventory
from dlr_analytics.analysis.cache.manifest import (
    CachedDay,
    CachedFile,
    Manifest,
    ReceivedDay,
    SendSpan,
    Signature,
    Total,
)
from dlr_analytics.analysis.cache.sources import create_inputs, create_sends
from dlr_analytics.analysis.cache.state import CacheState, compare, signature, signatures
from dlr_analytics.analysis.cache.sums import Check, checking
from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages.parameters import DerivationParameters
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.receipts.listing import FileVanished, list_data
from dlr_analytics.store.receipts.read import open_listing
from dlr_analytics.store.sends import sends_table
from dlr_analytics.store.spill import scratch_folder
from dlr_analytics.store.sql import no_rows


def current_state(settings: Settings) -> CacheState:
    """The cache, compared with the sealed files that there are now."""
    cached = manifest.read(layout.messages(settings.data), fingerprint(settings))
    while True:
        listing = list_data(settings.data)
        with scratch_folder(settings.data) as scratch:
            try:
                sealed = open_listing(listing, scratch).sealed
                return compare(cached, listing, sealed)
            except FileVanished:
                continue


@dataclass(frozen=True)
class CacheWriter:
    """Writes one batch of closed ``days`` to the empty folder ``staged``."""

    engine: Engine
    settings: Settings
    days: list[dt.date]
    staged: Path
    calls: SystemCalls
    batch: str = dataclasses.field(default_factory=lambda: secrets.token_hex(8))

    @cached_property
    def state(self) -> CacheState:
        """The cache before this batch."""
        return current_state(self.settings)

    @cached_property
    def check(self) -> Check:
        """Checks the sums of the files whose values go into new ones."""
        return checking(self.settings.data)

    @cached_property
    def received(self) -> dict[dt.date, ReceivedDay]:
        """The received days of the batch that can be cached."""
        read = {day: self._received(day) for day in self.days}
        return {day: received for day, received in read.items() if received is not None}

    @cached_property
    def sends_until(self) -> dt.date:
        """Up to which day send records are cached, once this batch is."""
        ends = [day + dt.timedelta(days=1) for day in self.received]
        return max([self.state.manifest.sends_until, *ends])

    def write(self) -> None:
        """Write all files of the new cache folder."""
        state, before = self.state, self.state.manifest
        inventory = self._recompute()
        patched = inventory.patched_days()
        written = self._written_days(inventory, patched)
        unchanged = inventory.usable_days.difference(written, patched)
        self._link(inventory.folder, unchanged)
        offsets = layout.cached_scts_offsets(self.staged, self.batch)
        self._write_file("select * from scts_offsets", offsets)
        collect_open_receipts(inventory, written.keys(), patched)
        for day in written:
            write_day(inventory, day, patched, self._write_of_day)
        after = Manifest(
            received={day: self._unchanged(day) for day in state.valid} | self.received,
            days={day: before.days[day] for day in unchanged} | written,
            sends=dict(before.sends) | self._new_sends(),
            sends_until=self.sends_until,
            offsets=self.batch,
        )
        draft = self.staged.with_suffix(".draft")
        manifest.write(after, fingerprint(self.settings), draft)
        atomic_rename(draft, layout.cache_manifest(self.staged), self.calls)

    def _new_sends(self) -> dict[Signature, SendSpan]:
        """The new files of send records for the manifest, with their times."""
        files = self.state.new_sends
        spans = {
            signature(file, self.state.listing): SendSpan(None, None, untimed=False)
            for file in files
        }
        found = (
            self.engine.rows(
                "select filename, min(sent_at), max(sent_at), bool_or(sent_at is null)"
                f" from {sends_table(files)} group by filename"
            )
            if files
            else []
        )
        for file, *span in found:
            spans[signature(Path(file), self.state.listing)] = SendSpan(*span)
        return spans

    def _unchanged(self, day: dt.date) -> ReceivedDay:
        """A valid received day, under the present names of its files."""
        files = signatures(self.state.valid[day], self.state.listing)
        return ReceivedDay(files, self.state.manifest.received[day].newest)

    def _received(self, day: dt.date) -> ReceivedDay | None:
        """A day with its new files; None if there are none that can be cached."""
        files = self.state.new.get(day, [])
        if not files:
            return None
        self.check(files)
        same_day = f"cast(received_at as date) = date '{day}'"
        ((newest, all_same),) = self.engine.rows(
            f"select max(received_at) filter (where {same_day}),"
            f" coalesce(bool_and({same_day}), true) from {self.engine.receipts(files)}"
        )
        if not all_same:
            return None
        if day in self.state.valid:
            known = self._unchanged(day)
            newest = max(filter(None, [newest, known.newest]), default=None)
            files = [*files, *self.state.valid[day]]
        return ReceivedDay(signatures(files, self.state.listing), newest)

    def _recompute(self) -> Inventory:
        """Derive what the batch changes."""
        engine, settings = self.engine, self.settings
        create_inputs(engine, settings)
        engine.create_table("unsealed", f"from {no_rows()}")
        create_sends(engine, self.state, self.sends_until, self.check)
        new: dict[dt.date | None, list[Path]] = {day: self.state.new[day] for day in self.received}
        state = dataclasses.replace(self.state, new=new)
        inventory = Inventory(engine, state, layout.messages(settings.data), check=self.check)
        parameters = DerivationParameters(
            AS_OF_ALL, currency=settings.currency, client_ref_time=settings.client_ref_time
        )
        # In the order of days, so that writing a day's file reads no more than its own rows.
        recompute(inventory, parameters, "order by first_seen")
        return inventory

    def _written_days(
        self, inventory: Inventory, patched: set[dt.date]
    ) -> dict[dt.date, CachedDay]:
        """The days whose files must be written, for the manifest."""
        found = self.engine.rows("select distinct first_seen from recomputed_facts")
        days = {day for (day,) in found} | patched
        rows = inventory.current_facts(inventory.usable_days & days, patched)
        counts = self.engine.rows(
            "select first_seen, channel, cast(max(last_known_at) as date), count(*),"
            " min(message_time), max(message_time), bool_and(message_time is not null)"
            f" from ({rows}) group by all order by all"
        )
        return {
            day: _cached_day(self.batch, day, [found for _, *found in of_day])
            for day, of_day in itertools.groupby(counts, key=lambda row: row[0])
        }

    def _link(self, folder: Path, days: Iterable[dt.date]) -> None:
        """Link the files of unchanged days; copy them where the disk has no hard links."""
        for day in days:
            for name in manifest.FILES:
                file = name(folder, day, self.state.manifest.days[day].batch)
                link = name(self.staged, day, self.state.manifest.days[day].batch)
                make_folder(link.parent, self.calls)
                try:
                    os.link(file, link)
                except OSError:
                    draft = self.staged.with_suffix(".draft")
                    shutil.copyfile(file, draft)
                    atomic_rename(draft, link, self.calls)

    def _write_of_day(self, name: CachedFile, day: dt.date, rows: str) -> None:
        self._write_file(rows, name(self.staged, day, self.batch))

    def _write_file(self, rows: str, file: Path) -> None:
        draft = self.staged.with_suffix(".draft")
        self.engine.write_parquet(rows, draft)
        atomic_rename(draft, file, self.calls)


def _cached_day(batch: str, day: dt.date, channels: list[list[Any]]) -> CachedDay:
    """A day for the manifest, from a row a channel: name, last known, totals, timed."""
    known = [last_known for _, last_known, *_ in channels if last_known is not None]
    totals = {name: Total(*total) for name, _, *total, _ in channels}
    timed = all(each_timed for *_, each_timed in channels)
    return CachedDay(batch, max(known, default=day), totals, timed)
