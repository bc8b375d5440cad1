"""The writer: receipts into a journal for each UTC day, the rest to quarantine.

What an acknowledgement promises, and how it survives failures:

- Entries are acknowledged after write and fdatasync have returned for every file they went to. The
  caller answers 200 only then.
- A file belongs to one writer, has a globally unique name (day, random writer, number) and is
  locked while it is open. Released, that is closed, it belongs to the sealer; so a sealed file has
  exactly the receipts of one journal, and sealing it twice changes nothing.
- After an error of write or fdatasync the kernel may have dropped the dirty pages and a second
  fdatasync would succeed without them. Therefore a file is never used again after an error: it is
  truncated to what was acknowledged (removed, if that is nothing) and closed. The next write opens
  a new file; that may fail too, and nothing is acknowledged until one works.
- A batch may span several days and the quarantine. If one file fails, none of the batch is
  acknowledged, and the files it was meant for are truncated. Lines that remain are duplicates of
  what Vonage sends again, which the analysis collapses.
- The quarantine is limited in size, since anyone who knows the URL can fill it; the limit is
  checked before anything is written.
"""

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
from dlr_analytics.store.atomic import REAL, SystemCalls, make_data_folder, make_folder
from dlr_analytics.store.journal.line_file import LineFile

QUARANTINE_SIZE_INTERVAL: Final = 1.0
"""Seconds between two readings of the quarantine's size: other processes change it too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to store: of a receipt of the UTC ``day``, or for the quarantine if None."""

    day: dt.date | None
    line: bytes


class Writer:
    """Append to journals and quarantine files of its own; not thread-safe.

    Parameters
    ----------
    data : path
        The data directory; missing folders are created.
    calls : SystemCalls, optional
        The system calls to make.
    """

    def __init__(self, data: Path, calls: SystemCalls = REAL) -> None:
        self.name = secrets.token_hex(8)
        self._data = data
        self._calls = calls
        self._numbers = itertools.count(1)
        self._open: dict[dt.date | None, LineFile] = {}
        self._quarantine_size = 0
        self._quarantine_read_at = -QUARANTINE_SIZE_INTERVAL

    def write(self, entries: Sequence[Entry]) -> None:
        """Write and sync all ``entries``.

        Raises
        ------
        StoreError
            None of them may be acknowledged; the files they were meant for are closed. If the
            quarantine would exceed its limit, nothing has been written.
        """
        lines: dict[dt.date | None, list[bytes]] = {}
        for entry in entries:
            lines.setdefault(entry.day, []).append(entry.line)
        if None in lines:
            self._reserve_quarantine(sum(map(len, lines[None])))
        try:
            for day, of_day in lines.items():
                self._file(day).append(of_day)
            for day in lines:
                self._open[day].acknowledge()
        except BaseException as error:
            for day in lines.keys() & self._open.keys():
                self._open.pop(day).abandon()
            if isinstance(error, OSError):
                raise StoreError(f"{self._data}: {error.strerror or error}") from error
            raise

    def release(self, seconds: float = 0.0, size: int = 0) -> int:
        """Close the files that are due, so that they can be sealed; by default all.

        Parameters
        ----------
        seconds : float
            Age at which a file is due.
        size : int
            Bytes at which a file is due, however young.

        Returns
        -------
        int
            Number of files closed.
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
        """Write, sync and remove a small file, with the same steps as for a receipt.

        Raises
        ------
        StoreError
            Nothing can be stored now.
        """
        try:
            make_data_folder(self._data, self._calls)
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

    def _reserve_quarantine(self, size: int) -> None:
        """Raise unless the quarantine has room for ``size`` more bytes."""
        now = time.monotonic()
        if now - self._quarantine_read_at >= QUARANTINE_SIZE_INTERVAL:
            self._quarantine_read_at = now
            self._quarantine_size = quarantine.size(self._data)
        if self._quarantine_size + size > quarantine.LIMIT:
            raise StoreError(
                f"{layout.quarantine(self._data)} is full:"
                f" {self._quarantine_size / 2**20:.0f} MiB of requests that cannot be parsed",
                "list them with dlr quarantine, then --replay them or move the files away",
            )
        self._quarantine_size += size

    def _file(self, day: dt.date | None) -> LineFile:
        if day not in self._open:
            staging, path = layout.staging(self._data), self._new_path(day)
            # The whole directory may have been removed since the start.
            make_data_folder(self._data, self._calls)
            make_folder(staging, self._calls)
            make_folder(path.parent, self._calls)
            self._open[day] = LineFile(path, staging, self._calls)
        return self._open[day]

    def _new_path(self, day: dt.date | None) -> Path:
        number = next(self._numbers)
        if day is None:
            return layout.quarantine(self._data) / layout.QuarantineName(self.name, number).file
        return layout.journal(self._data) / layout.JournalName(day, self.name, number).file
