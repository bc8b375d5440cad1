"""What becomes of a request: a verdict is asked for, a line is stored, an answer goes out.

What is right to answer is decided in ``intake``; here it is only done, and done in that order.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from dlr_analytics.errors import StoreError
from dlr_analytics.receiver.commit import Commit
from dlr_analytics.receiver.http import Call
from dlr_analytics.receiver.stats import Kind, Row, Seen, label, row
from dlr_analytics.store import quarantine
from dlr_analytics.store.journal import codec
from dlr_analytics.store.journal.writer import Entry
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.webhook.judge import (
    REASONS,
    Ignore,
    Quarantine,
    Refuse,
    Request,
    Rules,
    Store,
    judge,
)

HEALTH: Final = ("/healthz", "/readyz")
"""Paths that tell how the receiver is."""

PROBE_HEADER: Final = "X-Dlr-Probe"
"""Marks a probe of our own; its value is the instance name of the receiver it is meant for."""

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
    commit, unread : Commit
        Store receipts, and what is not understood; apart, since one of them may be full.
    instance : str
        The random name by which this data directory's receiver is known again.

    Attributes
    ----------
    seen : Seen
        What came, and what became of it.
    """

    def __init__(
        self, rules: Rules, clock: Clock, commit: Commit, unread: Commit, instance: str
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._commit = commit
        self._unread = unread
        self._named = {"X-Dlr-Instance": instance}
        self._asking: set[asyncio.Task[None]] = set()
        self._time = asyncio.get_running_loop().time
        self.seen = Seen(time.time())

    def handle(self, call: Call) -> None:
        """See to it that ``call`` is answered, now or when its receipt is on disk."""
        if call.path in HEALTH and call.method not in ("GET", "HEAD"):
            self._answer(call, 405, {"Allow": "GET, HEAD"})
        elif call.path == "/healthz":
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
            case Store() as verdict:
                receipt = verdict.receipt
                entry = Entry(receipt.received_at.date(), codec.encode(receipt))
                self._store(call, self._commit, entry, verdict)
            case Quarantine(reason, raw) as verdict:
                entry = Entry(None, quarantine.encode(QuarantineEntry(now, reason, raw)))
                self._store(call, self._unread, entry, verdict)
            case Ignore():
                self._nothing(call, request)
            case Refuse() as verdict:
                self._refuse(call, request, verdict)

    def _nothing(self, call: Call, request: Request) -> None:
        if self._is_probe(request):
            self._show(request.method, 200, "probe", "a check of our own; not counted")
        else:
            self.seen.empty_calls += 1
            self.seen.checked_at = time.time()
            self._show(request.method, 200, "URL check", "no receipt in it, nothing stored")
        self._answer(call, 200, self._named)

    def _is_probe(self, request: Request) -> bool:
        """Whether it is a probe of ours, which must not pass for a call of Vonage."""
        return request.headers.get(PROBE_HEADER) == self._named["X-Dlr-Instance"]

    def _refuse(self, call: Call, request: Request, verdict: Refuse) -> None:
        code, reason, would_match = verdict.code, verdict.reason, verdict.would_match
        if not self._is_probe(request):
            self.seen.refused((reason, would_match or ""), time.time())
        hint = f"; right by {would_match}" if would_match else ""
        self._show(request.method, code, "refused", REASONS[reason] + hint)
        self._answer(call, code, {"Allow": "GET, POST"} if code == 405 else None)

    def _store(self, call: Call, commit: Commit, entry: Entry, verdict: Store | Quarantine) -> None:
        try:
            done = commit.add(entry)
        except StoreError as error:
            self._not_stored(call, error)
        else:
            done.add_done_callback(partial(self._stored, call, verdict, self._time()))

    def _stored(
        self, call: Call, verdict: Store | Quarantine, since: float, done: asyncio.Future[None]
    ) -> None:
        error = done.exception()
        if error is not None:
            self._not_stored(call, error)
        elif isinstance(verdict, Store):
            receipt, now = verdict.receipt, time.time()
            kind: Kind = (label(receipt.status), receipt.source, verdict.transport)
            self.seen.stored(kind, now, self._time() - since)
            self.seen.calls.append(row(receipt, kind, now))
            self._answer(call, 200)
        else:
            self.seen.quarantined += 1
            self._show(call.method, 200, "quarantined", verdict.reason)
            self._answer(call, 200)

    def _not_stored(self, call: Call, error: BaseException) -> None:
        # An error of another kind could hold what a stranger has sent.
        reason = str(error) if isinstance(error, StoreError) else type(error).__name__
        self._show(call.method, 503, "not stored", reason)
        self._answer(call, 503)

    def _show(self, method: str, code: int, outcome: str, remark: str) -> None:
        known = method if method in ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS") else "other"
        self.seen.calls.append(Row(time.time(), known, code, outcome, remark=remark))

    async def _answer_ready(self, call: Call) -> None:
        self._answer(call, 200 if await self._commit.ready() else 503)

    def _answer(self, call: Call, code: int, headers: dict[str, str] | None = None) -> None:
        self.seen.answers[code] += 1
        call.answer(code, headers)
