"""Once a day ``dlr compact``, where the settings ask for it: a niced child of the receiver's."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dlr_analytics.receiver.subprocesses import work

log = logging.getLogger(__name__)

LONGEST_LOOK: Final = 30.0
"""Seconds between two looks at the clock: it may be set, and machines sleep."""


class Compacting:
    """Runs ``dlr compact`` each day.

    Parameters
    ----------
    data : path
        The data directory.
    at : time or None
        Of the day, UTC; None is never.
    clock : callable, optional
        Naive UTC; by default now.

    Attributes
    ----------
    ended_at : float or None
        Unix time at which the last run ended that had nothing to complain about.
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
        """Have it done each day, until cancelled; a run under way is killed then, which is safe."""
        if self._at is None:
            await asyncio.Event().wait()
            return
        running: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as children:
            while True:
                await self._until(self._at)
                if running is None or running.done():
                    running = children.create_task(self._compact())
                else:
                    log.error("dlr compact still runs since the day before: this day's is left out")

    async def _until(self, at: dt.time) -> None:
        due = following(self._clock(), at)
        while (now := self._clock()) < due:
            await asyncio.sleep(min((due - now).total_seconds(), LONGEST_LOOK))
            due = min(due, following(self._clock(), at))  # the clock may have been set back

    async def _compact(self) -> None:
        dlr = (sys.executable, "-m", "dlr_analytics")
        command = ("nice", "-n", "10", *dlr, "compact", "--data", str(self._data))
        if await work("dlr compact", *command):
            self.ended_at = time.time()


def following(now: dt.datetime, at: dt.time) -> dt.datetime:
    """The first moment after ``now`` at that time of day.

    Examples
    --------
    >>> following(dt.datetime(2026, 11, 24, 3, 0), dt.time(3))
    datetime.datetime(2026, 11, 25, 3, 0)
    """
    moment = dt.datetime.combine(now, at)
    return moment if moment > now else moment + dt.timedelta(days=1)
