"""The status of a receiver, also for concurrent requests."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.receiver.stats import BOUNDS, HOUR, Stats
from dlr_analytics.receiver.status.collector import ReceiverStatus, StatusCollector
from dlr_analytics.receiver.supervisor import Supervisor
from dlr_analytics.settings import Settings
from dlr_analytics.settings.bucket_address import BucketAddress
from dlr_analytics.store import layout, quarantine


async def no_stats() -> Stats:
    return Stats(time.time())


def collector(data: Path) -> StatusCollector:
    return StatusCollector(Settings(data=data), "http://127.0.0.1:8080", no_stats)


async def collect_at_once(at: StatusCollector, times: int) -> list[ReceiverStatus]:
    return await asyncio.gather(*(at.collect() for _ in range(times)))


def test_concurrent_collections_return_the_same(tmp_path: Path) -> None:
    found = asyncio.run(collect_at_once(collector(tmp_path), 5))
    assert {one.storage.free_bytes for one in found} == {found[0].storage.free_bytes}
    assert found[0].storage.free_bytes > 0


def test_if_the_disk_cannot_be_read_the_last_state_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> int:
        raise OSError

    async def scene() -> None:
        at = collector(tmp_path)
        before = await at.collect()
        monkeypatch.setattr(quarantine, "size", broken)
        found = await collect_at_once(at, 3)
        assert {one.storage for one in found} == {before.storage}

    asyncio.run(scene())


def test_a_day_that_cannot_be_listed_hides_nothing_but_what_waits_to_be_shipped(
    tmp_path: Path,
) -> None:
    loop = layout.receipts(tmp_path) / "received_date=2026-11-23"
    loop.parent.mkdir()
    loop.symlink_to(loop)
    settings = Settings(data=tmp_path, ship_to=BucketAddress("sms"))
    at = StatusCollector(settings, "http://127.0.0.1:8080", no_stats)
    assert asyncio.run(at.collect()).storage.free_bytes > 0


def test_minutes_of_dead_workers_are_dropped_after_an_hour(tmp_path: Path) -> None:
    async def scene() -> Stats:
        workers = Supervisor(Settings(data=tmp_path), [])
        gone = Stats(time.time())
        gone.record_stored(("delivered", "sms", "get"), time.time() - 2 * HOUR, 0.004)
        workers._gone = gone
        return await workers.stats()

    stats = asyncio.run(scene())
    assert not stats.commits_by_minute
    assert stats.commits == {BOUNDS[2]: 1}
