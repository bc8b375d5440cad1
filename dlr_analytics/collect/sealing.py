"""When journals become Parquet: on time, by size, and at the end. The work is a child's."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from dlr_analytics.store.writer import Writer

LONGEST_LOOK: Final = 1.0
"""Seconds between two looks at how old and how large the journals are."""


class Sealing:
    """Lets go of journals that are due and has a child seal them.

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
        await self._seal()
        while True:
            await asyncio.sleep(min(self._seconds / 4, LONGEST_LOOK))
            if await self._release(self._seconds, self._size):
                await self._seal()

    async def finish(self, seconds: float) -> bool:
        """Seal all that is left; False where that failed or took longer, and journals stay."""
        await self._release(0, 0)
        try:
            async with asyncio.timeout(seconds):
                return await self._seal()
        except TimeoutError:
            return False

    async def _release(self, seconds: float, size: int) -> int:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._writer.release, seconds, size)

    async def _seal(self) -> bool:
        command = (sys.executable, "-m", "dlr_analytics.store.seal", str(self._data))
        child = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
        try:
            return await child.wait() == 0
        except asyncio.CancelledError:
            # Idempotent by name: half-done work is done again by whoever comes next.
            child.kill()
            await child.wait()
            raise
