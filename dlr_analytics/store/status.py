"""The contents of the data directory in numbers."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import duckdb

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.connection import connect
from dlr_analytics.store.format import format_of
from dlr_analytics.store.receipts.files import Files
from dlr_analytics.store.receipts.generations import generation_of
from dlr_analytics.store.receipts.listing import FileVanished, Listing, list_data
from dlr_analytics.store.receipts.read import ReceiptFiles, open_listing, select_receipts
from dlr_analytics.store.spill import scratch_folder
from dlr_analytics.store.sql import AHEAD, HASHED, MASKED
from dlr_analytics.store.verify import lacks_sum, parquet_files
from dlr_analytics.webhook.content import KINDS
from dlr_analytics.webhook.messages_api import SMS

T = TypeVar("T")

_FORMS: Final = {
    "kept": f"not ({HASHED} or {MASKED})",
    "hashed": HASHED,
    "masked": MASKED,
}
"""Forms of a stored number, each as an SQL condition."""


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of receipts and files.

    ``newest`` is the latest ``received_at``, naive UTC, of all but the ``ahead`` receipts that are
    more than a day ahead of the clock, None without others; ``channels`` counts receipts by
    channel; ``numbers`` counts them by how the recipient is stored: ``kept``, ``hashed`` or
    ``masked``; ``unsealed`` counts receipts in ``journals``; ``superseded`` are files that a
    compacted one replaces; ``without_sum`` are Parquet files of any folder in which not every fault
    shows;
    ``compacted`` is when the last file was merged, naive UTC; ``other_calls`` are those of
    ``quarantined`` that are no receipts, by kind; ``unfinished`` are the commands, ``prune`` or
    ``forget``, that were killed at work or are at work; ``sizes`` are bytes by folder.
    """

    receipts: int
    channels: dict[str, int]
    newest: dt.datetime | None
    ahead: int
    numbers: dict[str, int]
    sealed_files: int
    journals: int
    unsealed: int
    superseded: int
    without_sum: int
    compacted: dt.datetime | None
    format: int
    quarantined: int
    other_calls: dict[str, int]
    unfinished: tuple[str, ...]
    sizes: dict[str, int]


def status(data: Path, list_now: Callable[[], Listing] | None = None) -> Status:
    """Count the contents of a data directory now.

    ``list_now`` lists it; by default it is a folder of this machine.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a file cannot be read.
    BucketError
        If it is in a bucket that cannot be read.
    """
    listing, receipts, counted, unsealed = _read(data, list_now, _count_all)
    files = listing.files
    reasons = Counter(entry.reason for entry in quarantine.entries(data, files))
    merged = filter(generation_of, receipts.sealed)
    replaced = set(listing.paths(listing.sealed)).difference(receipts.sealed)
    plans = filter(layout.is_erasure_plan, files.below(layout.staging(data)))
    return Status(
        receipts=counted.receipts,
        channels=counted.channels,
        newest=counted.newest,
        ahead=counted.ahead,
        numbers=counted.numbers,
        sealed_files=len(receipts.sealed),
        journals=len(receipts.journals),
        unsealed=unsealed,
        superseded=sum(files.has([path]) for path in replaced),
        without_sum=sum(lacks_sum(path, files) for path in parquet_files(data, files)),
        compacted=max((_changed_at(path, files) for path in merged), default=None),
        format=format_of(data, files),
        quarantined=sum(reasons.values()),
        other_calls={kind: reasons[kind] for kind in KINDS if reasons[kind]},
        unfinished=tuple(path.name.split("-")[1] for path in plans),
        sizes={folder: files.disk_use(data / folder) for folder in layout.SUBFOLDERS},
    )


def newest_receipt(data: Path) -> dt.datetime | None:
    """The ``newest`` of :class:`Status`, without the rest.

    Raises
    ------
    DataFolderMissing, DamagedFile
        As :func:`status`.
    """

    def latest(listing: Listing, receipts: ReceiptFiles) -> dt.datetime | None:
        query = f"select max(received_at) from ({select_receipts(receipts)}) where not {AHEAD}"
        moment: dt.datetime | None = _rows(query, listing.files)[0][0]
        return moment

    return _read(data, None, latest)


def _count_all(
    listing: Listing, receipts: ReceiptFiles
) -> tuple[Listing, ReceiptFiles, _Counted, int]:
    """The files, what is in them, and how many receipts of these are not sealed."""
    unsealed = _count(ReceiptFiles((), receipts.journals), listing.files)
    return listing, receipts, _count(receipts, listing.files), unsealed.receipts


def _read(
    data: Path,
    list_now: Callable[[], Listing] | None,
    read: Callable[[Listing, ReceiptFiles], T],
) -> T:
    """Read the files of receipts, again if they are compacted meanwhile."""
    while True:
        with scratch_folder(data) as scratch, contextlib.suppress(FileVanished):
            listing = list_now() if list_now else list_data(data)
            receipts = open_listing(listing, scratch)
            try:
                return read(listing, receipts)
            except DamagedFile:
                if listing.files.still_has(receipts.sealed):
                    raise


@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts of receipts."""

    channels: dict[str, int]
    newest: dt.datetime | None
    ahead: int
    numbers: dict[str, int]

    @property
    def receipts(self) -> int:
        return sum(self.channels.values())


def _count(receipts: ReceiptFiles, files: Files) -> _Counted:
    query = (
        f"select coalesce(channel, '{SMS}'), count(*),"
        f" max(received_at) filter (where not {AHEAD}), count(*) filter (where {AHEAD}),"
        f" {', '.join(f'count(*) filter (where {each})' for each in _FORMS.values())}"
        f" from ({select_receipts(receipts)}) group by 1 order by 1"
    )
    rows = _rows(query, files)
    newest = max((row[2] for row in rows if row[2] is not None), default=None)
    numbers = {form: sum(row[at] for row in rows) for at, form in enumerate(_FORMS, start=4)}
    return _Counted({row[0]: row[1] for row in rows}, newest, sum(row[3] for row in rows), numbers)


def _rows(query: str, files: Files) -> list[tuple[Any, ...]]:
    try:
        with connect() as connection:
            files.attach(connection)
            return connection.execute(query).fetchall()
    except (duckdb.Error, OverflowError, ValueError) as error:  # the latter: times out of range
        raise DamagedFile(str(error).splitlines()[0], "run dlr verify to see which") from None


def _changed_at(path: Path, files: Files) -> dt.datetime:
    return dt.datetime.fromtimestamp(files.changed_at(path), dt.UTC).replace(tzinfo=None)
