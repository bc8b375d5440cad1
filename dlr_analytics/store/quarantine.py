"""What could not be understood: raw, when it first came, and why it is here."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dlr_analytics.store import layout
from dlr_analytics.store.journal import checked_line, whole


@dataclass(frozen=True, slots=True)
class Unread:
    """One call, or one damaged line, that is kept as it came. ``arrived_at`` is naive UTC."""

    arrived_at: dt.datetime
    reason: str
    raw: str


def encode(unread: Unread) -> bytes:
    """One line of a quarantine file."""
    return checked_line(
        {"arrived_at": unread.arrived_at, "reason": unread.reason, "raw": unread.raw}
    )


def damaged_line(line: bytes, arrived_at: float) -> bytes:
    """A journal's line that no longer reads; ``arrived_at`` is when the journal last grew."""
    time = dt.datetime.fromtimestamp(arrived_at, dt.UTC).replace(tzinfo=None)
    return encode(Unread(time, "damaged journal line", line.decode("utf-8", "replace")))


def entries(path: Path) -> Iterator[Unread]:
    """What a quarantine file holds; a torn last line was never acknowledged and is left out."""
    with path.open("rb") as lines:
        for line in lines:
            if not whole(line):
                continue
            members = json.loads(line)
            time = dt.datetime.fromisoformat(members["arrived_at"])
            yield Unread(time, members["reason"], members["raw"])


def paths(data: Path) -> list[Path]:
    """All quarantine files, in order of name."""
    folder = layout.quarantine(data)
    return sorted(path for path in folder.glob("*.jsonl") if layout.QuarantineName.parse(path.name))
