"""Names of the folders and files in the data directory, defined here only.

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
"""``staging`` is for files that do not have their final name yet: nothing temporary may lie under
``receipts``, since plain readers see names with a leading dot too."""

# Suffixes of Parquet files that are not named so: *.parquet in messages/ matches messages only.
# Their names begin with _, too: Spark, pyarrow and Hive read whole folders, but not such files.
SCTS_VOTES: Final = ".scts_votes"
SCTS_OFFSETS: Final = ".scts_offsets"
PENDING_DURATIONS: Final = ".pending_durations"
KEYS_AND_DURATIONS: Final = ".keys_and_durations"
OPEN_RECEIPTS: Final = ".open_receipts"

PARQUET_SUFFIXES: Final = (
    ".parquet",
    SCTS_VOTES,
    SCTS_OFFSETS,
    PENDING_DURATIONS,
    KEYS_AND_DURATIONS,
    OPEN_RECEIPTS,
)

ERASURE: Final = "erasure-"
"""Beginning of the names of files that say what is being removed."""

_QUARANTINE: Final = re.compile(r"([0-9a-z]+)-(\d{6,})-(\d+)\.jsonl")
_JOURNAL: Final = re.compile(r"(\d{4}-\d\d-\d\d)\.([0-9a-z]+)-(\d{6,})\.jsonl")


@dataclass(frozen=True, slots=True)
class JournalName:
    """Globally unique name of a journal: day, random name of the writer, number.

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
        """Path of its sealed file, relative to ``receipts/``."""
        return f"{day_folder(self.day)}/{self.writer}-{self.number:06d}.parquet"

    @property
    def damaged(self) -> QuarantineName:
        """Name of the quarantine file for its damaged lines."""
        return QuarantineName(f"{self.writer}d", self.number)

    @classmethod
    def parse(cls, file: str) -> JournalName | None:
        """Parse a file name; None if it is not a journal's."""
        match = _JOURNAL.fullmatch(file)
        if match is None:
            return None
        try:
            return cls(dt.date.fromisoformat(match[1]), match[2], int(match[3]))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class QuarantineName:
    """Name of a quarantine file: writer, number, and how often it was replayed.

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
        """Parse a file name; None if it is not a quarantine file's."""
        match = _QUARANTINE.fullmatch(file)
        return None if match is None else cls(match[1], int(match[2]), int(match[3]))

    def journal(self, day: dt.date) -> JournalName:
        """Name of the journal for the receipts that a replay of this file finds."""
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
    """Parse the name of a folder under ``receipts/``; None if it is not a day's."""
    prefix, _, text = name.partition("=")
    if prefix != "received_date":
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def receipts(data: Path) -> Path:
    """Folder of sealed receipts, with one folder for each UTC day."""
    return data / "receipts"


def journal(data: Path) -> Path:
    """Folder of journals: receipts stored but not yet sealed."""
    return data / "journal"


def quarantine(data: Path) -> Path:
    """Folder of requests that could not be parsed, raw."""
    return data / "quarantine"


def sends(data: Path) -> Path:
    """Folder of send times."""
    return data / "sends"


def messages(data: Path) -> Path:
    """Folder of cached messages: derived data, may be deleted and is then rebuilt."""
    return data / "messages"


def cache_manifest(messages: Path) -> Path:
    """Manifest of a cache folder: what its messages are derived from."""
    return messages / "_kept.json"


def cached_messages(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """Cached messages first seen on one day."""
    return messages / f"first_seen={first_seen}" / f"{batch}.parquet"


def cached_open_receipts(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """Receipts of those without a final status, whenever they arrived."""
    return messages / f"first_seen={first_seen}" / f"_{batch}{OPEN_RECEIPTS}"


def cached_scts_votes(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """Votes of their receipts about the time zone of ``scts``."""
    return messages / f"first_seen={first_seen}" / f"_{batch}{SCTS_VOTES}"


def cached_pending_durations(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """How many of them were pending for how many seconds."""
    return messages / f"first_seen={first_seen}" / f"_{batch}{PENDING_DURATIONS}"


def cached_keys_and_durations(messages: Path, first_seen: dt.date, batch: str) -> Path:
    """Hashes of their keys, and how long each of them was pending."""
    return messages / f"first_seen={first_seen}" / f"_{batch}{KEYS_AND_DURATIONS}"


def cached_scts_offsets(messages: Path, batch: str) -> Path:
    """Offsets of ``scts`` that cached messages were derived with."""
    return messages / f"_{batch}{SCTS_OFFSETS}"


def staging(data: Path) -> Path:
    """Folder of files that do not have their final name yet."""
    return data / "staging"


def instance(data: Path) -> Path:
    """File with the receiver's random name, sent as ``X-Dlr-Instance``."""
    return data / "instance"


def format_file(data: Path) -> Path:
    """File with the format of the data directory, a whole number."""
    return data / "format"


def incoming_lock(data: Path) -> Path:
    """Lock of imports, which compare their records with the stored ones."""
    return data / "incoming.lock"


def compact_lock(data: Path) -> Path:
    """Lock of compactions."""
    return data / "compact.lock"


def compaction(data: Path, day: dt.date) -> Path:
    """Folder in which a compaction prepares the new contents of a day."""
    return staging(data) / f"compact-{day}"


def erase_lock(data: Path) -> Path:
    """Lock of runs that remove messages: one at a time."""
    return data / "erase.lock"


def erasure_plan(data: Path, command: str, name: str) -> Path:
    """What one run of ``prune`` or ``forget`` removes, until it has."""
    return staging(data) / f"{ERASURE}{command}-{name}.parquet"


def erasure_plans(data: Path) -> list[Path]:
    """What runs that have not ended remove, sorted by name."""
    return sorted(filter(is_erasure_plan, staging(data).glob("*")))


def is_erasure_plan(path: Path) -> bool:
    """Whether a file says what a run removes."""
    return path.name.startswith(ERASURE) and path.suffix == ".parquet"


def shipped(data: Path) -> Path:
    """Record of the files here that a bucket has."""
    return data / "shipped"


def withdrawn(data: Path) -> Path:
    """Names of removed files that a bucket may still have."""
    return data / "withdrawn"


def bucket_lock(data: Path) -> Path:
    """Lock of what copies files to a bucket or from one."""
    return data / "bucket.lock"


def release_request(data: Path) -> Path:
    """File that asks running receivers to close their journals and quarantine files."""
    return staging(data) / "release"


def user_networks(data: Path) -> Path:
    """File with the user's own networks; its entries override the built-in ones."""
    return data / "networks.csv"


def lock(data: Path) -> Path:
    """Lock of ``receipts/``: shared to add a file, exclusive to remove files."""
    return data / "lock"


def account_setup(data: Path) -> Path:
    """The receipt URL set at Vonage, and the one before it, by account."""
    return data / "setup.json"
