"""One receiving process: its parts assembled, started and stopped in order."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Coroutine
from typing import Any, Final

from dlr_analytics.receiver.commit import GroupCommit
from dlr_analytics.receiver.connections import Connections
from dlr_analytics.receiver.daemon_executor import DaemonThreadExecutor
from dlr_analytics.receiver.handler import Clock, WebhookHandler
from dlr_analytics.receiver.sealing import Sealer
from dlr_analytics.receiver.stats import Stats
from dlr_analytics.settings import Settings
from dlr_analytics.store.instance import instance_name
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.webhook.judge import Rules

DRAIN_TIMEOUT: Final = 4.0
"""Seconds for the requests in progress at shutdown."""

LAST_SEAL_TIMEOUT: Final = 4.0
"""Seconds for the last sealing; with everything else within the 10 s that we promise."""


class Worker:
    """Receive on ``listeners``; create it in a running event loop.

    Parameters
    ----------
    listeners : list of socket
        Accepted from; must stay open meanwhile.
    clock : callable
        Request to its time of arrival, naive UTC.
    """

    def __init__(self, settings: Settings, listeners: list[socket.socket], clock: Clock) -> None:
        self._thread = DaemonThreadExecutor("writer")
        writer = Writer(settings.data)
        self._commits = (GroupCommit(writer, self._thread), GroupCommit(writer, self._thread))
        instance = instance_name(settings.data)
        self._handler = WebhookHandler(
            Rules.from_settings(settings), clock, *self._commits, instance
        )
        self._sealer = Sealer(
            settings.data, writer, self._thread, settings.seal_seconds, settings.seal_bytes
        )
        self._connections = Connections(self._handler.handle, settings.idle_seconds)
        self._connections.add_sockets(listeners)

    def stats(self) -> Stats:
        """Statistics since the start."""
        receipts, quarantined = self._commits
        stats = self._handler.stats
        stats.storage_error = receipts.last_error
        stats.quarantine_error = quarantined.last_error
        stats.refused_connections = self._connections.refused
        return stats

    async def run(self, stop: asyncio.Event, *jobs: Coroutine[Any, Any, None]) -> None:
        """Receive until ``stop`` is set, then answer the requests in progress and seal.

        Parameters
        ----------
        jobs : coroutine
            Run meanwhile; an error of one ends everything and is raised.
        """
        try:
            await run_until(stop, self._sealer.run(), self._sweep(), *jobs)
        finally:
            await self._connections.drain(DRAIN_TIMEOUT, self._fail_commits)
            await self._sealer.finish(LAST_SEAL_TIMEOUT)
            self._thread.shutdown()

    def _fail_commits(self) -> None:
        for commit in self._commits:
            commit.fail_all()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            for commit in self._commits:
                commit.expire()
            self._connections.sweep()
            self._handler.stats.prune(time.time())


def stop_event() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def run_until(stop: asyncio.Event, *jobs: Coroutine[Any, Any, None]) -> None:
    """Run ``jobs`` until ``stop`` is set or one raises, which ends the others."""
    stopping = asyncio.create_task(stop.wait())
    tasks = [asyncio.create_task(job) for job in jobs]
    ended, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, *tasks):
        task.cancel()
    await asyncio.wait(tasks)
    for task in ended:
        task.result()
