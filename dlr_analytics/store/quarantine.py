"""The quarantine: requests that cannot be parsed, raw, with time and reason."""

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
from dlr_analytics.store.receipts.files import LOCAL, Files
from dlr_analytics.webhook.content import KINDS

DAMAGED: Final = "a damaged line"
"""Reason of a journal line that was acknowledged and can no longer be read."""

LIMIT: Final = 256 * 2**20
"""Bytes that the quarantine may hold: anyone can fill it, and must not fill the disk."""


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """One request, or one damaged line, as it was received.

    ``arrived_at`` is naive UTC; ``raw`` is JSON text as ``webhook.judge.replay`` takes it, or for a
    damaged line an object with the ``line``.
    """

    arrived_at: dt.datetime
    reason: str
    raw: str

    @property
    def is_other_call(self) -> bool:
        """Whether it is known to be no receipt, like an inbound message."""
        return self.reason in KINDS


def encode(entry: QuarantineEntry) -> bytes:
    """Encode one line of a quarantine file.

    Examples
    --------
    >>> entry = QuarantineEntry(dt.datetime(2026, 11, 24, 8), "no message ID", "{}")
    >>> decode(encode(entry)) == entry
    True
    """
    return checksummed_line(
        {"arrived_at": entry.arrived_at, "reason": entry.reason, "raw": entry.raw}
    )


def decode(line: bytes) -> QuarantineEntry:
    """Decode an intact line of a quarantine file."""
    members = json.loads(line)
    arrived_at = dt.datetime.fromisoformat(members["arrived_at"])
    return QuarantineEntry(arrived_at, members["reason"], members["raw"])


def damaged(line: bytes, modified_at: float) -> QuarantineEntry:
    """Entry for a damaged line of a file modified at ``modified_at`` (Unix seconds)."""
    time = dt.datetime.fromtimestamp(modified_at, dt.UTC).replace(tzinfo=None)
    return QuarantineEntry(time, DAMAGED, json.dumps({"line": line.decode("utf-8", "replace")}))


def read(path: Path, files: Files = LOCAL) -> Iterator[QuarantineEntry]:
    """Read the entries of a quarantine file, damaged lines included.

    A torn last line is skipped: it was never acknowledged. ``files`` reads the file.
    """
    modified_at = files.changed_at(path)
    with files.open(path) as lines:
        for line in lines:
            if is_intact(line):
                yield decode(line)
            elif line.endswith(b"\n"):
                yield damaged(line, modified_at)


def files(data: Path, stored: Files = LOCAL) -> list[tuple[QuarantineName, Path]]:
    """List the quarantine files with their parsed names, sorted by name."""
    paths = stored.below(layout.quarantine(data))
    names = ((QuarantineName.parse(path.name), path) for path in paths)
    return [(name, path) for name, path in names if name is not None]


def size(data: Path) -> int:
    """Bytes in the quarantine."""
    total = 0
    for path in layout.quarantine(data).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # replayed since it was listed
            total += path.stat().st_size
    return total


def entries(data: Path, stored: Files = LOCAL) -> Iterator[QuarantineEntry]:
    """Read all entries of the quarantine; ``stored`` reads its files."""
    for _, path in files(data, stored):
        try:
            yield from read(path, stored)
        except FileNotFoundError:
            continue  # replayed since it was listed
