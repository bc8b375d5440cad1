"""When journals become Parquet: on time, by size, and at the end. The work is a child's."""

from __future__ import annotations

import asyncio
import logging
import sys
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from dlr_analytics.receiver.subprocesses import work
from dlr_analytics.store.journal.writer import Writer

log = logging.getLogger(__name__)

LONGEST_LOOK: Final = 1.0
"""Seconds between two looks at how old and how large the journals are."""

RETRY: Final = 30.0
"""Seconds until what could not be sealed is tried again, though nothing new is due."""


class Sealing:
    """Lets go of journals that are due, and has a child seal what nobody writes to.

    Parameters
    ----------
    data : path
        The data directory.
    writer : Writer
        Whose journals they are; touched in ``thread`` only.
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

    async def run(self) -> None:
        """Seal what a dead writer left, then whatever is due, until cancelled."""
        loop = asyncio.get_running_loop()
        retry_at = await self._seal()
        while True:
            await asyncio.sleep(min(self._seconds / 4, LONGEST_LOOK))
            if await self._release(self._seconds, self._size) or loop.time() > retry_at:
                retry_at = await self._seal()

    async def finish(self, seconds: float) -> None:
        """Seal all that is left; what takes longer stays for the next start."""
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
        """One run of the child; when to try again. Half-done work is done again: by name."""
        command = (sys.executable, "-m", "dlr_analytics.store.receipts.seal", str(self._data))
        done = await work("sealing", *command)
        return float("inf") if done else asyncio.get_running_loop().time() + RETRY
