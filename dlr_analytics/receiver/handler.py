"""Requests to the webhook: judge one, store a line, answer.

``webhook.judge`` decides what to answer; this module carries it out, in that order: 200 only after
the line is on disk.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from dlr_analytics.errors import StoreError
from dlr_analytics.receiver.commit import GroupCommit
from dlr_analytics.receiver.http import HttpRequest
from dlr_analytics.receiver.stats import ReceiptKind, RequestRow, Stats, receipt_row, status_label
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

HEALTH_PATHS: Final = ("/healthz", "/readyz")

PROBE_HEADER: Final = "X-Dlr-Probe"
"""Marks a probe, which is no URL check of Vonage; its value is this receiver's instance name."""

_SHOWN_METHODS: Final = frozenset({"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"})

Clock = Callable[[Request], dt.datetime]


def wall_clock(_: Request) -> dt.datetime:
    """Time of arrival of a request: now, naive UTC."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class WebhookHandler:
    """Handle whole requests to the public listener.

    Parameters
    ----------
    rules : Rules
        The rules for ``webhook.judge``.
    clock : callable
        Request to its time of arrival, naive UTC.
    receipts, quarantined : GroupCommit
        Store receipts, and what cannot be parsed; separate, since the quarantine may be full.
    instance : str
        The data directory's random name, sent in answers.

    Attributes
    ----------
    stats : Stats
        Counts of the requests and their outcomes.
    """

    def __init__(
        self,
        rules: Rules,
        clock: Clock,
        receipts: GroupCommit,
        quarantined: GroupCommit,
        instance: str,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._receipts = receipts
        self._quarantined = quarantined
        self._instance = {"X-Dlr-Instance": instance}
        self._tasks: set[asyncio.Task[None]] = set()
        self._time = asyncio.get_running_loop().time
        self.stats = Stats(time.time())

    def handle(self, http: HttpRequest) -> None:
        """Answer a request, now or when its receipt is on disk."""
        if http.path in HEALTH_PATHS and http.method not in ("GET", "HEAD"):
            self._answer(http, 405, {"Allow": "GET, HEAD"})
        elif http.path == "/healthz":
            self._answer(http, 200, self._instance)
        elif http.path == "/readyz":
            task = asyncio.create_task(self._answer_ready(http))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._judge(http)

    def _judge(self, http: HttpRequest) -> None:
        request = http.to_request()
        now = self._clock(request)
        match judge(request, self._rules, now):
            case Store() as verdict:
                receipt = verdict.receipt
                entry = Entry(receipt.received_at.date(), codec.encode(receipt))
                self._store(http, self._receipts, entry, verdict)
            case Quarantine(reason, raw) as verdict:
                entry = Entry(None, quarantine.encode(QuarantineEntry(now, reason, raw)))
                self._store(http, self._quarantined, entry, verdict)
            case Ignore():
                self._ignore(http, request)
            case Refuse() as verdict:
                self._refuse(http, request, verdict)

    def _ignore(self, http: HttpRequest, request: Request) -> None:
        if request.headers.get(PROBE_HEADER) is not None:
            self._show(request.method, 200, "probe", "a check of our own; not counted")
        else:
            self.stats.empty_requests += 1
            self.stats.url_checked_at = time.time()
            self._show(request.method, 200, "URL check", "no receipt in it, nothing stored")
        self._answer(http, 200, self._instance)

    def _is_own_probe(self, request: Request) -> bool:
        """Whether the header names this receiver; nobody else can hide a refused request."""
        return request.headers.get(PROBE_HEADER) == self._instance["X-Dlr-Instance"]

    def _refuse(self, http: HttpRequest, request: Request, verdict: Refuse) -> None:
        code, reason, would_match = verdict.code, verdict.reason, verdict.would_match
        if not self._is_own_probe(request):
            self.stats.record_refused((reason, would_match or ""), time.time())
        hint = f"; right by {would_match}" if would_match else ""
        self._show(request.method, code, "refused", REASONS[reason] + hint)
        self._answer(http, code, {"Allow": "GET, POST"} if code == 405 else None)

    def _store(
        self, http: HttpRequest, commit: GroupCommit, entry: Entry, verdict: Store | Quarantine
    ) -> None:
        try:
            done = commit.add(entry)
        except StoreError as error:
            self._not_stored(http, error)
        else:
            done.add_done_callback(partial(self._committed, http, verdict, self._time()))

    def _committed(
        self,
        http: HttpRequest,
        verdict: Store | Quarantine,
        since: float,
        done: asyncio.Future[None],
    ) -> None:
        error = done.exception()
        if error is not None:
            self._not_stored(http, error)
        elif isinstance(verdict, Store):
            receipt, now = verdict.receipt, time.time()
            kind: ReceiptKind = (status_label(receipt.status), receipt.source, verdict.transport)
            self.stats.record_stored(kind, now, self._time() - since)
            self.stats.last_requests.append(receipt_row(receipt, kind, now))
            self._answer(http, 200)
        else:
            self.stats.quarantined += 1
            self._show(http.method, 200, "quarantined", verdict.reason)
            self._answer(http, 200)

    def _not_stored(self, http: HttpRequest, error: BaseException) -> None:
        # The text of any other error could quote the request.
        reason = str(error) if isinstance(error, StoreError) else type(error).__name__
        self._show(http.method, 503, "not stored", reason)
        self._answer(http, 503)

    def _show(self, method: str, code: int, outcome: str, remark: str) -> None:
        shown = method if method in _SHOWN_METHODS else "other"
        row = RequestRow(time.time(), shown, code, outcome, remark=remark)
        self.stats.last_requests.append(row)

    async def _answer_ready(self, http: HttpRequest) -> None:
        self._answer(http, 200 if await self._receipts.ready() else 503)

    def _answer(self, http: HttpRequest, code: int, headers: dict[str, str] | None = None) -> None:
        self.stats.answers[code] += 1
        http.answer(code, headers)
