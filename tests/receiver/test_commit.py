"""Requests that wait share one sync, and its outcome."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from dlr_analytics.errors import StoreError
from dlr_analytics.receiver import commit as module
from dlr_analytics.receiver.commit import GroupCommit
from dlr_analytics.store.journal.writer import Entry

LINE = Entry(None, b"line\n")


class SlowWriter:
    """A writer that waits for ``go``, and raises the errors it was given."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.go = threading.Event()
        self.error: Exception | None = None
        self.errors: list[Exception] = []

    def write(self, entries: Sequence[Entry]) -> None:
        assert self.go.wait(10)
        self.batches.append(len(entries))
        if self.error:
            raise self.error
        if self.errors:
            raise self.errors.pop()

    def probe(self) -> None:
        self.write([])


@asynccontextmanager
async def committing() -> AsyncIterator[tuple[GroupCommit, SlowWriter]]:
    writer = SlowWriter()
    with ThreadPoolExecutor(1) as thread:
        yield GroupCommit(writer, thread), writer  # type: ignore[arg-type]
        writer.go.set()


def run(scene: Callable[[GroupCommit, SlowWriter], Awaitable[None]]) -> None:
    async def main() -> None:
        async with committing() as (commit, writer):
            await scene(commit, writer)

    asyncio.run(main())


async def turns(number: int = 3) -> None:
    """Run some turns of the event loop."""
    for _ in range(number):
        await asyncio.sleep(0)


def test_no_request_is_acknowledged_before_the_write_returns() -> None:
    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        done = commit.add(LINE)
        await asyncio.sleep(0.05)
        assert not done.done()
        writer.go.set()
        await done

    run(scene)


def test_requests_of_one_turn_share_a_batch_and_later_ones_the_next() -> None:
    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        first = [commit.add(LINE) for _ in range(3)]
        await turns()
        later = [commit.add(LINE) for _ in range(5)]
        writer.go.set()
        await asyncio.gather(*first, *later)
        assert writer.batches == [3, 5]

    run(scene)


def test_a_failure_fails_its_batch_and_the_requests_right_after() -> None:
    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        writer.error = StoreError("data: No space left on device")
        waiting = [commit.add(LINE) for _ in range(8)]
        writer.go.set()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert outcomes == [writer.error] * 8
        with pytest.raises(StoreError, match="the last write failed; retry later"):
            commit.add(LINE)

    run(scene)


def test_after_a_delay_it_is_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_DELAY", 0.01)

    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        writer.go.set()
        writer.error = StoreError("data: No space left on device")
        await asyncio.wait([commit.add(LINE)])
        writer.error = None
        await asyncio.sleep(0.02)
        await commit.add(LINE)
        assert await commit.ready()

    run(scene)


def test_the_batch_after_a_failed_one_is_written_nevertheless() -> None:
    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        writer.errors = [StoreError("data: No space left on device")]
        first = commit.add(LINE)
        await turns()
        second = commit.add(LINE)
        writer.go.set()
        await asyncio.wait([first])
        assert first.exception() is not None
        await second

    run(scene)


def test_an_error_of_any_kind_is_a_failure() -> None:
    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        writer.error = MemoryError()
        writer.go.set()
        await asyncio.wait([done := commit.add(LINE)])
        assert isinstance(done.exception(), MemoryError)

    run(scene)


def test_a_hanging_disk_fails_waiting_requests_and_refuses_new_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "COMMIT_TIMEOUT", 0.01)

    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        first = commit.add(LINE)
        await turns()
        second = commit.add(LINE)
        commit.expire()
        assert not first.done()
        await asyncio.sleep(0.02)
        commit.expire()
        assert "the disk takes too long" in str(first.exception())
        assert "the disk takes too long" in str(second.exception())
        with pytest.raises(StoreError, match="the disk takes too long"):
            commit.add(LINE)
        writer.go.set()
        while not await commit.ready():
            await asyncio.sleep(0.01)
        await commit.add(LINE)
        assert sum(writer.batches) == 2, "what was answered 503 and not begun is not written"

    run(scene)


def test_the_backlog_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BACKLOG_BYTES", 10 * len(LINE.line))

    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        commit.add(LINE)
        await turns()
        waiting = [commit.add(LINE) for _ in range(11)]
        with pytest.raises(StoreError, match="too many requests wait"):
            commit.add(LINE)
        writer.go.set()
        await asyncio.gather(*waiting)

    run(scene)


def test_it_is_ready_as_long_as_nothing_has_failed() -> None:
    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        assert await commit.ready()
        assert writer.batches == []

    run(scene)


def test_after_a_failure_readiness_is_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROBE_TIMEOUT", 0.05)

    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        writer.go.set()
        writer.error = StoreError("data: No space left on device")
        await asyncio.wait([commit.add(LINE)])
        assert not await commit.ready()
        writer.error = None
        writer.go.clear()
        assert not await commit.ready(), "a disk that stands still is not ready either"
        writer.go.set()
        assert await commit.ready()

    run(scene)


def test_concurrent_readiness_checks_share_one_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROBE_TIMEOUT", 0.05)

    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        writer.go.set()
        writer.error = StoreError("data: No space left on device")
        await asyncio.wait([commit.add(LINE)])
        writer.error = None
        writer.go.clear()
        assert not any(await asyncio.gather(*(commit.ready() for _ in range(20))))
        writer.go.set()
        assert await commit.ready()
        assert writer.batches == [1, 0]

    run(scene)


def test_a_failure_is_logged_once_and_so_is_its_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "RETRY_DELAY", 0.0)

    async def scene(commit: GroupCommit, writer: SlowWriter) -> None:
        writer.go.set()
        writer.error = StoreError("data: No space left on device")
        for _ in range(5):
            await asyncio.wait([commit.add(LINE)])
        writer.error = None
        for _ in range(5):
            await commit.add(LINE)

    run(scene)
    assert [record.message for record in caplog.records] == [
        "cannot store, answering 503 until it works again: data: No space left on device",
        "storing works again",
    ]
