"""The manifest: what ``messages/`` caches, and the files it was derived from.

::

    messages/_kept.json                          this manifest
    messages/_BATCH.scts_offsets                 rows of sql/offsets/scts_offsets.sql
    messages/first_seen=2026-11-01/
        BATCH.parquet                            rows of sql/pipeline/message_facts.sql
        _BATCH.keys_and_durations                a row a message: a hash of its key, and the columns
                                                 of sql/pipeline/mature_durations.sql
        _BATCH.open_receipts                     receipts of messages without a final status
        _BATCH.pending_durations                 rows of sql/pipeline/pending_durations.sql
        _BATCH.scts_votes                        rows of sql/offsets/scts_votes_by_day.sql

The day of a message is that of its first receipt, or of its first send record where it has no
receipt; each message is in the files of one day only. Nothing cached depends on the moment of a
query. The manifest lists the signatures of every file of receipts and send records that the rows
were derived from; comparing them with the files that are there now says what is still valid
(:mod:`.state`). A manifest with another fingerprint, one that does not parse,
and one that names a missing file all count as an empty cache: it is derived data, and is rebuilt.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from dlr_analytics.store import layout
from dlr_analytics.store.receipts.files import LOCAL, Files

Signature = tuple[str, int, int]
"""A file: its path below the data directory, its size in bytes, and its time of change (ns).

The time is 0 for names that are never given twice: a copy of the data directory has other times.
"""

FIRST_DAY: Final = dt.date(1, 1, 1)

CachedFile = Callable[[Path, dt.date, str], Path]
"""Names a file of a cached day, by the cache folder, the day and the batch."""

FILES: Final[tuple[CachedFile, ...]] = (
    layout.cached_messages,
    layout.cached_open_receipts,
    layout.cached_scts_votes,
    layout.cached_keys_and_durations,
    layout.cached_pending_durations,
)
"""The files of a cached day."""


@dataclass(frozen=True, slots=True)
class ReceivedDay:
    """A cached received day: its files and its latest ``received_at`` (naive UTC)."""

    files: frozenset[Signature]
    newest: dt.datetime | None


class SendSpan(NamedTuple):
    """The first and last ``sent_at`` of a file of send records.

    Times are naive UTC, None where no record has one; ``untimed`` says whether one has none.
    """

    first: dt.datetime | None
    last: dt.datetime | None
    untimed: bool


class Total(NamedTuple):
    """How many messages, and their first and last ``message_time``.

    Times are naive UTC, None where no message has one.
    """

    messages: int
    first: dt.datetime | None
    last: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CachedDay:
    """The cached messages of one day.

    ``batch`` is the name of their files; ``last_known`` the latest arrival of a receipt, or time of
    a send record, of any of them. ``totals`` are those of each channel; ``timed`` says whether each
    message has a ``message_time``.
    """

    batch: str
    last_known: dt.date
    totals: Mapping[str, Total]
    timed: bool

    @property
    def newest(self) -> dt.datetime | None:
        """The last ``message_time`` of any channel."""
        last = [total.last for total in self.totals.values()]
        return max((moment for moment in last if moment is not None), default=None)

    def is_settled(self, mature_before: dt.datetime) -> bool:
        """Whether every message was sent before a time (naive UTC): none is pending."""
        return self.timed and self.newest is not None and self.newest < mature_before


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is cached, by received day and by the day of the messages.

    ``sends`` has the files of send records it was derived from, as far as they were sent before
    ``sends_until``, and which times each has. ``offsets`` is the name of the file of offsets that
    the messages have.
    """

    received: Mapping[dt.date, ReceivedDay] = field(default_factory=dict)
    days: Mapping[dt.date, CachedDay] = field(default_factory=dict)
    sends: Mapping[Signature, SendSpan] = field(default_factory=dict)
    sends_until: dt.date = FIRST_DAY
    offsets: str = ""


def read(messages: Path, fingerprint: str, files: Files = LOCAL) -> Manifest:
    """Read the manifest of a cache folder; empty where it does not hold.

    That is where its fingerprint is another, it does not parse, or a file that it names is missing;
    in that case it is read again, since a new folder may have replaced the old one. ``files`` reads
    the folder.
    """
    values = _read_json(messages, files)
    while True:
        manifest = parse(values, fingerprint) or Manifest()
        if files.has(files_of(manifest, messages)):
            return manifest
        # A refresh has exchanged the folder since, or a file was deleted by hand.
        before, values = values, _read_json(messages, files)
        if values == before:
            return Manifest()


def _read_json(messages: Path, files: Files) -> object:
    try:
        with files.open(layout.cache_manifest(messages)) as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return None


def parse(values: object, fingerprint: str) -> Manifest | None:
    """Parse the JSON of a manifest; None if it is none, or its fingerprint is another."""
    if not isinstance(values, dict) or values.get("basis") != fingerprint:
        return None
    try:
        return _parse(values)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def files_of(manifest: Manifest, messages: Path) -> list[Path]:
    """Paths of all cached files in the folder ``messages``."""
    offsets = [layout.cached_scts_offsets(messages, manifest.offsets)] if manifest.offsets else []
    return offsets + [
        name(messages, day, one.batch) for day, one in manifest.days.items() for name in FILES
    ]


def write(manifest: Manifest, fingerprint: str, path: Path) -> None:
    """Write a manifest."""
    values = {
        "basis": fingerprint,
        "received": {
            str(day): {"files": sorted(one.files), "newest": one.newest and str(one.newest)}
            for day, one in sorted(manifest.received.items())
        },
        "days": {
            str(day): {
                "batch": one.batch,
                "last_known": str(one.last_known),
                "totals": {
                    channel: [total.messages, *map(_text, total[1:])]
                    for channel, total in sorted(one.totals.items())
                },
                "timed": one.timed,
            }
            for day, one in sorted(manifest.days.items())
        },
        "sends": [
            [*signature, _text(span.first), _text(span.last), span.untimed]
            for signature, span in sorted(manifest.sends.items())
        ],
        "sends_until": str(manifest.sends_until),
        "offsets": manifest.offsets,
    }
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def _parse(values: Mapping[str, Any]) -> Manifest:
    day, moment = dt.date.fromisoformat, dt.datetime.fromisoformat
    return Manifest(
        received={
            day(name): ReceivedDay(
                _signatures(one["files"]), one["newest"] and moment(one["newest"])
            )
            for name, one in values["received"].items()
        },
        days={
            day(name): CachedDay(
                one["batch"],
                day(one["last_known"]),
                {
                    channel: Total(messages, first and moment(first), last and moment(last))
                    for channel, (messages, first, last) in one["totals"].items()
                },
                one["timed"],
            )
            for name, one in values["days"].items()
        },
        sends={
            (path, size, changed): SendSpan(
                first and moment(first), last and moment(last), bool(untimed)
            )
            for path, size, changed, first, last, untimed in values["sends"]
        },
        sends_until=day(values["sends_until"]),
        offsets=values["offsets"],
    )


# JSON has no times: they are written as Python's str() and ISO 8601 agree on.
def _text(moment: dt.datetime | None) -> str | None:
    return None if moment is None else str(moment)


def _signatures(values: Iterable[tuple[str, int, int]]) -> frozenset[Signature]:
    return frozenset((path, size, changed) for path, size, changed in values)
