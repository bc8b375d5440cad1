"""Files and cost of receivers that ship to a bucket: ``python -m tests.bench.file_counts``.

Bytes are measured: a closed day of simulated receipts is sealed, merged and cached. Files are
counted by a simulation of a day, minute by minute: each worker seals its journal at 64 MiB or
60 s after its first receipt. Prices are those of S3 Standard that :data:`PRICES` states; requests
cost more elsewhere, storage less.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import closed_days, compact
from dlr_analytics.store.sql import from_files
from tests.bench.journals import RECEIPTS, journal
from tests.bench.making import LAST_DAY, Size, hourly_shares, make

YEARLY: Final = (10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000)
WORKERS: Final = 3
MONTH: Final = 30
GB: Final = 10**9

PRICES: Final = {"GB a month": 0.023, "PUT": 0.005 / 1000, "GET": 0.0004 / 1000}
"""US dollars, as listed for us-east-1."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes per receipt in each kind of file."""

    journal: float
    sealed: float
    merged: float
    messages: float
    cached_files: float
    """Files of the cache for each day."""


@dataclass(frozen=True, slots=True)
class Month:
    """What a month of shipping, pulling and publishing asks of a bucket."""

    sealed_a_day: int
    put: int
    get: int
    gigabytes: float
    """After a year, receipts and messages."""

    @property
    def dollars(self) -> float:
        """Storage after a year and the month's requests."""
        requests = self.put * PRICES["PUT"] + self.get * PRICES["GET"]
        return self.gigabytes * PRICES["GB a month"] + requests


def measured(messages: int = 150_000, days: int = 3) -> Bytes:
    """Seal, merge and cache simulated receipts, and divide bytes by receipts."""
    from dlr_analytics.analysis.cache import refresh

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        made, data = Path(folder) / "made", Path(folder) / "data"
        make(made, Size(messages, days))
        receipts = _rows(made)
        sealed = _size(layout.receipts(made)) / receipts
        journal(made, data)
        line = _size(layout.journal(data)) / RECEIPTS
        closed = closed_days(made, LAST_DAY)
        days_alone = _rows(made, "received_at < $1", dt.datetime.combine(LAST_DAY, dt.time()))
        assert all(not one.finding for one in compact(made, closed))
        merged = sum(_size(layout.receipts(made) / layout.day_folder(day)) for day in closed)
        settings = Settings(data=made)
        batches = refresh.plan_batches(settings, closed)
        assert all(not batch.finding for batch in refresh.cache_batches(settings, batches))
        cache = [path for path in layout.messages(made).rglob("*") if path.is_file()]
        stored = sum(path.stat().st_size for path in cache) / days_alone
        return Bytes(line, sealed, merged / days_alone, stored, len(cache) / len(closed))


def seals(receipts_a_day: float, workers: int, line_bytes: float) -> int:
    """Count the files that the workers seal in a day."""
    settings, shares = Settings(data=Path()), hourly_shares()
    files, age, size = 0, 0.0, 0.0
    for second in range(86_400):
        size += receipts_a_day * shares[second // 3600] / 3600 / workers * line_bytes
        age += bool(size)
        if size >= settings.seal_bytes or age >= settings.seal_seconds:
            files, age, size = files + 1, 0.0, 0.0
    return files * workers


def month(yearly: int, workers: int, bytes_: Bytes) -> Month:
    """Add up what is put and fetched in a month, and what is stored after a year."""
    sealed = seals(yearly / 365, workers, bytes_.journal)
    published = 1 + bytes_.cached_files + 1  # the merged file, its messages, the manifest
    return Month(
        sealed_a_day=sealed,
        put=round(MONTH * (sealed + published)),
        get=round(MONTH * sealed),
        gigabytes=yearly * (bytes_.merged + bytes_.messages) / GB,
    )


def _rows(data: Path, condition: str = "true", *values: object) -> int:
    files = sorted(layout.receipts(data).rglob("*.parquet"))
    query = f"select count(*) from {from_files(files)} where {condition}"
    with duckdb.connect() as connection:
        ((number,),) = connection.execute(query, list(values)).fetchall()
    return int(number)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table(workers: int, bytes_: Bytes) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| receipts a year | files a day | PUT a month | GET | GB after a year | $ a month |"
    yield "|--:|--:|--:|--:|--:|--:|"
    for yearly in YEARLY:
        made = month(yearly, workers, bytes_)
        yield (
            f"| {yearly:,} | {made.sealed_a_day:,} | {made.put:,} | {made.get:,}"
            f" | {made.gigabytes:,.1f} | {made.dollars:,.2f} |"
        )


def main(arguments: list[str] | None = None) -> None:
    """Measure, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=WORKERS)
    workers = parser.parse_args(arguments).workers
    bytes_ = measured()
    print(
        f"bytes per receipt: journal {bytes_.journal:.0f}, sealed {bytes_.sealed:.1f}, merged"
        f" {bytes_.merged:.1f}, messages {bytes_.messages:.1f};"
        f" {bytes_.cached_files:.1f} files of the cache a day; {workers} workers\n"
    )
    print("\n".join(table(workers, bytes_)))


if __name__ == "__main__":
    main()
