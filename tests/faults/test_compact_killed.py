"""Compaction killed at any moment, beside readers that know nothing of it and late files."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.analysis.cache.snapshot import take
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, spill
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.receipts.seal import seal_all
from tests.support.journals import entry
from tests.support.receivers import DLR, stored

DAYS = 6
FILES = 40
EACH = 25
KILLS = 10
FIRST = dt.datetime(2026, 10, 1, 12)


def fill(data: Path, batch: int, files: int, *again: str) -> Counter[str]:
    """So many small files in each of the days; the message IDs in them.

    With each day's first file comes another receipt of one of the messages ``again``. No two
    receipts of a message come at the same second.
    """
    ids: Counter[str] = Counter()
    for day in range(DAYS):
        moment = FIRST + dt.timedelta(days=day, seconds=batch)
        for number in range(files):
            names = [f"{batch}-{day}-{number}-{each}" for each in range(EACH)]
            names += again[day : day + 1] if number == 0 else []
            writer = Writer(data)
            writer.write([entry(name, moment) for name in names])
            writer.release()
            ids.update(names)
    assert seal_all(data) == []
    return ids


def answers(data: Path) -> list[tuple[object, ...]]:
    """The messages, from the cache where it is valid."""
    with take(Settings(data=data)).connection as connection:
        return connection.sql("from messages order by message_id").fetchall()


def answers_of_receipts(data: Path, copy: Path) -> list[tuple[object, ...]]:
    """The messages, from receipts alone."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("messages"))
    return answers(copy)


def cached(data: Path) -> list[tuple[str, int]]:
    """The ID of each cached message, and how many receipts it has."""
    files = [str(path) for path in layout.messages(data).rglob("*.parquet")]
    if not files:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            "select message_id, receipts from read_parquet(?, hive_partitioning = false)", [files]
        ).fetchall()


def is_merged(data: Path) -> bool:
    """Whether each day is one file: then messages are being cached."""
    return all(path.name.startswith("z-") for path in layout.receipts(data).rglob("*.parquet"))


class PlainReader(threading.Thread):
    """A thread that counts receipts with plain DuckDB, again and again."""

    def __init__(self, data: Path) -> None:
        super().__init__(daemon=True)
        self.files = str(layout.receipts(data) / "*" / "*.parquet")
        self.stopped = threading.Event()
        self.at_least = 0
        self.looks: Counter[str] = Counter()

    def run(self) -> None:
        while not self.stopped.is_set():
            at_least = self.at_least
            with duckdb.connect() as connection:
                try:
                    ((all_, different),) = connection.execute(
                        "select count(*), count(distinct (message_id, received_at))"
                        " from read_parquet(?)",
                        [self.files],
                    ).fetchall()
                except duckdb.IOException:
                    self.looks["file vanished, said aloud"] += 1
                    continue
            word = "missing" if all_ < at_least else "double" if all_ > different else "right"
            self.looks[word] += 1


def kill_after(data: Path, seconds: float, *, while_it_keeps: bool) -> bool:
    """Run ``dlr compact`` and kill it after so many seconds; whether it was killed at work.

    The seconds are counted from its start, or from when all days are merged.
    """
    running = subprocess.Popen([*DLR, "compact", f"--data={data}"], stdout=subprocess.DEVNULL)
    while while_it_keeps and running.poll() is None and not is_merged(data):
        time.sleep(0.01)
    time.sleep(seconds)
    at_work = running.poll() is None
    running.kill()
    running.wait(10)
    return at_work


def compact(data: Path) -> None:
    """A run that is left alone."""
    done = subprocess.run([*DLR, "compact", f"--data={data}"], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_killed_at_random_moments_it_loses_and_doubles_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Half of the kills fall while it merges receipts, half while it keeps messages."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    Writer(data).probe()
    ids = fill(data, 0, FILES)
    reader = PlainReader(data)
    reader.at_least = ids.total()
    reader.start()
    rng = random.Random()
    killed: Counter[bool] = Counter()
    cached_by_now = 0
    for number in range(1, KILLS + 1):
        if number == KILLS // 2:
            compact(data)  # from here on there are cached messages to be replaced
        keeps = number % 2 == 1
        seconds = rng.uniform(0, 1) if keeps else rng.uniform(0.25, 2.5)
        killed[keeps] += kill_after(data, seconds, while_it_keeps=keeps)
        assert max(Counter(message_id for message_id, _ in cached(data)).values(), default=1) == 1
        ids += fill(data, number, 1, *rng.sample(sorted(ids), DAYS))
        reader.at_least = ids.total()
        assert stored(data) == ids
        cached_by_now += bool(cached(data))
        assert answers(data) == answers_of_receipts(data, copy)
    compact(data)
    reader.stopped.set()
    reader.join(30)
    assert stored(data) == ids
    names = [path.name for path in layout.receipts(data).rglob("*.parquet")]
    assert len(names) == DAYS
    assert all(name.startswith("z-") for name in names)
    # The folder that this process spills into stays until it ends.
    left = [path.name for path in layout.staging(data).iterdir()]
    assert [name for name in left if not name.startswith(spill.PREFIX)] == []
    assert sorted(cached(data)) == sorted(ids.items())
    assert answers(data) == answers_of_receipts(data, copy)
    record_property(
        "figures",
        f"compact: killed {killed[False]} times while it merged, {killed[True]} times while it"
        f" cached messages, of {KILLS}; {ids.total():,} receipts, lost 0, doubled 0; cached"
        f" after {cached_by_now} of the kills, none twice, answers the same;"
        f" plain readers: {dict(reader.looks)}",
    )
    assert min(killed[False], killed[True]) >= 1, "the kills missed the moment that this is about"
    assert reader.looks.keys() <= {"right", "file vanished, said aloud"}
