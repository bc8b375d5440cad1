"""What becomes of a request: a verdict is asked for, a line is stored, an answer goes out.

What is right to answer is decided in ``intake``; here it is only done, and done in that order.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from functools import partial

from dlr_analytics.collect.call import Call
from dlr_analytics.collect.commit import Commit
from dlr_analytics.collect.counts import Counts, label
from dlr_analytics.errors import StoreError
from dlr_analytics.intake import Nothing, Quarantine, Refuse, Request, Rules, Store, judge
from dlr_analytics.store import journal, quarantine
from dlr_analytics.store.quarantine import Unread
from dlr_analytics.store.writer import Entry

Kind = tuple[str, str, str]
"""Status, source and transport of a receipt, as they are counted."""

Clock = Callable[[Request], dt.datetime]


def wall_clock(_: Request) -> dt.datetime:
    """The time of arrival of a request: now, naive UTC."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class Receiver:
    """Handles whole requests.

    Parameters
    ----------
    rules : Rules
        What ``intake.judge`` goes by.
    clock : callable
        Request to its time of arrival, naive UTC.
    commit : Commit
        Stores entries.
    instance : str
        The random name by which this data directory's receiver is known again.
    """

    def __init__(self, rules: Rules, clock: Clock, commit: Commit, instance: str) -> None:
        self._rules = rules
        self._clock = clock
        self._commit = commit
        self._named = {"X-Dlr-Instance": instance}
        self._asking: set[asyncio.Task[None]] = set()
        self.counts = Counts()

    def handle(self, call: Call) -> None:
        """See to it that ``call`` is answered, now or when its receipt is on disk."""
        if call.path == "/healthz":
            self._answer(call, 200, self._named)
        elif call.path == "/readyz":
            task = asyncio.create_task(self._answer_ready(call))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        else:
            self._judge(call)

    def _judge(self, call: Call) -> None:
        request = call.request()
        now = self._clock(request)
        match judge(request, self._rules, now):
            case Store(receipt, transport):
                entry = Entry(receipt.received_at.date(), journal.encode(receipt))
                self._store(call, entry, (label(receipt.status), receipt.source, transport))
            case Quarantine(reason, raw):
                self._store(call, Entry(None, quarantine.encode(Unread(now, reason, raw))), None)
            case Nothing():
                self.counts.empty_calls += 1
                self._answer(call, 200, self._named)
            case Refuse(code, reason):
                self.counts.refusals[reason] += 1
                self._answer(call, code, {"Allow": "GET, POST"} if code == 405 else None)

    def _store(self, call: Call, entry: Entry, kind: Kind | None) -> None:
        try:
            done = self._commit.add(entry)
        except StoreError:
            self._answer(call, 503)
        else:
            done.add_done_callback(partial(self._stored, call, kind))

    def _stored(self, call: Call, kind: Kind | None, done: asyncio.Future[None]) -> None:
        if done.exception() is not None:
            self._answer(call, 503)
            return
        if kind is None:
            self.counts.quarantined += 1
        else:
            self.counts.receipts[kind] += 1
        self._answer(call, 200)

    async def _answer_ready(self, call: Call) -> None:
        self._answer(call, 200 if await self._commit.ready() else 503)

    def _answer(self, call: Call, code: int, headers: dict[str, str] | None = None) -> None:
        self.counts.answers[code] += 1
        call.answer(code, headers)
