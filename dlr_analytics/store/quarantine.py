"""What could not be understood: raw, when it first came, and why it is here."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import checksummed_line, is_intact
from dlr_analytics.store.layout import QuarantineName

DAMAGED: Final = "a damaged line"
"""Reason of a line that was acknowledged once and no longer reads."""


LIMIT: Final = 256 * 2**20
"""Bytes that the quarantine may hold: strangers can fill it, and must not fill the disk."""


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """One call, or one damaged line, as it came.

    ``arrived_at`` is naive UTC; ``raw`` is JSON text, as ``intake.replay`` takes it, or for a
    damaged line an object with the ``line``.
    """

    arrived_at: dt.datetime
    reason: str
    raw: str


def encode(unread: QuarantineEntry) -> bytes:
    """One line of a quarantine file.

    Examples
    --------
    >>> entry = QuarantineEntry(dt.datetime(2026, 11, 24, 8), "no message ID", "{}")
    >>> decode(encode(entry)) == entry
    True
    """
    return checksummed_line(
        {"arrived_at": unread.arrived_at, "reason": unread.reason, "raw": unread.raw}
    )


def decode(line: bytes) -> QuarantineEntry:
    """What a whole line of a quarantine file says."""
    members = json.loads(line)
    arrived_at = dt.datetime.fromisoformat(members["arrived_at"])
    return QuarantineEntry(arrived_at, members["reason"], members["raw"])


def damaged(line: bytes, grown_at: float) -> QuarantineEntry:
    """A line that no longer reads, out of a file that last grew at ``grown_at`` (Unix seconds)."""
    time = dt.datetime.fromtimestamp(grown_at, dt.UTC).replace(tzinfo=None)
    return QuarantineEntry(time, DAMAGED, json.dumps({"line": line.decode("utf-8", "replace")}))


def read(path: Path) -> Iterator[QuarantineEntry]:
    """What a quarantine file holds, its damaged lines included.

    A last line that was torn off is left out: it was never acknowledged.
    """
    grown_at = path.stat().st_mtime
    with path.open("rb") as lines:
        for line in lines:
            if is_intact(line):
                yield decode(line)
            elif line.endswith(b"\n"):
                yield damaged(line, grown_at)


def files(data: Path) -> list[tuple[QuarantineName, Path]]:
    """All quarantine files with their names, in order of name."""
    paths = sorted(layout.quarantine(data).glob("*"))
    names = ((QuarantineName.parse(path.name), path) for path in paths)
    return [(name, path) for name, path in names if name is not None]


def size(data: Path) -> int:
    """Bytes in the quarantine."""
    total = 0
    for path in layout.quarantine(data).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # tried again, and understood, since listed
            total += path.stat().st_size
    return total


def entries(data: Path) -> Iterator[QuarantineEntry]:
    """All that is in the quarantine."""
    for _, path in files(data):
        try:
            yield from read(path)
        except FileNotFoundError:
            continue  # tried again, and understood, since it was listed
