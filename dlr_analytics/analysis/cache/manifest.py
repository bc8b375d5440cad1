"""Messages of closed days, put together once: what is kept, and what of it still holds.

::

    messages/kept.json                               what the kept rests on
    messages/first_seen=2026-11-01/BATCH.parquet     rows of sql/pipeline/message_facts.sql
    messages/first_seen=2026-11-01/BATCH.scts_votes  rows of sql/offsets/scts_votes.sql
    messages/first_seen=2026-11-01/BATCH.lasted      rows of sql/pipeline/pending_durations.sql
    messages/BATCH.scts_offsets                      rows of sql/offsets/scts_offsets.sql, all days

A received day is closed once its receipts are counted in, and with it the send records up to its
end. A message is kept by the day of its first receipt, or of its sending where none came. Nothing
in what is kept depends on the moment of asking.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dlr_analytics.store import layout
from dlr_analytics.store.receipts.listing import Listing

Mark = tuple[str, int, int]
"""A file: its path below the data directory, its bytes, and when it was changed (ns)."""

FIRST_DAY: Final = dt.date(1, 1, 1)

FILES: Final = (layout.cached_messages, layout.cached_scts_votes, layout.cached_pending_durations)
"""The files of a kept day."""


@dataclass(frozen=True, slots=True)
class Received:
    """A received day that is counted in: its files, and its latest ``received_at`` (naive UTC)."""

    files: frozenset[Mark]
    newest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """The messages first seen on one day: their files' name, and when anything of them came last.

    ``oldest`` and ``newest`` are their first and last ``message_time`` (naive UTC), None where
    none has one; ``timed`` says whether each has.
    """

    batch: str
    last_known: dt.date
    messages: int
    oldest: dt.datetime | None
    newest: dt.datetime | None
    timed: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept under ``messages``, by received day and by day of the first receipt.

    ``sends`` are files of send records, counted in as far as they were sent before
    ``sends_until``. ``offsets`` is the name of the file of offsets that the messages rest on.
    """

    received: Mapping[dt.date, Received] = field(default_factory=dict)
    days: Mapping[dt.date, Day] = field(default_factory=dict)
    sends: frozenset[Mark] = frozenset()
    sends_until: dt.date = FIRST_DAY
    offsets: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept, against the files of receipts and send records that are there now.

    ``closed`` has the files of each received day that are those it was counted in with; ``open``
    has all others, under None those of no day; ``changed`` are received days whose files have
    changed or gone since. ``new_sends`` are files of send records that are not counted in,
    ``known_sends`` those that are.
    """

    kept: Kept
    closed: Mapping[dt.date, list[Path]]
    open: Mapping[dt.date | None, list[Path]]
    changed: frozenset[dt.date]
    new_sends: list[Path]
    known_sends: list[Path]
    listing: Listing

    def open_files(self) -> list[Path]:
        """All open files: in which folder one lies is believed of closed days only."""
        return [file for day in sorted(self.open, key=str) for file in self.open[day]]

    def reopened(self, until: dt.date) -> set[dt.date]:
        """Kept days whose messages may be others now, or were by ``until``.

        A day is named whose messages rest on a received day that has changed, or on what came on
        the day ``until`` or later.
        """
        return {
            day
            for day, one in self.kept.days.items()
            if one.last_known >= until
            or any(day <= changed <= one.last_known for changed in self.changed)
        }


def read(messages: Path, basis: str) -> Kept:
    """What a folder of kept messages holds; nothing where it rests on another basis.

    Nor where its list does not read, or a file of it is gone, unless because another folder has
    taken its place.
    """
    said = _said(messages)
    while True:
        kept = _believed(said, basis)
        if all(path.exists() for path in files_of(kept, messages)):
            return kept
        before, said = said, _said(messages)
        if said == before:
            return Kept()


def _said(messages: Path) -> dict[str, Any]:
    try:
        said = json.loads(layout.cache_manifest(messages).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _believed(said: Mapping[str, Any], basis: str) -> Kept:
    if said.get("basis") != basis:
        return Kept()
    try:
        return _kept(said)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Kept()


def files_of(kept: Kept, messages: Path) -> list[Path]:
    """All files of what is kept in the folder ``messages``."""
    offsets = [layout.cached_scts_offsets(messages, kept.offsets)] if kept.offsets else []
    return offsets + [
        name(messages, day, one.batch) for day, one in kept.days.items() for name in FILES
    ]


def write(kept: Kept, basis: str, path: Path) -> None:
    """Write down what is kept."""
    said = {
        "basis": basis,
        "received": {
            str(day): {"files": sorted(one.files), "newest": one.newest and str(one.newest)}
            for day, one in sorted(kept.received.items())
        },
        "days": {
            str(day): {
                "batch": one.batch,
                "last_known": str(one.last_known),
                "messages": one.messages,
                "oldest": one.oldest and str(one.oldest),
                "newest": one.newest and str(one.newest),
                "timed": one.timed,
            }
            for day, one in sorted(kept.days.items())
        },
        "sends": sorted(kept.sends),
        "sends_until": str(kept.sends_until),
        "offsets": kept.offsets,
    }
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def _kept(said: Mapping[str, Any]) -> Kept:
    day, moment = dt.date.fromisoformat, dt.datetime.fromisoformat
    return Kept(
        received={
            day(name): Received(_marks(one["files"]), one["newest"] and moment(one["newest"]))
            for name, one in said["received"].items()
        },
        days={
            day(name): Day(
                one["batch"],
                day(one["last_known"]),
                one["messages"],
                one["oldest"] and moment(one["oldest"]),
                one["newest"] and moment(one["newest"]),
                one["timed"],
            )
            for name, one in said["days"].items()
        },
        sends=_marks(said["sends"]),
        sends_until=day(said["sends_until"]),
        offsets=said["offsets"],
    )


def _marks(said: Iterable[tuple[str, int, int]]) -> frozenset[Mark]:
    return frozenset((path, size, changed) for path, size, changed in said)


def hold(kept: Kept, listing: Listing, sealed: Iterable[Path]) -> Held:
    """See what of the kept still holds, now that these files lie in the data directory.

    ``sealed`` are those of the listing that count. Where a file of send records has gone that is
    counted in, nothing holds.
    """
    sends = {_mark(path, listing): path for path in map(Path, sorted(listing.sends))}
    if not kept.sends <= sends.keys():
        kept = Kept()
    receipts = layout.receipts(listing.data)
    open_: dict[dt.date | None, list[Path]] = {}
    for path in sealed:
        open_.setdefault(layout.parse_day_folder(path.relative_to(receipts).parts[0]), []).append(
            path
        )
    closed = {
        day: open_.pop(day)
        for day, known in kept.received.items()
        if marks(open_.get(day, []), listing) == known.files
    }
    return Held(
        kept,
        closed,
        open_,
        frozenset(kept.received.keys() - closed.keys()),
        [path for mark, path in sends.items() if mark not in kept.sends],
        [path for mark, path in sends.items() if mark in kept.sends],
        listing,
    )


def marks(files: Iterable[Path], listing: Listing) -> frozenset[Mark]:
    """By what it is seen that files of a listing are the same."""
    return frozenset(_mark(path, listing) for path in files)


def _mark(path: Path, listing: Listing) -> Mark:
    known = listing.sealed.get(str(path)) or listing.sends[str(path)]
    return str(path.relative_to(listing.data)), *known
