"""Snapshots for queries: reused until what is stored has changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from dlr_analytics.analysis.cache.places import existing
from dlr_analytics.analysis.cache.snapshot import Snapshot, take, user_error
from dlr_analytics.analysis.dimensions import parse_by
from dlr_analytics.analysis.engines.duckdb import connect, engine_errors
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.sandbox import lockdown
from dlr_analytics.analysis.tables.table import Tables
from dlr_analytics.settings import Settings
from dlr_analytics.store.receipts import read
from dlr_analytics.store.receipts.files import Files
from dlr_analytics.store.receipts.listing import FileVanished, Listing
from dlr_analytics.store.spill import scratch_folder


class Snapshots:
    """The last snapshot of each kind, for the queries that follow.

    There are two kinds, since access to files that was taken from a connection cannot be given
    back: an open one, whose relations the user may use in statements, and a shut one, for the
    user's conditions within our statements. With ``pinned``, the data directory is listed once.

    Raises
    ------
    DataFolderMissing
        If there is no data directory.
    """

    def __init__(
        self, settings: Settings, tables: Tables | None = None, *, pinned: bool = False
    ) -> None:
        self._settings = settings
        self._list = existing(settings.data)
        self._tables = tables or Tables()
        self._pinned = pinned
        self._last_taken: dict[bool, tuple[dt.datetime | None, Snapshot]] = {}

    def open(self, as_of: dt.datetime | None = None) -> Snapshot:
        """What is stored now, on a connection that may read any file."""
        return self._last(as_of, shut=False)

    def shut(self, as_of: dt.datetime | None = None) -> Snapshot:
        """A connection to the current state, restricted to the data directory's files."""
        return self._last(as_of, shut=True)

    def kind_for(self, parameters: Parameters) -> Callable[..., Snapshot]:
        """The method that takes a snapshot for these parameters."""
        _, expressions = parse_by(parameters.get("by"))
        own = parameters.get("where") is not None or expressions or self._tables.all
        return self.shut if own else self.open

    def files(self) -> Files:
        """What reads the files stored now; if pinned, those of the first snapshot."""
        return self._listing().files

    def receipts(self) -> Snapshot:
        """The receipts alone, on a connection that the caller may add relations to."""
        return take(self._settings, listing=self._listing(), derive=False)

    def forget(self) -> None:
        """Take new ones for the next queries: files that the last ones read are gone."""
        self._last_taken.clear()

    def is_empty(self) -> bool:
        """Whether the last snapshot, of either kind, has no receipt."""
        for _, snapshot in self._last_taken.values():
            if snapshot.newest is not None:
                return False
        with scratch_folder(self._settings.data) as scratch, connect() as connection:
            while True:
                listing = self._list()
                listing.files.attach(connection)
                try:
                    with engine_errors():
                        files = read.open_listing(listing, scratch)
                        stored = connection.sql(read.select_receipts(files))
                        return not stored.limit(1).fetchall()
                except FileVanished:
                    continue
                except EngineError as error:
                    # Compacted since they were listed: list again.
                    if listing.files.still_has(files.sealed):
                        raise user_error(self._settings.data, error) from None

    def ahead_of_clock(self) -> int:
        """Receipts more than a day ahead of the clock, in the last snapshot or a new one."""
        taken = [snapshot for _, snapshot in self._last_taken.values()] or [self.open()]
        return max(snapshot.ahead for snapshot in taken)

    def _last(self, as_of: dt.datetime | None, *, shut: bool) -> Snapshot:
        listing = self._listing()
        reusable = self._reusable(as_of, listing, shut=shut)
        snapshot = reusable or self._take(as_of, listing, shut=shut)
        if self._tables.bind(snapshot.connection, snapshot.tables):
            snapshot.counts.clear()
        return snapshot

    def _listing(self) -> Listing:
        """A current listing; if pinned, that of the first snapshot."""
        if self._pinned and self._last_taken:
            return next(snapshot.listing for _, snapshot in self._last_taken.values())
        return self._list()

    def _reusable(
        self, as_of: dt.datetime | None, listing: Listing, *, shut: bool
    ) -> Snapshot | None:
        """The last snapshot, if a new one would be the same."""
        asked, snapshot = self._last_taken.get(shut, (None, None))
        if snapshot is None or asked != as_of:
            return None
        # Where nothing was received, the moment of a query is now, which moves on.
        same = listing == snapshot.listing and (listing.sealed or listing.journals)
        return snapshot if self._pinned or same else None

    def _take(self, as_of: dt.datetime | None, listing: Listing, *, shut: bool) -> Snapshot:
        snapshot = take(self._settings, as_of, listing)
        if shut:
            lockdown.restrict_files(snapshot.connection, snapshot.files, self._tables.folder)
        lockdown.lock_configuration(snapshot.connection)
        self._last_taken[shut] = as_of, snapshot
        return snapshot
