"""Statistics of a receiver since its start, with details of the last hour."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from dlr_analytics.vocabulary import ALIASES, ERR_CODES, STATUSES, UNRECOGNISED
from dlr_analytics.webhook.receipt import Receipt

BOUNDS: Final = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    float("inf"),
)
"""Seconds: upper bounds of the buckets in which commit times are counted."""

LAST_REQUESTS: Final = 20
HOUR: Final = 3600
RATE_SECONDS: Final = 10
"""Seconds over which receipts a second are averaged."""

ReceiptKind = tuple[str, str, str]
"""Status, source and transport of a receipt, as they are counted."""

_SUMMED: Final = (
    *("answers", "refusals", "receipts", "commits"),
    *("receipts_by_second", "receipts_by_day"),
)
_LABELS: Final = {known.status: known.status for known in STATUSES} | dict(ALIASES)
_MEANINGS: Final = {e.err_code: f"err-code {e.err_code}, {e.meaning.lower()}" for e in ERR_CODES}


class RequestRow(NamedTuple):
    """A request as the status page shows it; ``at`` is in Unix seconds.

    It has no phone number and no raw text.
    """

    at: float
    transport: str
    code: int
    outcome: str
    status: str = ""
    network: str = ""
    message: str = ""
    remark: str = ""


@dataclass(slots=True)
class Stats:
    """Counters since the start and details of the last hour, one for each worker.

    ``refusals`` are by reason and the signature method that would have matched, ``refused_at`` is
    the time of the last of each. ``commits`` are by the bound in :data:`BOUNDS`,
    ``commits_by_minute`` the same by minute. Times are Unix seconds, None if there was nothing.
    ``storage_error`` says why no receipt can be stored, ``quarantine_error`` why nothing can be
    quarantined; empty if all is well.
    """

    started_at: float
    answers: Counter[int] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused_at: dict[tuple[str, str], float] = field(default_factory=dict)
    receipts: Counter[ReceiptKind] = field(default_factory=Counter)
    commits: Counter[float] = field(default_factory=Counter)
    commit_seconds: float = 0.0
    quarantined: int = 0
    empty_requests: int = 0
    refused_connections: int = 0
    receipts_by_second: Counter[int] = field(default_factory=Counter)
    receipts_by_day: Counter[int] = field(default_factory=Counter)
    commits_by_minute: defaultdict[int, Counter[float]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    last_requests: deque[RequestRow] = field(default_factory=lambda: deque(maxlen=LAST_REQUESTS))
    first_receipt_at: float | None = None
    newest_receipt_at: float | None = None
    url_checked_at: float | None = None
    storage_error: str = ""
    quarantine_error: str = ""

    def record_stored(self, kind: ReceiptKind, now: float, seconds: float) -> None:
        """Count a receipt on disk; its commit took ``seconds``."""
        bound = BOUNDS[bisect_left(BOUNDS, seconds)]
        second = int(now)
        self.receipts[kind] += 1
        self.commits[bound] += 1
        self.commit_seconds += seconds
        self.commits_by_minute[second // 60][bound] += 1
        self.receipts_by_second[second] += 1
        self.receipts_by_day[second // 86400] += 1
        self.newest_receipt_at = now
        if self.first_receipt_at is None:
            self.first_receipt_at = now

    def record_refused(self, reason: tuple[str, str], now: float) -> None:
        """Count a refusal by its reason and the signature method that would have matched."""
        self.refusals[reason] += 1
        self.refused_at[reason] = now

    def prune(self, now: float) -> None:
        """Drop the details that are too old to be shown."""
        for second in [s for s in self.receipts_by_second if s < now - 2 * RATE_SECONDS]:
            del self.receipts_by_second[second]
        for minute in [m for m in self.commits_by_minute if m * 60 < now - HOUR]:
            del self.commits_by_minute[minute]
        for day in [d for d in self.receipts_by_day if d < now // 86400]:
            del self.receipts_by_day[day]


def merge_stats(parts: Iterable[Stats]) -> Stats:
    """Merge the statistics of several workers into one.

    Examples
    --------
    >>> one, two = Stats(2.0, empty_requests=1), Stats(1.0, empty_requests=2)
    >>> both = merge_stats([one, two])
    >>> both.started_at, both.empty_requests
    (1.0, 3)
    """
    parts = list(parts)
    merged = Stats(min((part.started_at for part in parts), default=0.0))
    for part in parts:
        for name in _SUMMED:
            getattr(merged, name).update(getattr(part, name))
        for reason, at in part.refused_at.items():
            merged.refused_at[reason] = max(at, merged.refused_at.get(reason, at))
        for minute, commits in part.commits_by_minute.items():
            merged.commits_by_minute[minute].update(commits)
        merged.commit_seconds += part.commit_seconds
        merged.quarantined += part.quarantined
        merged.empty_requests += part.empty_requests
        merged.refused_connections += part.refused_connections
        merged.storage_error = merged.storage_error or part.storage_error
        merged.quarantine_error = merged.quarantine_error or part.quarantine_error
    merged.last_requests.extend(sorted(row for part in parts for row in part.last_requests))
    merged.first_receipt_at = min(_known(part.first_receipt_at for part in parts), default=None)
    merged.url_checked_at = max(_known(part.url_checked_at for part in parts), default=None)
    merged.newest_receipt_at = max(_known(part.newest_receipt_at for part in parts), default=None)
    return merged


def status_label(status: str | None) -> str:
    """A status as a metric label; unknown statuses share one, so that labels stay few.

    Examples
    --------
    >>> status_label("delivrd"), status_label("teleported"), status_label(None)
    ('delivered', 'unrecognised', 'unrecognised')
    """
    return _LABELS.get(status or "", UNRECOGNISED.status_class)


def receipt_row(receipt: Receipt, kind: ReceiptKind, now: float) -> RequestRow:
    """A stored receipt as a row, without values that could identify a person."""
    network = receipt.network_code or ""
    remark = _MEANINGS.get(receipt.err_code or 0, "") if receipt.err_code else ""
    return RequestRow(
        now,
        transport_label(kind[2]),
        200,
        "stored",
        kind[0],
        network if network.isdecimal() and len(network) <= 6 else "",
        shorten_id(receipt.message_id),
        remark or ("" if network else "no network-code"),
    )


def transport_label(transport: str) -> str:
    """HTTP method and body format of a request, for people.

    Examples
    --------
    >>> transport_label("get"), transport_label("json")
    ('GET', 'POST JSON')
    """
    return {"get": "GET", "form": "POST form", "json": "POST JSON"}[transport]


def shorten_id(message_id: str) -> str:
    """A message ID short enough that it cannot reveal a number, and recognisable.

    Examples
    --------
    >>> shorten_id("0C0000001234A41F"), shorten_id("447700900123"), shorten_id("<b>")
    ('0C00…A41F', '…23', '…')
    """
    if not message_id.isascii() or not message_id.replace("-", "").isalnum():
        return "…"
    if message_id.isdecimal() or len(message_id) < 12:
        return f"…{message_id[-2:]}"
    return f"{message_id[:4]}…{message_id[-4:]}"


def _known(times: Iterable[float | None]) -> list[float]:
    return [time for time in times if time is not None]
