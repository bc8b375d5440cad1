"""All that can be told about a receiver at one moment: its workers, its journals, its disk."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dlr_analytics.receiver.daemon_executor import Aside
from dlr_analytics.receiver.stats import Seen
from dlr_analytics.settings import Settings
from dlr_analytics.store import quarantine
from dlr_analytics.store.journal.unsealed import Unsealed, UnsealedCounter

PATIENCE: Final = 2.0
"""Seconds that looking at the disk may take; after that what was seen last counts."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the data directory holds and has room for, in bytes where not said otherwise."""

    unsealed: Unsealed = field(default_factory=Unsealed)
    quarantine: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """The receiver at ``now`` (naive UTC).

    ``address`` is where receipts are taken; ``workers`` receive now, ``replaced`` have died;
    ``compacted_at`` is the Unix time at which the last compaction of its own went well.
    """

    now: dt.datetime
    settings: Settings
    address: str
    workers: int
    replaced: int
    compacted_at: float | None
    seen: Seen
    stored: Stored

    @property
    def time(self) -> float:
        """``now`` in Unix seconds."""
        return self.now.replace(tzinfo=dt.UTC).timestamp()

    @property
    def oldest_age(self) -> float:
        """Seconds that the oldest unsealed receipt has waited; 0 where there is none."""
        oldest = self.stored.unsealed.oldest
        return max((self.now - oldest).total_seconds(), 0.0) if oldest else 0.0


class Overseer:
    """Puts overviews together.

    Parameters
    ----------
    seen : callable
        Asks the workers what they have seen.
    workers, replaced : callable
        How many workers receive now, and how many had to be replaced.
    compacted_at : callable
        When the last compaction ended.
    """

    def __init__(
        self,
        settings: Settings,
        address: str,
        seen: Callable[[], Awaitable[Seen]],
        workers: Callable[[], int] = lambda: 1,
        replaced: Callable[[], int] = lambda: 0,
        compacted_at: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._address = address
        self._seen = seen
        self._workers = workers
        self._replaced = replaced
        self._compacted_at = compacted_at
        self._journals = UnsealedCounter(settings.data)
        self._aside = Aside("overview")
        self._stored = Stored()
        self._looking: asyncio.Future[Stored] | None = None

    async def look(self) -> Overview:
        """How things are now."""
        seen, stored = await self._seen(), await self._look_at_the_disk()
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        return Overview(
            now=now,
            settings=self._settings,
            address=self._address,
            workers=self._workers(),
            replaced=self._replaced(),
            compacted_at=self._compacted_at(),
            seen=seen,
            stored=stored,
        )

    async def _look_at_the_disk(self) -> Stored:
        """In a thread, one look at a time: a disk that stands still must not keep who asks."""
        if self._looking is None or self._looking.done():
            loop = asyncio.get_running_loop()
            self._looking = loop.run_in_executor(self._aside, self._look, self._settings.data)
        looking = self._looking
        await asyncio.wait([looking], timeout=PATIENCE)
        # What cannot be looked at now was there a moment ago; whether storing works is told by
        # those who store.
        if looking.done() and looking.exception() is None:
            self._stored = looking.result()
        return self._stored

    def _look(self, data: Path) -> Stored:
        return Stored(self._journals.look(), quarantine.size(data), shutil.disk_usage(data).free)
