"""A verdict becomes a line and an answer, in that order, and no failure is answered 200."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from dlr_analytics.errors import StoreError
from dlr_analytics.receiver.handler import WebhookHandler, wall_clock
from dlr_analytics.store.journal.writer import Entry
from dlr_analytics.webhook.judge import Request, Rules
from tests.support.receivers import PATH

LONG_AGO = dt.datetime(2026, 11, 1, 23, 59, 59, 999999)
RECEIPT = Request("GET", PATH, b"messageId=0A00&status=delivered", {}, b"", "192.0.2.1")
BROKEN = Request("POST", PATH, b"", {}, b'{"messageId":', "192.0.2.1")


class FakeCommit:
    """A commit that is done when the test says so."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def add(self, entry: Entry) -> asyncio.Future[None]:
        self.entries.append(entry)
        return self.done


class FakeHttpRequest:
    """A request, and the codes that it was answered with."""

    def __init__(self, request: Request) -> None:
        self.path, self.method = request.path, request.method
        self.to_request = lambda: request
        self.codes: list[int] = []

    def answer(self, code: int, headers: dict[str, str] | None = None) -> None:
        self.codes.append(code)


def run(scene: Callable[[WebhookHandler, FakeCommit], Awaitable[None]]) -> None:
    async def main() -> None:
        commit: Any = FakeCommit()
        await scene(WebhookHandler(Rules(), lambda _: LONG_AGO, commit, commit, "name"), commit)

    asyncio.run(main())


def handled(receiver: WebhookHandler, request: Request) -> FakeHttpRequest:
    http = FakeHttpRequest(request)
    receiver.handle(cast("Any", http))
    return http


def test_a_receipt_is_answered_when_it_is_stored_and_not_before() -> None:
    async def scene(receiver: WebhookHandler, commit: FakeCommit) -> None:
        http = handled(receiver, RECEIPT)
        await asyncio.sleep(0.01)
        assert http.codes == []
        commit.done.set_result(None)
        await asyncio.sleep(0)
        assert http.codes == [200]

    run(scene)


def test_a_receipt_that_could_not_be_stored_is_answered_503() -> None:
    async def scene(receiver: WebhookHandler, commit: FakeCommit) -> None:
        requests = [handled(receiver, request) for request in (RECEIPT, BROKEN)]
        commit.done.set_exception(StoreError("data: No space left on device"))
        await asyncio.sleep(0)
        assert [http.codes for http in requests] == [[503], [503]]
        assert not receiver.stats.receipts
        assert receiver.stats.quarantined == 0
        assert [row.outcome for row in receiver.stats.last_requests] == ["not stored", "not stored"]

    run(scene)


def test_the_time_of_arrival_is_the_clock_s_and_decides_the_day() -> None:
    async def scene(receiver: WebhookHandler, commit: FakeCommit) -> None:
        handled(receiver, RECEIPT)
        (entry,) = commit.entries
        assert entry.day == LONG_AGO.date()
        assert json.loads(entry.line)["received_at"] == str(LONG_AGO)

    run(scene)


def test_an_unparsable_request_is_quarantined_with_its_arrival() -> None:
    async def scene(receiver: WebhookHandler, commit: FakeCommit) -> None:
        handled(receiver, BROKEN)
        (entry,) = commit.entries
        line = json.loads(entry.line)
        assert entry.day is None
        assert line["arrived_at"] == str(LONG_AGO)
        assert json.loads(line["raw"]) == {"body": '{"messageId":'}

    run(scene)


def test_the_wall_clock_is_naive_utc() -> None:
    now = wall_clock(RECEIPT)
    assert now.tzinfo is None
    assert abs(dt.datetime.now(dt.UTC).replace(tzinfo=None) - now) < dt.timedelta(minutes=1)
