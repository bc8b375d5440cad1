"""Names of folders and files in the data directory, known nowhere else.

A journal holds the receipts of one writer and one UTC ``received_date``, so that it becomes exactly
one sealed file; the sealed file has the journal's name, so that sealing twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SUBFOLDERS: Final = ("receipts", "journal", "quarantine", "sends", "messages", "staging")
"""``staging`` is where files are written before they get their name: nothing temporary may lie
under ``receipts``, since plain readers see names with a leading dot too."""

SCTS_VOTES: Final = ".scts_votes"
SCTS_OFFSETS: Final = ".scts_offsets"
PENDING_DURATIONS: Final = ".lasted"
"""Parquet too, but not by its name: whoever reads all Parquet files there reads messages only."""

_QUARANTINE: Final = re.compile(r"([0-9a-z]+)-(\d{6,})-(\d+)\.jsonl")
_JOURNAL: Final = re.compile(r"(\d{4}-\d\d-\d\d)\.([0-9a-z]+)-(\d{6,})\.jsonl")


@dataclass(frozen=True, slots=True)
class JournalName:
    """Name of a journal, unique for ever: day, writer (random, one a process), number.

    Examples
    --------
    >>> name = JournalName(dt.date(2026, 11, 24), "k3f9x2ab", 7)
    >>> name.file
    '2026-11-24.k3f9x2ab-000007.jsonl'
    >>> JournalName.parse(name.file) == name
    True
    >>> name.sealed
    'received_date=2026-11-24/k3f9x2ab-000007.parquet'
    """

    day: dt.date
    writer: str
    number: int

    @property
    def file(self) -> str:
        """The journal's file name under ``journal/``."""
        return f"{self.day}.{self.writer}-{self.number:06d}.jsonl"

    @property
    def sealed(self) -> str:
        """Where its receipts go, relative to ``receipts/``."""
        return f"{day_folder(self.day)}/{self.writer}-{self.number:06d}.parquet"

    @property
    def damaged(self) -> QuarantineName:
        """Where its damaged lines go."""
        return QuarantineName(f"{self.writer}d", self.number)

    @classmethod
    def parse(cls, file: str) -> JournalName | None:
        """The name that ``file`` spells, None for a file that is no journal."""
        match = _JOURNAL.fullmatch(file)
        if match is None:
            return None
        try:
            return cls(dt.date.fromisoformat(match[1]), match[2], int(match[3]))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class QuarantineName:
    """Name of a file in the quarantine: writer, number, and how often it was tried again.

    Examples
    --------
    >>> name = QuarantineName("k3f9x2ab", 7)
    >>> name.file
    'k3f9x2ab-000007-0.jsonl'
    >>> QuarantineName.parse(name.file) == name
    True
    """

    writer: str
    number: int
    replays: int = 0

    @property
    def file(self) -> str:
        """The file's name under ``quarantine/``."""
        return f"{self.writer}-{self.number:06d}-{self.replays}.jsonl"

    @classmethod
    def parse(cls, file: str) -> QuarantineName | None:
        """The name that ``file`` spells, None for a file that is none of ours."""
        match = _QUARANTINE.fullmatch(file)
        return None if match is None else cls(match[1], int(match[2]), int(match[3]))

    def journal(self, day: dt.date) -> JournalName:
        """The journal of what was understood when this file was tried again."""
        return JournalName(day, f"{self.writer}q{self.replays}", self.number)


def day_folder(day: dt.date) -> str:
    """Name of a day's folder under ``receipts/``.

    Examples
    --------
    >>> day_folder(dt.date(2026, 11, 24))
    'received_date=2026-11-24'
    """
    return f"received_date={day}"


def parse_day_folder(name: str) -> dt.date | None:
    """The day of a folder under ``receipts/``, None where it is not a day's."""
    prefix, _, text = name.partition("=")
    if prefix != "received_date":
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def receipts(data: Path) -> Path:
    """Sealed receipts, one folder a UTC day."""
    return data / "receipts"


def journal(data: Path) -> Path:
    """Receipts stored but not yet sealed."""
    return data / "journal"


def quarantine(data: Path) -> Path:
    """What could not be understood, raw."""
    return data / "quarantine"


def sends(data: Path) -> Path:
    """Send times."""
    return data / "sends"


def messages(data: Path) -> Path:
    """Derived: may be deleted, is rebuilt from the rest."""
    return data / "messages"


def cache_manifest(messages: Path) -> Path:
    """In a folder of kept messages: what they rest on."""
    return messages / "kept.json"


def cached_messages(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """In such a folder: the messages first seen on one day."""
    return messages / f"first_seen={first_seen}" / f"{batch}.parquet"


def cached_scts_votes(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """Beside them what their receipts say about ``scts``."""
    return messages / f"first_seen={first_seen}" / (batch + SCTS_VOTES)


def cached_pending_durations(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """And how long they were pending."""
    return messages / f"first_seen={first_seen}" / (batch + PENDING_DURATIONS)


def cached_scts_offsets(messages: Path, batch: str) -> Path:
    """In such a folder: the offsets of ``scts`` that the messages rest on."""
    return messages / (batch + SCTS_OFFSETS)


def staging(data: Path) -> Path:
    """Files on their way to their name."""
    return data / "staging"


def instance(data: Path) -> Path:
    """The receiver's random name, sent as ``X-Dlr-Instance``."""
    return data / "instance"


def incoming_lock(data: Path) -> Path:
    """Held by whoever compares what is handed in with what is stored."""
    return data / "incoming.lock"


def compact_lock(data: Path) -> Path:
    """Held by whoever compacts."""
    return data / "compact.lock"


def own_networks(data: Path) -> Path:
    """The user's own countries and names of networks; win over the shipped ones."""
    return data / "networks.csv"


def lock(data: Path) -> Path:
    """Held shared while a file gets its name, exclusively while files are taken away."""
    return data / "lock"


def account_setup(data: Path) -> Path:
    """The receipt URL set at Vonage, and the one before it, by account."""
    return data / "setup.json"
