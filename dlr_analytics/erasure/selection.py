"""Which messages are removed, and what belongs to them."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from dlr_analytics.analysis.cache.snapshot import take
from dlr_analytics.analysis.engines.duckdb import Connection
from dlr_analytics.erasure.plan import KEY, KEYS_TABLE, Track, select_keys
from dlr_analytics.errors import DamagedFile
from dlr_analytics.settings import Settings
from dlr_analytics.store.parquet.checksum import check_sum
from dlr_analytics.store.receipts.listing import Listing, list_data
from dlr_analytics.store.sql import literal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of what is removed."""

    messages: int = 0
    receipts: int = 0
    sends: int = 0
    quarantined: int = 0

    def any(self) -> bool:
        """Whether there is anything to remove."""
        return self != Counts()

    def __str__(self) -> str:
        """Name the four numbers, in words."""
        parts = (
            (self.messages, "message"),
            (self.receipts, "receipt"),
            (self.sends, "send record"),
            (self.quarantined, "quarantine line"),
        )
        return ", ".join(f"{n:,} {name}{'' if n == 1 else 's'}" for n, name in parts)


def damaged_files(data: Path, track: Track = iter) -> dict[Path, str]:
    """Check the sums of all files of receipts and send records.

    Returns
    -------
    dict of path to str
        What is wrong with each damaged file.
    """
    listing = list_data(data)
    damaged = {}
    for path in track([*map(Path, (*listing.sealed, *listing.sends))]):
        try:
            check_sum(path)
        except DamagedFile as error:
            damaged[path] = str(error)
        except FileNotFoundError:
            continue  # compacted since it was listed
        except OSError as error:
            damaged[path] = f"{path}: {error.strerror or error}; let it be read"
    return damaged


def ask_sound_data(
    settings: Settings, damaged: Collection[Path], ask: Callable[[Connection], T]
) -> T:
    """Ask what is stored, without damaged files; again if files were merged meanwhile.

    Raises
    ------
    DamagedFile
        A file without a checksum cannot be read.
    duckdb.Error
        What ``ask`` raised, with all files still there.
    """
    while True:
        listing = _without(list_data(settings.data), damaged)
        snapshot = take(settings, listing=listing)
        with contextlib.closing(snapshot.connection) as connection:
            if snapshot.listing is not listing:
                continue  # listed again, with the damaged files
            try:
                return ask(connection)
            except duckdb.Error:
                if listing.files.has(snapshot.files):
                    raise


def _without(listing: Listing, damaged: Iterable[Path]) -> Listing:
    names = {str(path) for path in damaged}
    sealed = {path: known for path, known in listing.sealed.items() if path not in names}
    sends = {path: known for path, known in listing.sends.items() if path not in names}
    return dataclasses.replace(listing, sealed=sealed, sends=sends)


def select_old(connection: Connection, before: dt.date, plans: Iterable[Path] = ()) -> None:
    """Create the table of the messages whose ``message_time`` is before a UTC date.

    With those of plans that were not carried out, and receipts of that time that are of no message:
    inbound ones that earlier releases stored.
    """
    day = f"timestamp {literal(str(before))}"
    connection.execute(
        f"create or replace temp table {KEYS_TABLE} as"
        f" select {KEY} as key from messages where message_time < {day}"
        f" union select {KEY} as key from receipts"
        f" where {KEY} not in (select {KEY} from messages)"
        f" group by 1 having max(received_at) < {day}"
        f" union {select_keys(plans)}"
    )


def count_selected(connection: Connection, condition: str, quarantined: int) -> Counts:
    """Count what the table of keys selects; of receipts, what a condition does."""
    keys = f"select key from {KEYS_TABLE}"
    ((messages,),) = connection.execute(
        f"select count(*) from messages where {KEY} in ({keys})"
    ).fetchall()
    ((receipts,),) = connection.execute(
        f"select count(*) from receipts where {condition}"
    ).fetchall()
    ((sends,),) = connection.execute(
        f"select count(*) from sends where {KEY} in ({keys})"
    ).fetchall()
    return Counts(messages, receipts, sends, quarantined)
