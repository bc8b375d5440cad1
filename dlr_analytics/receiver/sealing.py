"""The schedule of sealing: by age, size, request and at shutdown, in a child."""

from __future__ import annotations

import asyncio
import logging
import sys
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from dlr_analytics.receiver.subprocesses import run_child
from dlr_analytics.store.journal.release import ReleaseRequests
from dlr_analytics.store.journal.writer import Writer

log = logging.getLogger(__name__)

RELEASE_INTERVAL: Final = 1.0
"""Seconds at most between two checks of the journals' age and size."""

RETRY_DELAY: Final = 30.0
"""Seconds until a failed sealing is retried, even if nothing new is due."""


class Sealer:
    """Release journals that are due, and run the child process that seals them.

    Parameters
    ----------
    data : path
        The data directory.
    writer : Writer
        The writer of the journals; used in ``thread`` only.
    seconds, size : float, int
        Age and bytes at which a journal is due.
    """

    def __init__(
        self, data: Path, writer: Writer, thread: Executor, seconds: float, size: int
    ) -> None:
        self._data = data
        self._writer = writer
        self._thread = thread
        self._seconds = seconds
        self._size = size
        self._requests = ReleaseRequests(data)

    async def run(self) -> None:
        """Seal what a dead writer left, then what is due, until cancelled."""
        loop = asyncio.get_running_loop()
        retry_at = await self._seal()
        while True:
            await asyncio.sleep(min(self._seconds / 4, RELEASE_INTERVAL))
            seconds, size = (0, 0) if self._requests.is_new() else (self._seconds, self._size)
            if await self._release(seconds, size) or loop.time() > retry_at:
                retry_at = await self._seal()

    async def finish(self, seconds: float) -> None:
        """Seal everything within ``seconds``; the rest is sealed at the next start."""
        try:
            async with asyncio.timeout(seconds):
                await self._release(0, 0)
                await self._seal()
        except TimeoutError:
            log.error("sealing takes too long: the journals stay until the next start")  # noqa: TRY400

    async def _release(self, seconds: float, size: int) -> int:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._writer.release, seconds, size)

    async def _seal(self) -> float:
        """Run the child once and return when to retry; sealing twice is safe."""
        command = (sys.executable, "-m", "dlr_analytics.store.receipts.seal", str(self._data))
        done = await run_child("sealing", *command)
        return float("inf") if done else asyncio.get_running_loop().time() + RETRY_DELAY
