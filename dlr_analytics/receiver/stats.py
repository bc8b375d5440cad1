"""What a receiver has seen since it started: counted for Prometheus, the last hour for people."""

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

LAST_CALLS: Final = 20
HOUR: Final = 3600
RATE_SECONDS: Final = 10
"""Seconds over which receipts a second are averaged."""

Kind = tuple[str, str, str]
"""Status, source and transport of a receipt, as they are counted."""

_LABELS: Final = {known.status: known.status for known in STATUSES} | dict(ALIASES)
_MEANINGS: Final = {e.err_code: f"err-code {e.err_code}, {e.meaning.lower()}" for e in ERR_CODES}


class Row(NamedTuple):
    """A call as the status page shows it: no number, nothing raw. ``at`` is Unix seconds."""

    at: float
    transport: str
    code: int
    outcome: str
    status: str = ""
    network: str = ""
    message: str = ""
    remark: str = ""


@dataclass(slots=True)
class Seen:
    """Counters that only grow, and what is kept of the last hour; one a worker.

    ``refusals`` are by reason and the signature method that would have matched, ``refused_at`` is
    when the last of each came, ``commits`` are by the bound in :data:`BOUNDS`; ``waits`` are the
    same by minute. Times are Unix seconds, None where there was nothing. ``trouble`` says why
    nothing can be stored, ``unread_trouble`` why nothing can go to the quarantine; empty where all
    is well.
    """

    started_at: float
    answers: Counter[int] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused_at: dict[tuple[str, str], float] = field(default_factory=dict)
    receipts: Counter[Kind] = field(default_factory=Counter)
    commits: Counter[float] = field(default_factory=Counter)
    commit_seconds: float = 0.0
    quarantined: int = 0
    empty_calls: int = 0
    by_second: Counter[int] = field(default_factory=Counter)
    by_day: Counter[int] = field(default_factory=Counter)
    waits: defaultdict[int, Counter[float]] = field(default_factory=lambda: defaultdict(Counter))
    calls: deque[Row] = field(default_factory=lambda: deque(maxlen=LAST_CALLS))
    first_receipt: float | None = None
    newest_receipt: float | None = None
    checked_at: float | None = None
    trouble: str = ""
    unread_trouble: str = ""

    def stored(self, kind: Kind, now: float, seconds: float) -> None:
        """A receipt is on disk, so many ``seconds`` after it was handed over to be stored."""
        bound = BOUNDS[bisect_left(BOUNDS, seconds)]
        second = int(now)
        self.receipts[kind] += 1
        self.commits[bound] += 1
        self.commit_seconds += seconds
        self.waits[second // 60][bound] += 1
        self.by_second[second] += 1
        self.by_day[second // 86400] += 1
        self.newest_receipt = now
        if self.first_receipt is None:
            self.first_receipt = now

    def refused(self, reason: tuple[str, str], now: float) -> None:
        """Count a refusal by its reason and the signature method that would have matched."""
        self.refusals[reason] += 1
        self.refused_at[reason] = now

    def prune(self, now: float) -> None:
        """Forget what is older than what is shown."""
        for second in [s for s in self.by_second if s < now - 2 * RATE_SECONDS]:
            del self.by_second[second]
        for minute in [m for m in self.waits if m * 60 < now - HOUR]:
            del self.waits[minute]
        for day in [d for d in self.by_day if d < now // 86400]:
            del self.by_day[day]


def total(parts: Iterable[Seen]) -> Seen:
    """What several workers have seen, as if it were one.

    Examples
    --------
    >>> both = total([Seen(2.0, empty_calls=1), Seen(1.0, empty_calls=2, newest_receipt=5.0)])
    >>> both.started_at, both.empty_calls, both.newest_receipt
    (1.0, 3, 5.0)
    """
    parts = list(parts)
    whole = Seen(min((part.started_at for part in parts), default=0.0))
    for part in parts:
        for name in ("answers", "refusals", "receipts", "commits", "by_second", "by_day"):
            getattr(whole, name).update(getattr(part, name))
        for reason, at in part.refused_at.items():
            whole.refused_at[reason] = max(at, whole.refused_at.get(reason, at))
        for minute, waits in part.waits.items():
            whole.waits[minute].update(waits)
        whole.commit_seconds += part.commit_seconds
        whole.quarantined += part.quarantined
        whole.empty_calls += part.empty_calls
        whole.trouble = whole.trouble or part.trouble
        whole.unread_trouble = whole.unread_trouble or part.unread_trouble
    whole.calls.extend(sorted(row for part in parts for row in part.calls))
    whole.first_receipt = min(_known(part.first_receipt for part in parts), default=None)
    whole.checked_at = max(_known(part.checked_at for part in parts), default=None)
    whole.newest_receipt = max(_known(part.newest_receipt for part in parts), default=None)
    return whole


def label(status: str | None) -> str:
    """A status as a label: strangers must not make up new ones without end.

    Examples
    --------
    >>> label("delivrd"), label("teleported"), label(None)
    ('delivered', 'unrecognised', 'unrecognised')
    """
    return _LABELS.get(status or "", UNRECOGNISED.status_class)


def row(receipt: Receipt, kind: Kind, now: float) -> Row:
    """A stored receipt as a row: what a stranger has written is shortened, or left out."""
    network = receipt.network_code or ""
    remark = _MEANINGS.get(receipt.err_code or 0, "") if receipt.err_code else ""
    return Row(
        now,
        transport(kind[2]),
        200,
        "stored",
        kind[0],
        network if network.isdecimal() and len(network) <= 6 else "",
        short(receipt.message_id),
        remark or ("" if network else "no network-code"),
    )


def transport(word: str) -> str:
    """How a call came, for people.

    Examples
    --------
    >>> transport("get"), transport("json")
    ('GET', 'POST JSON')
    """
    return {"get": "GET", "form": "POST form", "json": "POST JSON"}[word]


def short(message_id: str) -> str:
    """A message ID that can be recognised; no number can be read from it.

    Examples
    --------
    >>> short("0C0000001234A41F"), short("447700900123"), short("<b>")
    ('0C00…A41F', '…23', '…')
    """
    if not message_id.isascii() or not message_id.replace("-", "").isalnum():
        return "…"
    if message_id.isdecimal() or len(message_id) < 12:
        return f"…{message_id[-2:]}"
    return f"{message_id[:4]}…{message_id[-4:]}"


def _known(times: Iterable[float | None]) -> list[float]:
    return [time for time in times if time is not None]
