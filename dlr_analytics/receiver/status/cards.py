"""The four figures of a receiver that receives, and its last hour minute by minute."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from html import escape
from typing import Final

from dlr_analytics.receiver.stats import BOUNDS
from dlr_analytics.receiver.status.collector import Overview

MINUTES: Final = 60
LIMIT: Final = "limit 15 s"
"""After that Vonage hangs up."""


def cards(overview: Overview) -> str:
    """Stored, answered within, not stored, waiting to be sealed."""
    return (
        '<section class="cards" aria-label="Now">'
        f"{_stored(overview)}{_answered(overview)}{_not_stored(overview)}{_waiting(overview)}"
        "</section>"
    )


def minutes(overview: Overview) -> str:
    """Receipts a minute as bars, the last hour."""
    last = int(overview.time) // 60
    counts = [overview.seen.waits[minute].total() for minute in range(last - MINUTES + 1, last + 1)]
    most = max(counts)
    bars = "".join(
        f'<rect x="{17 * place}" y="{40 - height:.1f}" width="11" height="{height:.1f}"/>'
        for place, count in enumerate(counts)
        if (height := 38 * count / (most or 1))
    )
    first = overview.now - dt.timedelta(minutes=MINUTES - 1)
    label = f"Receipts a minute in the last hour, at most {most:,}"
    return (
        '<section><h2>Receipts a minute, last hour</h2><svg class="chart" viewBox="0 0 1014 42"'
        f' role="img" aria-label="{label}">{bars}<line x1="0" x2="1014" y1="41" y2="41"/></svg>'
        f'<p class="axis"><span>{first:%H:%M}</span><span>at most {most:,}</span>'
        f"<span>{overview.now:%H:%M}</span></p></section>"
    )


def span(seconds: float) -> str:
    """A duration in its two largest units at most.

    Examples
    --------
    >>> [span(s) for s in (0.4, 59, 61, 3700, 90000)]
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


def clock(time: dt.datetime) -> str:
    """A time of day, as it stands in the tables."""
    return f"{time:%H:%M:%S}"


def within(waits: Counter[float], share: float) -> float | None:
    """The bound in seconds within which at least ``share`` of the commits were done.

    None where there were none; infinite where it is above the last bound.

    Examples
    --------
    >>> within(Counter({0.01: 98, 0.5: 2}), 0.99)
    0.5
    """
    wanted, reached = share * waits.total(), 0
    for bound in BOUNDS if waits else ():
        reached += waits[bound]
        if reached >= wanted:
            return bound
    return None


def _card(name: str, figure: str, unit: str, remark: str) -> str:
    small = f"<small> {unit}</small>" if unit else ""
    return (
        f'<div class="card"><h2>{name}</h2><p class="big">{figure}{small}</p>'
        f"<p>{escape(remark)}</p></div>"
    )


def _stored(overview: Overview) -> str:
    seen = overview.seen
    midnight = overview.time // 86400 * 86400
    if seen.started_at <= midnight:
        name = "Stored today"
    else:
        name = f"Stored since {dt.datetime.fromtimestamp(seen.started_at, dt.UTC):%H:%M}"
    newest = span(overview.time - (seen.newest_receipt or overview.time))
    return _card(name, f"{seen.by_day[int(midnight) // 86400]:,}", "", f"newest {newest} ago")


def _answered(overview: Overview) -> str:
    waits = sum(overview.seen.waits.values(), Counter[float]())
    bound = within(waits, 0.99)
    if bound is None:
        return _card("Answered within", "–", "", f"none in the last hour; {LIMIT}")
    remark = f"99% of the last hour; {LIMIT}"
    if bound == BOUNDS[-1]:
        return _card("Answered after", f"{BOUNDS[-2]:.0f}", "s or more", remark)
    if bound < 1:
        return _card("Answered within", f"{bound * 1000:.0f}", "ms", remark)
    return _card("Answered within", f"{bound:.0f}", "s", remark)


def _not_stored(overview: Overview) -> str:
    seen = overview.seen
    refused = {code: n for code, n in sorted(seen.answers.items()) if code >= 400}
    parts = [f"{n:,} answered {code}" for code, n in refused.items()]
    if seen.quarantined:
        parts.append(f"{seen.quarantined:,} quarantined")
    if seen.unread_trouble:
        parts.append(seen.unread_trouble)
    number = sum(refused.values()) + seen.quarantined
    return _card("Not stored", f"{number:,}", "", ", ".join(parts) or "nothing refused")


def _waiting(overview: Overview) -> str:
    waiting = overview.stored.unsealed.receipts
    if not waiting:
        return _card("Waiting to be sealed", "0", "", "all of it is in Parquet")
    left = overview.settings.seal_seconds - overview.oldest_age
    following = f"next file in {span(left)}" if left > 0 else "being sealed"
    return _card("Waiting to be sealed", f"{waiting:,}", "", f"safe in the journal, {following}")
