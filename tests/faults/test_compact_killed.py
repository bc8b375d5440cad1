"""Compaction killed at any moment, beside readers that know nothing of it and late files."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.analyse import kept
from dlr_analytics.analyse.snapshot import take
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.seal import seal_all
from dlr_analytics.store.writer import Writer
from tests.receivers import stored
from tests.store.conftest import entry

DAYS = 6
FILES = 40
EACH = 25
FIRST = dt.datetime(2026, 10, 1, 12)


def fill(data: Path, batch: str, files: int) -> set[str]:
    """So many small files in each of the days; the message IDs in them."""
    ids = set()
    for day in range(DAYS):
        for number in range(files):
            writer = Writer(data)
            names = [f"{batch}-{day}-{number}-{each}" for each in range(EACH)]
            writer.write([entry(name, FIRST + dt.timedelta(days=day)) for name in names])
            writer.release()
            ids.update(names)
    assert seal_all(data) == []
    return ids


def answers(data: Path) -> list[tuple[object, ...]]:
    """The messages, from what is kept where that holds."""
    with take(Settings(data=data)).connection as connection:
        return connection.sql("from messages order by message_id").fetchall()


def answers_of_receipts(data: Path) -> list[tuple[object, ...]]:
    """The messages, from receipts alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "read", lambda messages: kept.Kept())
        return answers(data)


class PlainReader(threading.Thread):
    """Counts receipts as anybody with DuckDB does, again and again."""

    def __init__(self, data: Path) -> None:
        super().__init__(daemon=True)
        self.files = str(layout.receipts(data) / "*" / "*.parquet")
        self.stopped = threading.Event()
        self.looks: Counter[str] = Counter()

    def run(self) -> None:
        while not self.stopped.is_set():
            with duckdb.connect() as connection:
                try:
                    ((all_, different),) = connection.execute(
                        "select count(*), count(distinct message_id) from read_parquet(?)",
                        [self.files],
                    ).fetchall()
                except duckdb.IOException:
                    self.looks["file vanished, said aloud"] += 1
                    continue
            self.looks["double" if all_ != different else "right"] += 1


def kill_after(data: Path, seconds: float) -> bool:
    """Run ``dlr compact`` and kill it after so many seconds; whether it was killed at work."""
    command = [sys.executable, "-m", "dlr_analytics", "compact", "--data", str(data)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    at_work = running.poll() is None
    running.kill()
    running.wait(10)
    return at_work


@pytest.mark.slow
def test_killed_at_random_moments_it_loses_and_doubles_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    data = tmp_path / "data"
    Writer(data).probe()
    ids = fill(data, "first", FILES)
    reader = PlainReader(data)
    reader.start()
    rng = random.Random()
    killed = kept_by_now = 0
    for number in range(8):
        killed += kill_after(data, rng.uniform(0.25, 2.5))
        ids |= fill(data, f"late{number}", 1)
        assert stored(data) == dict.fromkeys(ids, 1)
        kept_by_now += bool(kept.read(layout.messages(data)).received)
        assert answers(data) == answers_of_receipts(data)
    command = [sys.executable, "-m", "dlr_analytics", "compact", "--data", str(data)]
    assert subprocess.run(command, capture_output=True).returncode == 0
    reader.stopped.set()
    reader.join(30)
    assert stored(data) == dict.fromkeys(ids, 1)
    names = [path.name for path in layout.receipts(data).rglob("*.parquet")]
    assert len(names) == DAYS
    assert all(name.startswith("z-") for name in names)
    assert list(layout.staging(data).iterdir()) == []
    assert answers(data) == answers_of_receipts(data)
    record_property(
        "figures",
        f"compact: killed {killed} of 8 times, {len(ids):,} receipts, lost 0, doubled 0; "
        f"messages kept after {kept_by_now} of the kills, answers the same; "
        f"plain readers: {dict(reader.looks)}",
    )
    assert killed >= 2, "the kills missed the moment that this is about"
    assert reader.looks["double"] == 0
