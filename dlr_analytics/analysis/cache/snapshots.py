"""Snapshots as they are asked for: taken again when what is stored has changed, not before."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from dlr_analytics.analysis.cache.lookup import take_single
from dlr_analytics.analysis.cache.snapshot import Snapshot, take
from dlr_analytics.analysis.engines.duckdb import connect
from dlr_analytics.analysis.sandbox import lockdown
from dlr_analytics.settings import Settings
from dlr_analytics.store.receipts import read
from dlr_analytics.store.receipts.listing import Listing, list_data


class Snapshots:
    """The last snapshot of each kind, kept for the questions that follow.

    There are two kinds, since a connection that has lost the file system never gets it back: an
    open one, whose relations are the user's to go on with, and a shut one, for conditions of his
    own in the middle of our statements. With ``held``, what is stored is looked at but once.
    """

    def __init__(self, settings: Settings, *, held: bool = False) -> None:
        self._settings = settings
        self._held = held
        self._kept: dict[bool, tuple[dt.datetime | None, Snapshot]] = {}

    def open(self, as_of: dt.datetime | None = None) -> Snapshot:
        """What is stored now, on a connection that may read any file."""
        return self._last(as_of, shut=False)

    def shut(self, as_of: dt.datetime | None = None) -> Snapshot:
        """What is stored now, on a connection that reaches no file but the data directory's."""
        return self._last(as_of, shut=True)

    def single(self, message_id: str) -> Snapshot:
        """What is stored of one message, where that can be told from its own receipts."""
        listing = self._listing(shut=False)
        snapshot = self._at_hand(None, listing, shut=False)
        if snapshot is None and not self._held:
            snapshot = take_single(self._settings, message_id, listing)
            if snapshot is not None:
                lockdown.lock_configuration(snapshot.connection)
        return snapshot or self._take(None, listing, shut=False)

    def forget(self) -> None:
        """Take the next ones anew: those that are kept read files that are gone."""
        self._kept.clear()

    def is_empty(self) -> bool:
        """Whether the last snapshot, of either kind, holds no receipt."""
        for _, snapshot in self._kept.values():
            return snapshot.newest is None
        with tempfile.TemporaryDirectory(prefix="dlr-") as scratch, connect() as connection:
            stored = read.select_receipts(read.open_receipts(self._settings.data, Path(scratch)))
            return not connection.sql(stored).limit(1).fetchall()

    def _last(self, as_of: dt.datetime | None, *, shut: bool) -> Snapshot:
        listing = self._listing(shut=shut)
        at_hand = self._at_hand(as_of, listing, shut=shut)
        return at_hand or self._take(as_of, listing, shut=shut)

    def _listing(self, *, shut: bool) -> Listing | None:
        """What there is now; None where only what there was counts."""
        return None if self._held and shut in self._kept else list_data(self._settings.data)

    def _at_hand(
        self, as_of: dt.datetime | None, listing: Listing | None, *, shut: bool
    ) -> Snapshot | None:
        """The last snapshot, where a new one would be the same."""
        asked, snapshot = self._kept.get(shut, (None, None))
        if snapshot is None or asked != as_of:
            return None
        # Where nothing was received, the moment asked about is now, which moves on.
        same = listing == snapshot.listing and (
            snapshot.listing.sealed or snapshot.listing.journals
        )
        return snapshot if listing is None or same else None

    def _take(self, as_of: dt.datetime | None, listing: Listing | None, *, shut: bool) -> Snapshot:
        snapshot = take(self._settings, as_of, listing)
        if shut:
            lockdown.restrict_files(snapshot.connection, snapshot.files)
        lockdown.lock_configuration(snapshot.connection)
        self._kept[shut] = as_of, snapshot
        return snapshot
