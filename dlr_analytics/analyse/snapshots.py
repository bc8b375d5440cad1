"""Snapshots as they are asked for: taken again when what is stored has changed, not before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from dlr_analytics.analyse import walls
from dlr_analytics.analyse.snapshot import Snapshot, take
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout


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

    def is_empty(self) -> bool:
        """Whether the last snapshot, of either kind, holds no receipt."""
        snapshot = next((kept for _, kept in self._kept.values()), None) or self.open()
        return not snapshot.connection.table("receipts").limit(1).fetchall()

    def _take(self, as_of: dt.datetime | None, *, shut: bool) -> Snapshot:
        stored = frozenset() if self._held else _stored(self._settings.data)
        if self._kept.get(shut, (None,))[0] != (as_of, stored):
            snapshot = take(self._settings, as_of)
            if shut:
                walls.shut(snapshot.connection, snapshot.files)
            walls.lock(snapshot.connection)
            self._kept[shut] = (as_of, stored), snapshot
        return self._kept[shut][1]


def _stored(data: Path) -> frozenset[tuple[str, int, int]]:
    """Name, size and time of change of every file that a snapshot rests on."""
    places = (layout.receipts(data), layout.journal(data), layout.sends(data))
    files = [path for place in places for path in place.rglob("*")] + [layout.own_networks(data)]
    return frozenset(filter(None, map(_seen, files)))


def _seen(path: Path) -> tuple[str, int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None  # sealed or compacted since it was listed
    return str(path), stat.st_size, stat.st_mtime_ns
