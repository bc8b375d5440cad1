"""What is told of a receiver, to however many ask at once."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.receiver.stats import BOUNDS, HOUR, Seen
from dlr_analytics.receiver.status.collector import Overseer, Overview
from dlr_analytics.receiver.supervisor import Workers
from dlr_analytics.settings import Settings
from dlr_analytics.store import quarantine


async def told() -> Seen:
    return Seen(time.time())


def overseer(data: Path) -> Overseer:
    return Overseer(Settings(data=data), "http://127.0.0.1:8080", told)


async def look_at_once(at: Overseer, times: int) -> list[Overview]:
    return await asyncio.gather(*(at.look() for _ in range(times)))


def test_all_who_look_at_once_are_told_the_same(tmp_path: Path) -> None:
    found = asyncio.run(look_at_once(overseer(tmp_path), 5))
    assert {one.stored.free for one in found} == {found[0].stored.free}
    assert found[0].stored.free > 0


def test_where_the_disk_cannot_be_looked_at_what_was_seen_last_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> int:
        raise OSError

    async def scene() -> None:
        at = overseer(tmp_path)
        before = await at.look()
        monkeypatch.setattr(quarantine, "size", broken)
        found = await look_at_once(at, 3)
        assert {one.stored for one in found} == {before.stored}

    asyncio.run(scene())


def test_minutes_of_workers_that_died_are_forgotten_after_an_hour(tmp_path: Path) -> None:
    async def scene() -> Seen:
        workers = Workers(Settings(data=tmp_path), [])
        gone = Seen(time.time())
        gone.stored(("delivered", "sms", "get"), time.time() - 2 * HOUR, 0.004)
        workers._gone = gone
        return await workers.seen()

    seen = asyncio.run(scene())
    assert not seen.waits
    assert seen.commits == {BOUNDS[2]: 1}
