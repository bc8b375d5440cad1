"""Counts of unsealed receipts and bytes, and the oldest receipt's time."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.layout import JournalName

_RECEIVED_AT: Final = re.compile(rb'"received_at":"([^"]+)"')
_HEAD_BYTES: Final = 256
"""Bytes at the beginning of a journal that contain the first receipt's time."""

_CHUNK_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Receipts and bytes in journals; ``oldest`` is naive UTC, None without receipts."""

    receipts: int = 0
    size: int = 0
    oldest: dt.datetime | None = None


class UnsealedCounter:
    """Count unsealed receipts repeatedly, reading only what journals have grown.

    Parameters
    ----------
    data : path
        The data directory.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._counted: dict[Path, tuple[int, int]] = {}

    def count(self) -> Unsealed:
        """Count the journals of all receivers, dead ones included."""
        counted, oldest = {}, []
        for path in layout.journal(self._data).glob("*"):
            if JournalName.parse(path.name) is None:
                continue
            try:
                counted[path] = _count(path, *self._counted.get(path, (0, 0)))
                oldest += _first_arrival(path)
            except FileNotFoundError:
                counted.pop(path, None)  # sealed since it was listed
        self._counted = counted
        receipts = sum(lines for _, lines in counted.values())
        size = sum(size for size, _ in counted.values())
        return Unsealed(receipts, size, min(oldest, default=None))


def _count(path: Path, size: int, lines: int) -> tuple[int, int]:
    """Bytes and lines of a journal that had ``size`` and ``lines`` at the last count."""
    if path.stat().st_size < size:
        size = lines = 0  # truncated after a failed write
    with path.open("rb") as file:
        file.seek(size)
        while chunk := file.read(_CHUNK_BYTES):
            size += len(chunk)
            lines += chunk.count(b"\n")
    return size, lines


def _first_arrival(path: Path) -> list[dt.datetime]:
    with path.open("rb") as file:
        found = _RECEIVED_AT.search(file.read(_HEAD_BYTES))
    try:
        return [dt.datetime.fromisoformat(found[1].decode())] if found else []
    except ValueError:  # a damaged line, which sealing reports
        return []
