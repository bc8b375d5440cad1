"""The one that writes: receipts into journals, a file a day, and the rest into the quarantine."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import REAL, SystemCalls, make_folder
from dlr_analytics.store.journal.line_file import LineFile

QUARANTINE_SIZE_INTERVAL: Final = 1.0
"""Seconds between two looks at how large the quarantine is: others fill and empty it too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to keep: a receipt of the UTC ``day``, or where that is None, for the quarantine."""

    day: dt.date | None
    line: bytes


class Writer:
    """Appends to files of its own; not to be shared between threads.

    Parameters
    ----------
    data : path
        The data directory; what is missing of it is made.
    calls : Calls, optional
        The system calls to make.
    """

    def __init__(self, data: Path, calls: SystemCalls = REAL) -> None:
        self.name = secrets.token_hex(8)
        self._data = data
        self._calls = calls
        self._numbers = itertools.count(1)
        self._open: dict[dt.date | None, LineFile] = {}
        self._quarantined = 0
        self._looked_at = -QUARANTINE_SIZE_INTERVAL

    def write(self, entries: Sequence[Entry]) -> None:
        """Have all of ``entries`` on disk.

        Raises
        ------
        StoreError
            None of them may be acknowledged; the files they were meant for are let go of. Where
            the quarantine would grow over its limit, nothing has been written.
        """
        lines: dict[dt.date | None, list[bytes]] = {}
        for entry in entries:
            lines.setdefault(entry.day, []).append(entry.line)
        if None in lines:
            self._make_sure_of_room(sum(map(len, lines[None])))
        try:
            for day, some in lines.items():
                self._file(day).append(some)
            for day in lines:
                self._open[day].acknowledge()
        except BaseException as error:
            for day in lines.keys() & self._open.keys():
                self._open.pop(day).abandon()
            if isinstance(error, OSError):
                raise StoreError(f"{self._data}: {error.strerror or error}") from error
            raise

    def release(self, seconds: float = 0.0, size: int = 0) -> int:
        """Let go of the files that are due, so that they can be sealed; by default of all.

        Parameters
        ----------
        seconds : float
            A file this old is due.
        size : int
            A file with this many bytes is due, however young.

        Returns
        -------
        int
            How many files were let go of.
        """
        opened_before = time.monotonic() - seconds
        due = [
            day
            for day, file in self._open.items()
            if file.opened_at <= opened_before or file.acknowledged >= size
        ]
        for day in due:
            self._open.pop(day).close()
        return len(due)

    def probe(self) -> None:
        """Write, sync and remove a small file, as a receipt would be written.

        Raises
        ------
        StoreError
            Nothing can be stored now.
        """
        try:
            for folder in layout.SUBFOLDERS:
                make_folder(self._data / folder, self._calls)
            staging = layout.staging(self._data)
            probe = LineFile(staging / f"{self.name}.probe", staging, self._calls)
            try:
                probe.append([b"probe\n"])
            finally:
                probe.discard()
        except OSError as error:
            raise StoreError(f"{self._data}: {error.strerror or error}") from error

    def _make_sure_of_room(self, size: int) -> None:
        """Raise unless the quarantine can take ``size`` bytes more."""
        now = time.monotonic()
        if now - self._looked_at >= QUARANTINE_SIZE_INTERVAL:
            self._looked_at = now
            self._quarantined = quarantine.size(self._data)
        if self._quarantined + size > quarantine.LIMIT:
            raise StoreError(
                f"{layout.quarantine(self._data)} is full: {self._quarantined / 2**20:.0f} MiB"
                " of what could not be understood",
                "look at it with dlr quarantine, then --replay it or move its files away",
            )
        self._quarantined += size

    def _file(self, day: dt.date | None) -> LineFile:
        if day not in self._open:
            staging, path = layout.staging(self._data), self._new_path(day)
            # Somebody may have taken the whole directory away.
            make_folder(staging, self._calls)
            make_folder(path.parent, self._calls)
            self._open[day] = LineFile(path, staging, self._calls)
        return self._open[day]

    def _new_path(self, day: dt.date | None) -> Path:
        number = next(self._numbers)
        if day is None:
            return layout.quarantine(self._data) / layout.QuarantineName(self.name, number).file
        return layout.journal(self._data) / layout.JournalName(day, self.name, number).file
