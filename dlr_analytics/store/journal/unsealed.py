"""What is stored and not sealed yet: receipts, bytes, and how long the oldest has waited."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.layout import JournalName

_RECEIVED_AT: Final = re.compile(rb'"received_at":"([^"]+)"')
_HEAD: Final = 256
"""Bytes at the beginning of a journal in which its first receipt's time stands."""

_CHUNK: Final = 2**20


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Receipts and bytes in journals; ``oldest`` is naive UTC, None where there is no receipt."""

    receipts: int = 0
    size: int = 0
    oldest: dt.datetime | None = None


class UnsealedCounter:
    """Looks at journals again and again, and reads only by what they have grown since.

    Parameters
    ----------
    data : path
        The data directory.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._counted: dict[Path, tuple[int, int]] = {}

    def count(self) -> Unsealed:
        """All journals of all receivers, those of dead ones among them."""
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
    """Bytes and lines of a journal that had so many when it was looked at before."""
    if path.stat().st_size < size:
        size = lines = 0  # cut off after a failed write
    with path.open("rb") as file:
        file.seek(size)
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            lines += chunk.count(b"\n")
    return size, lines


def _first_arrival(path: Path) -> list[dt.datetime]:
    with path.open("rb") as file:
        found = _RECEIVED_AT.search(file.read(_HEAD))
    return [dt.datetime.fromisoformat(found[1].decode())] if found else []
