"""Group commit: requests that wait for the disk share one sync.

An answer of 200 means that the receipt is on disk, so every request waits for an fdatasync. One
sync takes as long for 500 lines as for one, therefore requests are committed in batches:

- At most one batch is written at a time, in the one thread that owns the writer. Requests that
  arrive meanwhile collect in the next batch, which starts as soon as the current one has ended.
- Nothing delays a batch in order to fill it: a lone request waits for its own sync only, and under
  load hundreds share one. (Waiting 2 ms for more requests lost a third of the throughput, a sync
  inside the event loop almost half.)
- All requests of a batch wait for one future. When a write fails, the whole batch is answered 503;
  the writer then closes the file and acknowledges nothing more from it. The next batch, collected
  meanwhile, is tried with a new file; new requests are answered 503 at once for RETRY_DELAY.
- A disk may hang instead of failing. After COMMIT_TIMEOUT the batch is answered 503 although its
  write still runs; until it ends, new requests are refused. Its receipts may be stored all the
  same: Vonage sends them again, and the analysis collapses repeated receipts.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from typing import Final

from dlr_analytics.errors import StoreError
from dlr_analytics.receiver.logging import describe_error
from dlr_analytics.store.journal.writer import Entry, Writer

log = logging.getLogger(__name__)

COMMIT_TIMEOUT: Final = 8.5
"""Seconds after which an unfinished commit is answered 503. Vonage hangs up after 15, we promise
10, and overdue batches are looked for each second."""

MAX_BACKLOG_BYTES: Final = 16 * 2**20
"""Bytes that may wait for the disk; requests beyond are answered 503 at once."""

RETRY_DELAY: Final = 0.5
"""Seconds of 503 after a failure: retries at full speed on a full disk create empty files."""

PROBE_TIMEOUT: Final = 2.0
"""Seconds that a trial write may take."""

_REMEDY: Final = "retry later"


class _Batch:
    """Entries written together, and the future that all their requests wait for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.entries: list[Entry] = []
        self.size = 0
        self.started_at = loop.time()
        self.done: asyncio.Future[None] = loop.create_future()

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # or asyncio warns about a batch whose requests have all gone


class GroupCommit:
    """Write batches of entries, one at a time, in the writer's thread.

    Parameters
    ----------
    writer : Writer
        Any exception of its ``write`` means that nothing of the batch may be acknowledged.
    thread : Executor
        With one thread, the only one that uses the writer.
    """

    def __init__(self, writer: Writer, thread: Executor) -> None:
        self._writer = writer
        self._thread = thread
        self._loop = asyncio.get_running_loop()
        self._waiting: _Batch | None = None
        self._writing: _Batch | None = None
        self._paused_until = 0.0
        self._error: BaseException | None = None
        self._probe: asyncio.Future[None] | None = None

    def add(self, entry: Entry) -> asyncio.Future[None]:
        """Store ``entry`` with the next batch.

        Returns
        -------
        Future
            Done when the entry is on disk; its exception says that it may not be.

        Raises
        ------
        StoreError
            Nothing can be accepted now.
        """
        if self._loop.time() < self._paused_until:
            raise StoreError("the last write failed", _REMEDY)
        if self._writing is not None and self._writing.done.done():
            raise StoreError("the disk takes too long", _REMEDY)
        if self._waiting is None:
            self._waiting = _Batch(self._loop)
            if self._writing is None:
                # Not at once: other requests read in this turn of the loop join the batch.
                self._loop.call_soon(self._start)
        elif self._waiting.size > MAX_BACKLOG_BYTES:
            raise StoreError("too many requests wait for the disk", _REMEDY)
        self._waiting.entries.append(entry)
        self._waiting.size += len(entry.line)
        return self._waiting.done

    @property
    def last_error(self) -> str:
        """Why the last write failed or takes too long; empty if it succeeded."""
        return "" if self._error is None else describe_error(self._error)

    def expire(self) -> None:
        """Fail the batches that have waited longer than COMMIT_TIMEOUT."""
        self._fail_started_before(self._loop.time() - COMMIT_TIMEOUT)

    def fail_all(self) -> None:
        """Fail all batches that wait."""
        self._fail_started_before(self._loop.time())

    def _fail_started_before(self, limit: float) -> None:
        """Fail the batches started at ``limit`` or before."""
        error = StoreError("the disk takes too long", _REMEDY)
        if self._writing and self._writing.started_at <= limit:
            self._set_error(error)
            self._writing.fail(error)
        if self._waiting and self._waiting.started_at <= limit:
            self._waiting.fail(error)
            self._waiting = None

    async def ready(self) -> bool:
        """Whether entries can be stored now; after a failure, a trial write decides."""
        if self._error is not None:
            # One probe at a time, or many probes would queue before the next batch.
            if self._probe is None or self._probe.done():
                self._probe = self._loop.run_in_executor(self._thread, self._writer.probe)
                self._probe.add_done_callback(self._probe_ended)
            # A disk that hangs blocks the thread; the caller must not hang with it.
            await asyncio.wait([self._probe], timeout=PROBE_TIMEOUT)
        return self._error is None

    def _probe_ended(self, probe: asyncio.Future[None]) -> None:
        self._set_error(probe.exception())

    def _set_error(self, error: BaseException | None) -> None:
        """Remember the outcome of the last write, and log it if it has changed."""
        if error is not None and self._error is None:
            log.error("cannot store, answering 503 until it works again: %s", describe_error(error))
        elif error is None and self._error is not None:
            log.warning("storing works again")
        self._error = error

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
        self._set_error(error)
        if error is not None:
            self._paused_until = self._loop.time() + RETRY_DELAY
            batch.fail(error)
        elif not batch.done.done():
            batch.done.set_result(None)
        self._start()
