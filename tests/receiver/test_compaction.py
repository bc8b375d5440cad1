"""Daily compaction: once a day at the configured time, without blocking anything."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.receiver import compaction, subprocesses
from dlr_analytics.receiver.compaction import DailyCompaction
from dlr_analytics.store import layout
from dlr_analytics.store.locks import exclusive_lock
from tests.support.receivers import PATH, Running, ask_admin, free_port, stored

Start = Callable[..., Running]

DAY = dt.datetime(2026, 11, 24)
SAMPLE = Path(__file__).parents[2] / "tests" / "data" / "sample"


def at(hours: float, days: int = 0) -> dt.datetime:
    return DAY + dt.timedelta(days=days, hours=hours)


async def runs(
    monkeypatch: pytest.MonkeyPatch, moments: list[dt.datetime], work: Callable[..., Any]
) -> list[dt.datetime]:
    """Times of the runs at 03:00, by a clock that shows ``moments`` one by one."""
    started: list[dt.datetime] = []
    shows = iter(moments)
    now = next(shows)

    async def begin(*command: str) -> bool:
        started.append(now)
        return bool(await work())

    async def next_look(_: float) -> None:
        nonlocal now
        await asyncio_sleep(0)  # lets started tasks begin
        try:
            now = next(shows)
        except StopIteration:
            await asyncio.Event().wait()

    asyncio_sleep = asyncio.sleep
    monkeypatch.setattr(compaction, "run_child", begin)
    monkeypatch.setattr(asyncio, "sleep", next_look)
    running = asyncio.create_task(DailyCompaction(Path("data"), dt.time(3), lambda: now).run())
    for _ in range(10 * len(moments)):
        await asyncio_sleep(0)
    running.cancel()
    await asyncio.wait([running])
    return started


async def well() -> bool:
    return True


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([at(1), at(2.9), at(3), at(3.1), at(9)], [at(3)]),
        ([at(4), at(23), at(2, 1)], []),
        ([at(4), at(3.5, 1), at(4, 1)], [at(3.5, 1)]),  # the machine slept meanwhile
        ([at(2), at(3), at(2, 1), at(3, 1)], [at(3), at(3, 1)]),
        ([at(2, 900), at(2), at(3), at(3.1)], [at(3)]),  # the clock was years ahead
    ],
)
def test_it_runs_once_each_day_at_its_time_or_as_soon_after_as_it_can(
    monkeypatch: pytest.MonkeyPatch, moments: list[dt.datetime], expected: list[dt.datetime]
) -> None:
    assert asyncio.run(runs(monkeypatch, moments, well)) == expected


def test_a_run_that_lasts_until_the_next_day_is_logged_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    moments = [at(2), at(3), at(4), at(3, 1), at(4, 1)]
    assert asyncio.run(runs(monkeypatch, moments, asyncio.Event().wait)) == [at(3)]
    assert [record.getMessage() for record in caplog.records] == [
        "dlr compact still runs since the day before: skipped today"
    ]


def test_a_child_that_cannot_be_started_is_logged_and_nothing_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not asyncio.run(subprocesses.run_child("dlr compact", "no-such-command"))
    assert caplog.messages == ["cannot start dlr compact: No such file or directory"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Some days of the sample."""
    for day in ("2026-11-01", "2026-11-02"):
        folder = f"receipts/received_date={day}"
        shutil.copytree(SAMPLE / folder, tmp_path / "data" / folder)
    return tmp_path / "data"


@pytest.fixture
def soon() -> str:
    """A time of day some seconds from now."""
    return f"{dt.datetime.now(dt.UTC) + dt.timedelta(seconds=8):%H:%M:%S}"


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def compactions(data: Path) -> list[int]:
    """Niceness of each ``dlr compact`` that runs on ``data``."""
    listed = subprocess.run(["ps", "-wweo", "ni,args"], capture_output=True, text=True).stdout
    command = re.escape(f"-m dlr_analytics compact --data {data}")
    return [int(nice) for nice in re.findall(rf"^ *(\d+) .*{command}$", listed, re.MULTILINE)]


@pytest.mark.thorough
@pytest.mark.parametrize("workers", ["1", "2"])
def test_closed_days_are_compacted_while_receipts_come_in(
    start: Start, data: Path, soon: str, workers: str
) -> None:
    port, before = free_port(), stored(data)
    receiver = start(f"--compact-at={soon}", f"--admin-port={port}", f"--workers={workers}")

    def ended_at() -> float:
        metrics = ask_admin(port, "/metrics")[1]
        (value,) = re.findall(r"^dlr_last_compact_timestamp_seconds (\S+)$", metrics, re.MULTILINE)
        return float(value)

    assert ended_at() == 0
    assert receiver.ask("GET", f"{PATH}?messageId=meanwhile").code == 200
    wait_for(lambda: abs(time.time() - ended_at()) < 60)
    assert list(layout.messages(data).rglob("*.parquet"))
    assert receiver.stop() == (0, "")
    assert stored(data) == {**before, "meanwhile": 1}


@pytest.mark.thorough
def test_a_finding_is_one_log_line_and_the_receiver_continues(
    start: Start, data: Path, soon: str
) -> None:
    file = next((data / "receipts" / "received_date=2026-11-01").iterdir())
    receiver = start(f"--compact-at={soon}")
    file.write_bytes(file.read_bytes()[:100])
    line = receiver.process.stderr.readline()  # type: ignore[union-attr]
    assert line.startswith("dlr: received_date=2026-11-01: not compacted: ")
    assert receiver.ask("GET", f"{PATH}?messageId=after").code == 200


@pytest.mark.thorough
def test_a_stop_does_not_wait_for_a_running_compaction(start: Start, data: Path, soon: str) -> None:
    with exclusive_lock(layout.compact_lock(data)):  # another compaction holds it
        receiver = start(f"--compact-at={soon}")
        wait_for(lambda: compactions(data))
        assert compactions(data) == [min(os.nice(0) + 10, 19)]
        assert receiver.ask("GET", f"{PATH}?messageId=last").code == 200
        assert receiver.stop(signal.SIGTERM) == (0, "")
        assert compactions(data) == []
    assert stored(data)["last"] == 1
