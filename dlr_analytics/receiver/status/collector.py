"""The status of a receiver at one moment: its workers, its journals, its disk."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dlr_analytics.receiver.daemon_executor import DaemonThreadExecutor
from dlr_analytics.receiver.stats import Stats
from dlr_analytics.settings import Settings
from dlr_analytics.store import quarantine
from dlr_analytics.store.journal.unsealed import Unsealed, UnsealedCounter
from dlr_analytics.store.shipping.files import Unshipped, count_unshipped

DISK_TIMEOUT: Final = 2.0
"""Seconds that reading the disk's state may take; after that the last known state counts."""


@dataclass(frozen=True, slots=True)
class StorageStatus:
    """Contents of the data directory and the free space of its disk.

    ``unshipped`` is counted only where files are shipped.
    """

    unsealed: Unsealed = field(default_factory=Unsealed)
    quarantine_bytes: int = 0
    free_bytes: int = 0
    unshipped: Unshipped = field(default_factory=Unshipped)


@dataclass(frozen=True, slots=True)
class ReceiverStatus:
    """The receiver at ``now`` (naive UTC).

    ``address`` is the public listener's; ``workers`` receive now, ``replaced`` have died;
    ``compacted_at`` is the Unix time of the last successful compaction that it ran.
    """

    now: dt.datetime
    settings: Settings
    address: str
    workers: int
    replaced: int
    compacted_at: float | None
    stats: Stats
    storage: StorageStatus

    @property
    def time(self) -> float:
        """``now`` in Unix seconds."""
        return self.now.replace(tzinfo=dt.UTC).timestamp()

    @property
    def oldest_age(self) -> float:
        """Age of the oldest unsealed receipt in seconds; 0 if there is none."""
        oldest = self.storage.unsealed.oldest
        return max((self.now - oldest).total_seconds(), 0.0) if oldest else 0.0

    @property
    def unshipped_age(self) -> float:
        """Age of the oldest file that is not shipped in seconds; 0 if there is none."""
        since = self.storage.unshipped.since
        return 0.0 if since is None else max(self.time - since, 0.0)


class StatusCollector:
    """Collect the status of a receiver.

    Parameters
    ----------
    stats : callable
        Collects the workers' statistics.
    workers, replaced : callable
        Number of workers that receive now, and that had to be replaced.
    compacted_at : callable
        Unix time at which the last compaction ended.
    """

    def __init__(
        self,
        settings: Settings,
        address: str,
        stats: Callable[[], Awaitable[Stats]],
        workers: Callable[[], int] = lambda: 1,
        replaced: Callable[[], int] = lambda: 0,
        compacted_at: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._address = address
        self._stats = stats
        self._workers = workers
        self._replaced = replaced
        self._compacted_at = compacted_at
        self._unsealed = UnsealedCounter(settings.data)
        self._executor = DaemonThreadExecutor("status")
        self._storage = StorageStatus()
        self._reading: asyncio.Future[StorageStatus] | None = None

    async def collect(self) -> ReceiverStatus:
        """Collect the status of now."""
        stats, storage = await self._stats(), await self._storage_status()
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        return ReceiverStatus(
            now=now,
            settings=self._settings,
            address=self._address,
            workers=self._workers(),
            replaced=self._replaced(),
            compacted_at=self._compacted_at(),
            stats=stats,
            storage=storage,
        )

    async def _storage_status(self) -> StorageStatus:
        """Read the disk in a thread, once at a time, since it may hang."""
        if self._reading is None or self._reading.done():
            loop = asyncio.get_running_loop()
            self._reading = loop.run_in_executor(
                self._executor, self._read_storage, self._settings.data
            )
        reading = self._reading
        await asyncio.wait([reading], timeout=DISK_TIMEOUT)
        # On an error the last known state counts; whether storing works is in the statistics.
        if reading.done() and reading.exception() is None:
            self._storage = reading.result()
        return self._storage

    def _read_storage(self, data: Path) -> StorageStatus:
        free = shutil.disk_usage(data).free
        unshipped = Unshipped()
        if self._settings.ship_to is not None:
            try:
                unshipped = count_unshipped(data)
            except OSError:  # a folder of a day, maybe of another disk; the rest is still known
                unshipped = self._storage.unshipped
        return StorageStatus(self._unsealed.count(), quarantine.size(data), free, unshipped)
