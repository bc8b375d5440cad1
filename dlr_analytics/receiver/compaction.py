"""The daily ``dlr compact``: a low-priority child process, if so configured."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dlr_analytics.receiver.subprocesses import run_child

log = logging.getLogger(__name__)

CLOCK_INTERVAL: Final = 30.0
"""Seconds between two looks at the clock: it may be set, and machines sleep."""


class DailyCompaction:
    """Run ``dlr compact`` once a day.

    Parameters
    ----------
    data : path
        The data directory.
    at : time or None
        Time of day in UTC; None is never.
    clock : callable, optional
        Naive UTC; by default now.

    Attributes
    ----------
    ended_at : float or None
        Unix time at which the last successful run ended.
    """

    def __init__(
        self,
        data: Path,
        at: dt.time | None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC).replace(tzinfo=None),
    ) -> None:
        self._data = data
        self._at = at
        self._clock = clock
        self.ended_at: float | None = None

    async def run(self) -> None:
        """Run it each day until cancelled, which kills a run in progress safely."""
        if self._at is None:
            await asyncio.Event().wait()
            return
        running: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as children:
            while True:
                await self._wait_until(self._at)
                if running is None or running.done():
                    running = children.create_task(self._compact())
                else:
                    log.error("dlr compact still runs since the day before: skipped today")

    async def _wait_until(self, at: dt.time) -> None:
        due = next_occurrence(self._clock(), at)
        while (now := self._clock()) < due:
            await asyncio.sleep(min((due - now).total_seconds(), CLOCK_INTERVAL))
            due = min(due, next_occurrence(self._clock(), at))  # the clock may have been set back

    async def _compact(self) -> None:
        dlr = (sys.executable, "-m", "dlr_analytics")
        command = ("nice", "-n", "10", *dlr, "compact", "--data", str(self._data))
        if await run_child("dlr compact", *command):
            self.ended_at = time.time()


def next_occurrence(now: dt.datetime, at: dt.time) -> dt.datetime:
    """The first moment after ``now`` at a time of day.

    Examples
    --------
    >>> next_occurrence(dt.datetime(2026, 11, 24, 3, 0), dt.time(3))
    datetime.datetime(2026, 11, 25, 3, 0)
    """
    moment = dt.datetime.combine(now, at)
    return moment if moment > now else moment + dt.timedelta(days=1)
