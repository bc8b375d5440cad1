"""Several workers on one port, and the process that supervises them.

- Each worker is a process (``supervised_worker``) with listeners of its own on the common port
  (SO_REUSEPORT), so that the kernel spreads connections evenly. The supervisor holds the listeners
  open too: while a dead worker is replaced, connections queue instead of being reset.
- One task per worker starts the process, waits for its end and starts the next one. A worker that
  died before it was up is restarted after a delay, so that a broken setup does not spin.
- Supervisor and worker talk over a socket pair: settings in, statistics out. The first report means
  that the worker receives. If the supervisor dies, the socket closes and the workers stop.
- Counters must only grow: the last report of a worker that died is added to ``_gone``, and the sum
  of all is what the status page and Prometheus see.
- To stop, every worker gets SIGTERM, drains and seals; one that exceeds STOP_TIMEOUT is killed.
  Receipts that it acknowledged are in the journal and are sealed at the next start.
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

from dlr_analytics.receiver.stats import Stats, merge_stats
from dlr_analytics.receiver.supervised_worker import pack, unpack
from dlr_analytics.receiver.worker import run_until
from dlr_analytics.settings import Settings

log = logging.getLogger(__name__)

REPORT_TIMEOUT: Final = 1.0
"""Seconds that a worker may take to report; after that its last report counts."""

RESTART_DELAY: Final = 1.0
"""Seconds until a worker that never came up is started again."""

STOP_TIMEOUT: Final = 9.7
"""Seconds until stopping workers are killed; they need at most 9.2."""

Listeners = list[socket.socket]


@dataclass(slots=True, eq=False)
class _ChildProcess:
    """A worker's process and its last report."""

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stats: Stats = field(default_factory=lambda: Stats(time.time()))
    reported: asyncio.Event = field(default_factory=asyncio.Event)
    is_up: bool = False

    async def read_reports(self) -> None:
        """Read its reports until it has ended."""
        try:
            while True:
                self.stats = await unpack(self.reader)
                self.is_up = True
                self.reported.set()
        except EOFError:
            self.writer.close()

    async def request_report(self) -> None:
        """Ask for a report and wait for it."""
        self.reported.clear()
        if not self.writer.is_closing():
            self.writer.write(pack(None))
            await self.reported.wait()

    def signal(self, *, kill: bool) -> None:
        """Send SIGTERM or SIGKILL, unless it has ended."""
        if self.process.returncode is None:
            (self.process.kill if kill else self.process.terminate)()


class Supervisor:
    """Run one worker for each of ``listeners``, and replace those that die.

    Parameters
    ----------
    listeners : list of list of socket
        On the same port; one list for each worker.

    Attributes
    ----------
    replaced : int
        Number of workers that had to be replaced.
    """

    def __init__(self, settings: Settings, listeners: list[Listeners]) -> None:
        self._settings = settings
        self._listeners = listeners
        self._children: set[_ChildProcess] = set()
        self._gone = Stats(time.time())
        self._stopping = False
        self._up = asyncio.Event()
        self.replaced = 0

    async def run(self, stop: asyncio.Event, *jobs: Coroutine[Any, Any, None]) -> None:
        """Supervise the workers and run ``jobs`` until ``stop`` is set.

        All workers have ended when this returns.
        """
        tasks = [asyncio.create_task(self._supervise(sockets)) for sockets in self._listeners]
        try:
            await run_until(stop, *(_wait_for(task) for task in tasks), *jobs)
        finally:
            self._stopping = True
            for child in self._children:
                child.signal(kill=False)
            _, late = await asyncio.wait(tasks, timeout=STOP_TIMEOUT)
            for child in self._children if late else ():
                log.error("worker %d did not stop in time and is killed", child.process.pid)
                child.signal(kill=True)
            await asyncio.wait(tasks)

    async def up(self) -> None:
        """Wait until all workers receive."""
        await self._up.wait()

    @property
    def receiving(self) -> int:
        """Number of workers that receive now."""
        return sum(child.is_up for child in self._children)

    async def stats(self) -> Stats:
        """Collect the statistics of all workers, past ones included."""
        requests = [asyncio.create_task(child.request_report()) for child in self._children]
        if requests:
            _, late = await asyncio.wait(requests, timeout=REPORT_TIMEOUT)
            for task in late:
                task.cancel()
        self._gone.prune(time.time())
        return merge_stats([self._gone, *(child.stats for child in self._children)])

    async def _supervise(self, listeners: Listeners) -> None:
        while not self._stopping:
            try:
                child = await self._start(listeners)
            except OSError as error:
                log.error("cannot start a worker: %s", error.strerror)  # noqa: TRY400
                await asyncio.sleep(RESTART_DELAY)
                continue
            code = await child.process.wait()
            if self._stopping:
                return
            self.replaced += 1
            log.error("worker %d ended with %d; another is started", child.process.pid, code)
            if not child.is_up:
                await asyncio.sleep(RESTART_DELAY)

    async def _start(self, listeners: Listeners) -> _ChildProcess:
        """Start a worker and wait until it receives or has ended."""
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), *(listener.fileno() for listener in listeners)]
        module = ("-m", "dlr_analytics.receiver.supervised_worker")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *module, *map(str, descriptors)),
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=descriptors,
        )
        theirs.close()
        child = _ChildProcess(process, *await asyncio.open_connection(sock=ours))
        self._children.add(child)
        child.writer.write(pack(self._settings))
        reading = asyncio.create_task(child.read_reports())
        reading.add_done_callback(lambda _: self._remove(child))
        if self._stopping:
            child.signal(kill=False)
        came_up = asyncio.create_task(child.reported.wait())
        await asyncio.wait([reading, came_up], return_when=asyncio.FIRST_COMPLETED)
        came_up.cancel()
        if self.receiving == len(self._listeners):
            self._up.set()
        return child

    def _remove(self, child: _ChildProcess) -> None:
        self._children.discard(child)
        child.stats.storage_error = child.stats.quarantine_error = ""
        self._gone = merge_stats([self._gone, child.stats])


async def _wait_for(task: asyncio.Task[None]) -> None:
    """Raise the error that ended ``task``, without cancelling it when cancelled."""
    await asyncio.shield(task)
