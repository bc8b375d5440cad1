"""One process that receives: the parts put together, started, and stopped in an orderly way."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import Coroutine
from typing import Any, Final

from dlr_analytics.receiver.commit import Commit
from dlr_analytics.receiver.connections import Connections
from dlr_analytics.receiver.daemon_executor import Aside
from dlr_analytics.receiver.handler import Clock, Receiver
from dlr_analytics.receiver.sealing import Sealing
from dlr_analytics.receiver.stats import Seen
from dlr_analytics.settings import Settings
from dlr_analytics.store.instance import instance_name
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.webhook.judge import Rules

DRAIN: Final = 4.0
"""Seconds for the requests in hand, once we are told to stop."""

LAST_SEAL: Final = 4.0
"""Seconds for the last sealing; with all else within the 10 s that we promise."""


class Worker:
    """Receives on ``listeners``, from when it is made in a running loop.

    Parameters
    ----------
    listeners : list of socket
        Accepted from; not closed by others meanwhile.
    clock : callable
        Request to its time of arrival, naive UTC.
    """

    def __init__(self, settings: Settings, listeners: list[socket.socket], clock: Clock) -> None:
        self._thread = Aside("writer")
        writer = Writer(settings.data)
        self._commits = (Commit(writer, self._thread), Commit(writer, self._thread))
        instance = instance_name(settings.data)
        self._receiver = Receiver(Rules.from_settings(settings), clock, *self._commits, instance)
        self._sealing = Sealing(
            settings.data, writer, self._thread, settings.seal_seconds, settings.seal_bytes
        )
        self._served = Connections(self._receiver.handle)
        self._served.add_sockets(listeners)

    def seen(self) -> Seen:
        """What it has seen until now."""
        receipts, unread = self._commits
        seen = self._receiver.seen
        seen.trouble, seen.unread_trouble = receipts.trouble, unread.trouble
        return seen

    async def run(self, told: asyncio.Event, *chores: Coroutine[Any, Any, None]) -> None:
        """Receive until told to stop, then answer what is in hand, and seal.

        Parameters
        ----------
        chores : coroutine
            What else to do meanwhile; where one ends by an error, all ends, and it is raised.
        """
        try:
            await until(told, self._sealing.run(), self._sweep(), *chores)
        finally:
            await self._served.drain(DRAIN, self._give_up)
            await self._sealing.finish(LAST_SEAL)
            self._thread.shutdown()

    def _give_up(self) -> None:
        for commit in self._commits:
            commit.give_up()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            for commit in self._commits:
                commit.expire()
            self._served.sweep()
            self._receiver.seen.prune(time.time())


def told_to_stop() -> asyncio.Event:
    """Set once SIGTERM or SIGINT comes."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


async def until(told: asyncio.Event, *chores: Coroutine[Any, Any, None]) -> None:
    """Do the chores until told to stop; one that breaks stops all, and is raised."""
    stop = asyncio.create_task(told.wait())
    tasks = [asyncio.create_task(chore) for chore in chores]
    ended, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (stop, *tasks):
        task.cancel()
    await asyncio.wait(tasks)
    for task in ended:
        task.result()
