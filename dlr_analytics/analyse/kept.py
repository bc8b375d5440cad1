"""Messages of closed days, put together once: what is kept, and what of it still holds.

::

    messages/kept.json                              what the kept rests on
    messages/first_seen=2026-11-01/BATCH.parquet   rows of queries/collapse.sql
    messages/first_seen=2026-11-01/BATCH.scts_votes  rows of queries/scts_votes.sql

A received day is closed once its receipts are counted in. Its messages are kept by the day of their
first receipt; none of their receipts came after that day's ``last_seen``. Neither the moment of
asking nor the send log nor learned offsets count in what is kept, so nothing of these makes it old.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from dlr_analytics import vocabulary
from dlr_analytics.analyse.messages import statement
from dlr_analytics.receipt import COLUMNS
from dlr_analytics.store import layout

Mark = tuple[str, int, int]
"""A file of receipts: its path below ``receipts/``, its bytes, and when it was changed (ns)."""


@dataclass(frozen=True, slots=True)
class Received:
    """A received day that is counted in: its files, and its latest ``received_at`` (naive UTC)."""

    files: frozenset[Mark]
    newest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """The kept messages first seen on one day: their files' name, and when a receipt came last."""

    batch: str
    last_seen: dt.date


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under ``messages``, by received day and by day of the first receipt."""

    received: Mapping[dt.date, Received] = field(default_factory=dict)
    first_seen: Mapping[dt.date, FirstSeen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept, against the files of receipts that are there now.

    ``closed`` has the files of each received day that are those it was counted in with; ``open``
    has all others, under None those of no day; ``changed`` are received days whose files have
    changed or gone since.
    """

    kept: Kept
    closed: Mapping[dt.date, list[Path]]
    open: Mapping[dt.date | None, list[Path]]
    changed: frozenset[dt.date]

    def open_files(self) -> list[Path]:
        """All open files: in which folder one lies is believed of closed days only."""
        return [file for day in sorted(self.open, key=str) for file in self.open[day]]

    def reopened(self, until: dt.date) -> set[dt.date]:
        """Days of first receipts whose messages may have other receipts now, or had by ``until``.

        A day is named whose messages rest on a received day that has changed, or on receipts that
        came on the day ``until`` or later.
        """
        return {
            day
            for day, batch in self.kept.first_seen.items()
            if batch.last_seen >= until
            or any(day <= changed <= batch.last_seen for changed in self.changed)
        }

    def receipts_of(self, first_seen: Iterable[dt.date], until: dt.date) -> list[Path]:
        """Files of closed days up to ``until`` that may hold receipts of these days' messages."""
        spans = [(day, self.kept.first_seen[day].last_seen) for day in first_seen]
        return [
            file
            for received, files in self.closed.items()
            if received <= until and any(first <= received <= last for first, last in spans)
            for file in files
        ]


@cache
def definitions() -> str:
    """What kept messages are told by, as a digest: what another release tells otherwise is no use.

    Examples
    --------
    >>> len(definitions())
    64
    """
    said = [statement(name) for name in ("heard", "collapse", "scts_votes")]
    said += map(repr, (COLUMNS, vocabulary.STATUSES, vocabulary.ALIASES, vocabulary.UNRECOGNISED))
    said += map(repr, (vocabulary.FIRST_YEAR, vocabulary.FUTURE_HOURS))
    said += [repr(vocabulary.CONTRADICTION_HOURS)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def read(messages: Path) -> Kept:
    """What a folder of kept messages says it holds; nothing where it is of no use."""
    try:
        said = json.loads(layout.kept_list(messages).read_bytes())
    except (FileNotFoundError, ValueError):
        return Kept()
    return (
        _kept(said)
        if isinstance(said, dict) and said.get("definitions") == definitions()
        else Kept()
    )


def write(kept: Kept, path: Path) -> None:
    """Write down what is kept."""
    said = {
        "definitions": definitions(),
        "received": {
            str(day): {"files": sorted(one.files), "newest": one.newest and str(one.newest)}
            for day, one in sorted(kept.received.items())
        },
        "first_seen": {
            str(day): {"batch": one.batch, "last_seen": str(one.last_seen)}
            for day, one in sorted(kept.first_seen.items())
        },
    }
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _kept(said: Mapping[str, Any]) -> Kept:
    day, moment = dt.date.fromisoformat, dt.datetime.fromisoformat
    return Kept(
        {
            day(name): Received(
                frozenset((path, size, changed) for path, size, changed in one["files"]),
                one["newest"] and moment(one["newest"]),
            )
            for name, one in said["received"].items()
        },
        {
            day(name): FirstSeen(one["batch"], day(one["last_seen"]))
            for name, one in said["first_seen"].items()
        },
    )


def hold(kept: Kept, sealed: Iterable[Path], receipts: Path) -> Held:
    """See what of the kept still holds, now that these files are sealed under ``receipts``.

    Raises
    ------
    FileNotFoundError
        One of them has vanished since it was listed.
    """
    open_: dict[dt.date | None, list[Path]] = {}
    for path in sealed:
        day = layout.parse_day_folder(path.relative_to(receipts).parts[0])
        open_.setdefault(day, []).append(path)
    closed = {
        day: open_.pop(day)
        for day, known in kept.received.items()
        if marks(open_.get(day, []), receipts) == known.files
    }
    return Held(kept, closed, open_, frozenset(kept.received.keys() - closed.keys()))


def marks(files: Iterable[Path], receipts: Path) -> frozenset[Mark]:
    """By what it is seen that files are the same."""
    stats = [(path, path.stat()) for path in files]
    return frozenset((str(p.relative_to(receipts)), s.st_size, s.st_mtime_ns) for p, s in stats)
