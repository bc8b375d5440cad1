"""The schedule of shipping: after each seal and at shutdown, in a child.

One process of a receiver runs it, whatever the number of workers. It looks once a second whether a
folder has changed, and starts the child process if one of its files is not known to be in the
bucket. A quarantine file is closed without such a change, so that is also checked at the pace of
sealing; shipped files that are kept for some days are removed hourly.

The child process needs obstore and time; this one stays as it is. While the bucket cannot be used,
receipts are stored and sealed as always, each complaint is logged once, and shipping is tried again
after a second, then after twice as long each time, up to 30 seconds. Where a folder cannot be
listed, as of a day on another disk that fails, the receiver goes on, and looks again each second.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from dlr_analytics.errors import describe_refusal
from dlr_analytics.receiver.daemon_executor import DaemonThreadExecutor
from dlr_analytics.receiver.subprocesses import run_child
from dlr_analytics.settings import Settings
from dlr_analytics.store.shipping.files import FolderState, folder_state, unshipped_files

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_INTERVAL: Final = 1.0
"""Seconds between two looks at the folders."""

FIRST_DELAY: Final = 1.0
LAST_DELAY: Final = 30.0
"""Seconds until shipping is tried again after it failed; doubled each time."""

REMOVAL_INTERVAL: Final = 3600.0
"""Seconds between two runs that only remove what has been here for long enough."""

STOP_TIMEOUT: Final = 9.0
"""Seconds after the signal to stop in which a last run must end, requests and sealing included."""


class Shipper:
    """Run the child process that ships, when there is something to ship.

    Parameters
    ----------
    settings : Settings
        ``ship_to`` is where to; None is never.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._executor = DaemonThreadExecutor("shipping")
        self._logged: set[str] = set()
        self._state: FolderState = ()
        self._unlisted = ""
        self._delay = FIRST_DELAY
        self._retry_at = self._look_at = self._remove_at = self._stopped_at = 0.0

    async def run(self) -> None:
        """Ship what an earlier receiver left, then what is sealed, until cancelled."""
        if self._settings.ship_to is None:
            await asyncio.Event().wait()
        loop = asyncio.get_running_loop()
        try:
            while True:
                if await self._is_due():
                    await self._ship()
                await asyncio.sleep(min(LOOK_INTERVAL, self._settings.seal_seconds))
        finally:
            self._stopped_at = loop.time()

    async def finish(self) -> None:
        """Ship what is left; what takes too long is shipped after the next start."""
        if self._settings.ship_to is None or self._logged:
            return
        seconds = STOP_TIMEOUT - (asyncio.get_running_loop().time() - self._stopped_at)
        try:
            async with asyncio.timeout(seconds):
                if await self._has_unshipped():
                    await self._ship()
        except TimeoutError:
            log.error("shipping takes too long: the files stay until the next start")  # noqa: TRY400

    async def _is_due(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._retry_at:
            return False
        if now >= self._remove_at and self._settings.ship_keep_days:
            self._remove_at = now + REMOVAL_INTERVAL
            return True
        state = await self._look(folder_state)
        if state is None:
            return False
        before, self._state = self._state, state
        unchanged = self._state == before and now < self._look_at
        if unchanged and not self._logged and not self._unlisted:
            return False
        self._look_at = now + self._settings.seal_seconds
        return await self._has_unshipped()

    async def _has_unshipped(self) -> bool:
        files = await self._look(unshipped_files)
        if files is not None and self._unlisted:
            log.warning("the files to ship can be listed again")
            self._unlisted = ""
        return bool(files)

    async def _look(self, look: Callable[[Path], T]) -> T | None:
        """Look in the thread; None, logged once, where a folder cannot be listed."""
        loop, data = asyncio.get_running_loop(), self._settings.data
        try:
            return await loop.run_in_executor(self._executor, look, data)
        except OSError as error:
            problem = str(describe_refusal(error, data))
            if problem != self._unlisted:
                log.error("nothing is shipped while a folder cannot be listed: %s", problem)  # noqa: TRY400
            self._unlisted = problem
            return None

    async def _ship(self) -> None:
        """Run the child once; shipping twice is safe."""
        settings = self._settings
        command = (sys.executable, "-m", "dlr_analytics.bucket.ship", str(settings.data))
        where = (str(settings.ship_to), str(settings.ship_keep_days))
        if not await run_child("shipping", *command, *where, logged=self._logged):
            self._retry_at = asyncio.get_running_loop().time() + self._delay
            self._delay = min(2 * self._delay, LAST_DELAY)
            return
        self._delay = FIRST_DELAY
        if self._logged:
            log.warning("shipping to %s works again", settings.ship_to)
            self._logged.clear()
