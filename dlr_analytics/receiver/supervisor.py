"""Several workers on one port, looked after: who dies is replaced, who is told to stop stops all.

Each worker has listeners of its own on the common port, so that the kernel spreads connections
evenly. We hold them open too: while a dead worker is replaced, connections queue and are not reset.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from dlr_analytics.receiver.stats import Seen, total
from dlr_analytics.receiver.supervised_worker import pack, unpack
from dlr_analytics.receiver.worker import until
from dlr_analytics.settings import Settings

log = logging.getLogger(__name__)

PATIENCE: Final = 1.0
"""Seconds that a worker may take to say what it has seen; after that its last report counts."""

PAUSE: Final = 1.0
"""Seconds until a worker that never came up is tried again."""

STOPPING: Final = 9.7
"""Seconds until workers that were told to stop are killed; they need at most 9.2."""

Listeners = list[socket.socket]


@dataclass(slots=True, eq=False)
class _Child:
    """A worker's process, and what it last told."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    seen: Seen = field(default_factory=lambda: Seen(time.time()))
    told: asyncio.Event = field(default_factory=asyncio.Event)
    is_up: bool = False

    async def listen(self) -> None:
        """Take its reports until it has gone."""
        try:
            while True:
                self.seen = await unpack(self.reader)
                self.is_up = True
                self.told.set()
        except EOFError:
            self.writer.close()

    async def ask(self) -> None:
        """Have it report now."""
        self.told.clear()
        if not self.writer.is_closing():
            self.writer.write(pack(None))
            await self.told.wait()


class Workers:
    """Keeps one worker for each of ``listeners`` alive.

    Parameters
    ----------
    listeners : list of list of socket
        On the same port; one list a worker.

    Attributes
    ----------
    replaced : int
        How many workers had to be replaced.
    """

    def __init__(self, settings: Settings, listeners: list[Listeners]) -> None:
        self._settings = settings
        self._listeners = listeners
        self._children: set[_Child] = set()
        self._gone = Seen(time.time())
        self._stopping = False
        self._up = asyncio.Event()
        self.replaced = 0

    async def run(self, told: asyncio.Event, *chores: Coroutine[Any, Any, None]) -> None:
        """Look after them, and do the chores, until told to stop.

        They have all ended when this returns.
        """
        keeping = [asyncio.create_task(self._keep(sockets)) for sockets in self._listeners]
        try:
            await until(told, *(_never_ends(task) for task in keeping), *chores)
        finally:
            self._stopping = True
            for child in self._children:
                _signal(child, kill=False)
            _, late = await asyncio.wait(keeping, timeout=STOPPING)
            for child in self._children if late else ():
                log.error("worker %d did not stop in time and is killed", child.process.pid)
                _signal(child, kill=True)
            await asyncio.wait(keeping)

    async def up(self) -> None:
        """Wait until all of them receive."""
        await self._up.wait()

    @property
    def receiving(self) -> int:
        """How many of them receive now."""
        return sum(child.is_up for child in self._children)

    async def seen(self) -> Seen:
        """What they and those before them have seen."""
        asked = [asyncio.create_task(child.ask()) for child in self._children]
        if asked:
            _, late = await asyncio.wait(asked, timeout=PATIENCE)
            for task in late:
                task.cancel()
        self._gone.prune(time.time())
        return total([self._gone, *(child.seen for child in self._children)])

    async def _keep(self, listeners: Listeners) -> None:
        while not self._stopping:
            try:
                child = await self._start(listeners)
            except OSError as error:
                log.error("cannot start a worker: %s", error.strerror)  # noqa: TRY400
                await asyncio.sleep(PAUSE)
                continue
            code = await child.process.wait()
            if self._stopping:
                return
            self.replaced += 1
            log.error("worker %d ended with %d; another is started", child.process.pid, code)
            if not child.is_up:
                await asyncio.sleep(PAUSE)

    async def _start(self, listeners: Listeners) -> _Child:
        """A worker that has ended again, or receives: its first report is here."""
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), *(listener.fileno() for listener in listeners)]
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "dlr_analytics.receiver.supervised_worker",
                *map(str, descriptors),
            ),
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=descriptors,
        )
        theirs.close()
        child = _Child(process, *await asyncio.open_connection(sock=ours))
        self._children.add(child)
        child.writer.write(pack(self._settings))
        listening = asyncio.create_task(child.listen())
        listening.add_done_callback(lambda _: self._forget(child))
        if self._stopping:
            _signal(child, kill=False)
        came_up = asyncio.create_task(child.told.wait())
        await asyncio.wait([listening, came_up], return_when=asyncio.FIRST_COMPLETED)
        came_up.cancel()
        if self.receiving == len(self._listeners):
            self._up.set()
        return child

    def _forget(self, child: _Child) -> None:
        self._children.discard(child)
        child.seen.trouble = child.seen.unread_trouble = ""
        self._gone = total([self._gone, child.seen])


async def _never_ends(keeping: asyncio.Task[None]) -> None:
    """Raise what ended ``keeping``, without cancelling it when we are cancelled."""
    await asyncio.shield(keeping)


def _signal(child: _Child, *, kill: bool) -> None:
    if child.process.returncode is None:
        (child.process.kill if kill else child.process.terminate)()
