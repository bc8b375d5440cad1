"""Snapshots as they are asked for: taken again when what is stored has changed, not before."""

from __future__ import annotations

import datetime as dt
import stat
import tempfile
from pathlib import Path

from dlr_analytics.analyse import walls
from dlr_analytics.analyse.on_duckdb import connect
from dlr_analytics.analyse.single import take_single
from dlr_analytics.analyse.snapshot import Snapshot, take
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, read


class Snapshots:
    """The last snapshot of each kind, kept for the questions that follow.

    There are two kinds, since a connection that has lost the file system never gets it back: an
    open one, whose relations are the user's to go on with, and a shut one, for conditions of his
    own in the middle of our statements. With ``held``, what is stored is looked at but once.
    """

    def __init__(self, settings: Settings, *, held: bool = False) -> None:
        self._settings = settings
        self._held = held
        self._kept: dict[bool, tuple[object, Snapshot]] = {}

    def open(self, as_of: dt.datetime | None = None) -> Snapshot:
        """What is stored now, on a connection that may read any file."""
        return self._take(as_of, shut=False)

    def shut(self, as_of: dt.datetime | None = None) -> Snapshot:
        """What is stored now, on a connection that reaches no file but the data directory's."""
        return self._take(as_of, shut=True)

    def single(self, message_id: str) -> Snapshot:
        """What is stored of one message, where that can be told from its own receipts."""
        key = (None, *_state(self._settings.data))
        at_hand = self._held or self._kept.get(False, (None,))[0] == key
        snapshot = None if at_hand else take_single(self._settings, message_id)
        if snapshot is None:
            return self.open()
        walls.lock(snapshot.connection)
        return snapshot

    def forget(self) -> None:
        """Take the next ones anew: those that are kept read files that are gone."""
        self._kept.clear()

    def is_empty(self) -> bool:
        """Whether the last snapshot, of either kind, holds no receipt."""
        for _, snapshot in self._kept.values():
            return not snapshot.connection.table("receipts").limit(1).fetchall()
        with tempfile.TemporaryDirectory(prefix="dlr-") as scratch, connect() as connection:
            stored = read.select(read.look(self._settings.data, Path(scratch)))
            return not connection.sql(stored).limit(1).fetchall()

    def _take(self, as_of: dt.datetime | None, *, shut: bool) -> Snapshot:
        key = (as_of,) if self._held else (as_of, *_state(self._settings.data))
        if self._kept.get(shut, (None,))[0] != key:
            snapshot = take(self._settings, as_of)
            if shut:
                walls.shut(snapshot.connection, snapshot.files)
            walls.lock(snapshot.connection)
            self._kept[shut] = key, snapshot
        return self._kept[shut][1]


def _state(data: Path) -> tuple[object, object]:
    """What changes when a snapshot taken now would be another one."""
    received = _files(layout.receipts(data), layout.journal(data))
    # Where nothing was received, the moment asked about is now, which moves on.
    return received or dt.datetime.now(), _files(layout.sends(data), layout.own_networks(data))


def _files(*places: Path) -> frozenset[tuple[str, int, int]]:
    """Name, size and time of change of every file in these places."""
    paths = (path for place in places for path in (place, *place.rglob("*")))
    return frozenset(filter(None, map(_seen, paths)))


def _seen(path: Path) -> tuple[str, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None  # sealed or compacted since it was listed
    return (str(path), status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
