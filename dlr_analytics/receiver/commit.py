"""Requests that wait share one sync.

While a batch is written, what arrives gathers in the next; that one starts when the first has
ended. So a lone request waits for nobody, and under load hundreds share what one would cost.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from typing import Final

from dlr_analytics.errors import StoreError
from dlr_analytics.receiver.logging import sentence
from dlr_analytics.store.journal.writer import Entry, Writer

log = logging.getLogger(__name__)

PATIENCE: Final = 8.5
"""Seconds after which an unfinished commit is answered 503. Vonage hangs up after 15, we promise
10, and who is overdue is looked for each second."""

BACKLOG: Final = 16 * 2**20
"""Bytes that may wait for the disk; more are answered 503 at once."""

PAUSE: Final = 0.5
"""Seconds of 503 after a failure: a full disk tried at full speed makes files and no progress."""


TRY: Final = 2.0
"""Seconds that a trial write may take."""


class _Batch:
    """Entries that are written together, and the future that all of their requests wait for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.entries: list[Entry] = []
        self.size = 0
        self.since = loop.time()
        self.done: asyncio.Future[None] = loop.create_future()

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # else a batch whose requests have all gone is complained about


class Commit:
    """Writes batches, one at a time, in the writer's thread.

    Parameters
    ----------
    writer : Writer
        Whatever its ``write`` raises means that nothing of a batch may be acknowledged.
    thread : Executor
        Of one thread, where all is done that touches the writer.
    """

    def __init__(self, writer: Writer, thread: Executor) -> None:
        self._writer = writer
        self._thread = thread
        self._loop = asyncio.get_running_loop()
        self._waiting: _Batch | None = None
        self._writing: _Batch | None = None
        self._paused_until = 0.0
        self._trouble: BaseException | None = None
        self._trying: asyncio.Future[None] | None = None

    def add(self, entry: Entry) -> asyncio.Future[None]:
        """Have ``entry`` stored.

        Returns
        -------
        Future
            Done when it is on disk; its exception says that it may not be.

        Raises
        ------
        StoreError
            Nothing can be taken now.
        """
        if self._loop.time() < self._paused_until:
            raise StoreError("storing has just failed", "come again")
        if self._writing is not None and self._writing.done.done():
            raise StoreError("the disk takes too long", "come again")
        if self._waiting is None:
            self._waiting = _Batch(self._loop)
            if self._writing is None:
                # Not at once: whoever else was read in this turn of the loop comes along.
                self._loop.call_soon(self._start)
        elif self._waiting.size > BACKLOG:
            raise StoreError("too much waits for the disk", "come again")
        self._waiting.entries.append(entry)
        self._waiting.size += len(entry.line)
        return self._waiting.done

    @property
    def trouble(self) -> str:
        """Why the last write failed, or takes too long; empty where all is well."""
        return "" if self._trouble is None else sentence(self._trouble)

    def expire(self) -> None:
        """Tell those who have waited too long that their receipts are not known to be stored."""
        self._fail_since(self._loop.time() - PATIENCE)

    def give_up(self) -> None:
        """Tell that to all who wait."""
        self._fail_since(self._loop.time())

    def _fail_since(self, overdue: float) -> None:
        """Fail the batches that were begun at ``overdue`` or before."""
        error = StoreError("the disk takes too long", "come again")
        if self._writing and self._writing.since <= overdue:
            self._note(error)
            self._writing.fail(error)
        if self._waiting and self._waiting.since <= overdue:
            self._waiting.fail(error)
            self._waiting = None

    async def ready(self) -> bool:
        """Whether something can be stored now; after a failure that is tried out."""
        if self._trouble is not None:
            # One trial at a time, however many ask: they would queue before the next batch.
            if self._trying is None or self._trying.done():
                self._trying = self._loop.run_in_executor(self._thread, self._writer.probe)
                self._trying.add_done_callback(self._tried)
            # A disk that hangs keeps the thread; whoever asks must not hang with it.
            await asyncio.wait([self._trying], timeout=TRY)
        return self._trouble is None

    def _tried(self, trying: asyncio.Future[None]) -> None:
        self._note(trying.exception())

    def _note(self, error: BaseException | None) -> None:
        """Remember how storing went last, and log it where it is not as it was."""
        if error is not None and self._trouble is None:
            log.error("cannot store, and answer 503 until it works again: %s", sentence(error))
        elif error is None and self._trouble is not None:
            log.warning("storing works again")
        self._trouble = error

    def _start(self) -> None:
        batch = self._waiting
        if batch is None:
            return
        self._waiting, self._writing = None, batch
        running = self._loop.run_in_executor(self._thread, self._writer.write, batch.entries)
        running.add_done_callback(self._ended)

    def _ended(self, running: asyncio.Future[None]) -> None:
        batch, self._writing = self._writing, None
        assert batch is not None
        error = running.exception()
        self._note(error)
        if error is not None:
            self._paused_until = self._loop.time() + PAUSE
            batch.fail(error)
        elif not batch.done.done():
            batch.done.set_result(None)
        self._start()
