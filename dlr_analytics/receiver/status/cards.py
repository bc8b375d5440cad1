"""The four figures of a receiver in use, and its last hour minute by minute."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Final, NamedTuple

from dlr_analytics.receiver.stats import BOUNDS
from dlr_analytics.receiver.status.collector import ReceiverStatus

MINUTES: Final = 60
LIMIT: Final = "limit 15 s"
"""After that Vonage hangs up."""


class Card(NamedTuple):
    """A figure with its name, unit and remark."""

    name: str
    figure: str
    unit: str
    remark: str


class Bar(NamedTuple):
    """A bar of the chart, in units of its view box."""

    x: int
    y: str
    height: str


class Chart(NamedTuple):
    """Receipts by minute: the bars, the largest number, and the first minute's time."""

    bars: list[Bar]
    most: int
    first: dt.datetime


def cards(status: ReceiverStatus) -> list[Card]:
    """Stored, answered within, not stored, waiting to be sealed, and to be shipped."""
    found = [_stored(status), _answered(status), _not_stored(status), _waiting(status)]
    return found if status.settings.ship_to is None else [*found, _unshipped(status)]


def chart(status: ReceiverStatus) -> Chart:
    """Receipts by minute in the last hour."""
    last = int(status.time) // 60
    by_minute = status.stats.commits_by_minute
    counts = [by_minute[minute].total() for minute in range(last - MINUTES + 1, last + 1)]
    most = max(counts)
    bars = [
        Bar(17 * minute, f"{40 - height:.1f}", f"{height:.1f}")
        for minute, count in enumerate(counts)
        if (height := 38 * count / (most or 1))
    ]
    return Chart(bars, most, status.now - dt.timedelta(minutes=MINUTES - 1))


def format_duration(seconds: float) -> str:
    """A duration in its two largest units at most.

    Examples
    --------
    >>> [format_duration(s) for s in (0.4, 59, 61, 3700, 90000)]
    ['0 s', '59 s', '1 min', '1 h 1 min', '1 d 1 h']
    """
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def quantile_bound(commits: Counter[float], share: float) -> float | None:
    """Bound in seconds within which at least ``share`` of the commits were done.

    None without commits; infinite if it is above the last bound.

    Examples
    --------
    >>> quantile_bound(Counter({0.01: 98, 0.5: 2}), 0.99)
    0.5
    """
    wanted, reached = share * commits.total(), 0
    for bound in BOUNDS if commits else ():
        reached += commits[bound]
        if reached >= wanted:
            return bound
    return None


def _stored(status: ReceiverStatus) -> Card:
    stats = status.stats
    midnight = status.time // 86400 * 86400
    if stats.started_at <= midnight:
        name = "Stored today"
    else:
        name = f"Stored since {dt.datetime.fromtimestamp(stats.started_at, dt.UTC):%H:%M}"
    newest = format_duration(status.time - (stats.newest_receipt_at or status.time))
    today = stats.receipts_by_day[int(midnight) // 86400]
    return Card(name, f"{today:,}", "", f"newest {newest} ago")


def _answered(status: ReceiverStatus) -> Card:
    commits = sum(status.stats.commits_by_minute.values(), Counter[float]())
    bound = quantile_bound(commits, 0.99)
    if bound is None:
        return Card("Answered within", "–", "", f"none in the last hour; {LIMIT}")
    remark = f"99% of the last hour; {LIMIT}"
    if bound == BOUNDS[-1]:
        return Card("Answered after", f"{BOUNDS[-2]:.0f}", "s or more", remark)
    if bound < 1:
        return Card("Answered within", f"{bound * 1000:.0f}", "ms", remark)
    return Card("Answered within", f"{bound:.0f}", "s", remark)


def _not_stored(status: ReceiverStatus) -> Card:
    stats = status.stats
    refused = {code: n for code, n in sorted(stats.answers.items()) if code >= 400}
    parts = [f"{n:,} answered {code}" for code, n in refused.items()]
    if stats.quarantined:
        parts.append(f"{stats.quarantined:,} quarantined")
    if stats.quarantine_error:
        parts.append(stats.quarantine_error)
    number = sum(refused.values()) + stats.quarantined
    return Card("Not stored", f"{number:,}", "", ", ".join(parts) or "nothing refused")


def _waiting(status: ReceiverStatus) -> Card:
    waiting = status.storage.unsealed.receipts
    if not waiting:
        return Card("Waiting to be sealed", "0", "", "all of it is in Parquet")
    left = status.settings.seal_seconds - status.oldest_age
    following = f"next file in {format_duration(left)}" if left > 0 else "being sealed"
    return Card("Waiting to be sealed", f"{waiting:,}", "", f"safe in the journal, {following}")


def _unshipped(status: ReceiverStatus) -> Card:
    waiting = status.storage.unshipped.files
    if not waiting:
        return Card("Waiting to be shipped", "0", "", "the bucket has all files")
    files = "file" if waiting == 1 else "files"
    oldest = format_duration(status.unshipped_age)
    return Card("Waiting to be shipped", f"{waiting:,}", files, f"safe here, the oldest {oldest}")
