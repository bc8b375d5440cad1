"""``latency`` in plain Python: percentiles by push, and the curve that the send seconds reveal.

Written from the contract and from the methods of measurement: "each message tells, once a minute,
at latency_s + 60, + 120 ... seconds after sending, whether it had arrived; F(t) is the share
arrived among what is told between t - r and t + r; a percentile is how long the curve stays below
the share." Where the words leave a choice, the choice is marked with "chosen".
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

Row = dict[str, Any]

PERCENTS: Final = (50, 90, 95, 99)
LIMITS: Final = (10, 30, 60)
Z: Final = 1.96
TWO_FLOORS: Final = 2
SIDES: Final = (0, -1, 1)


@dataclass(frozen=True)
class Estimate:
    """A value, and the lower and upper end of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """The readings about a moment: their mean time, how many, and the share that had arrived."""

    t: float
    n: int
    share: float

    def limit(self, side: int) -> float:
        """The lower (-1) or upper (1) 95 % limit by Agresti and Coull; the share itself for 0."""
        if not side:
            return self.share
        middle = (self.share * self.n + 2) / (self.n + 4)
        return middle + side * Z * math.sqrt(middle * (1 - middle) / (self.n + 4))


def latency(rows: Sequence[Row], as_of: dt.datetime) -> list[Row]:
    """The columns of ``latency`` of these messages."""
    timed = [row for row in rows if row["latency_s"] is not None]
    pushed = [row for row in rows if row["push_latency_s"] is not None]
    pushes = sorted(row["push_latency_s"] for row in pushed)
    contradicted = sum(map(_contradicted, timed))
    seconds = {row["sent_at"].second for row in timed if row.get("sent_at")}
    enough = len(timed) >= 200 and len(seconds) >= 50 and contradicted <= 0.02 * len(timed)
    points = _points(timed) if enough else []
    counts = {
        "messages": len(rows),
        "delivered": sum(row["outcome"] == "delivered" for row in rows),
        "measured": len(timed),
        "contradicted": contradicted,
        "push_measured": len(pushed),
        "from_accepted": sum(
            row["sent_at_source"] == "accepted"
            and (row["latency_s"] is not None or row["push_latency_s"] is not None)
            for row in rows
        ),
    }
    proven = {limit: _proven(pushed, limit) for limit in LIMITS}
    # chosen: "of push_measured are measured too" means of the same messages
    bounded = 20 * sum(row["latency_s"] is not None for row in pushed) >= 19 * len(pushed)
    bounds = pushes if bounded else []
    percentiles, margins = _percentiles(timed, points, bounds)
    shares, share_margins = _shares(points, proven if bounded else {})
    return [
        {
            **counts,
            **percentiles,
            **{f"push_p{p}_s": percentile(pushes, Fraction(p, 100)) for p in PERCENTS},
            **shares,
            **{f"push_within_{limit}s": share for limit, share in proven.items()},
            **margins,
            **share_margins,
        }
    ]


def percentile(values: Iterable[Any], wanted: Fraction) -> Any:
    """The smallest value with at least that share of the values at or below it."""
    ordered = sorted(values)
    return ordered[math.ceil(wanted * len(ordered)) - 1] if ordered else None


def _contradicted(row: Row) -> bool:
    """Whether its minute of scts ended before sending, or began after the push."""
    push = row["push_latency_s"]
    return row["latency_s"] <= -61 or (push is not None and row["latency_s"] - push >= 2)


def _proven(pushed: Sequence[Row], limit: int) -> float | None:
    """The share delivered within the limit even if both times lost all that a floor can take."""
    lost = {False: 1, True: 2}
    sure = sum(row["push_latency_s"] + lost[_fractional(row)] <= limit for row in pushed)
    return sure / len(pushed) if pushed else None


def _fractional(row: Row) -> bool:
    return bool(row.get("sent_at") and row["sent_at"].microsecond)


def _points(timed: Sequence[Row]) -> list[Point]:
    """The curve: a window of readings about each second of three minutes."""
    told: Counter[int] = Counter()
    arrived: Counter[int] = Counter()
    for row in timed:
        for minute in range(4):  # chosen: windows about the third minute reach into the fourth
            t = row["latency_s"] % 60 + 60 * minute
            told[t] += 1
            arrived[t] += row["latency_s"] + 60 <= t
    # chosen: a send time with a fraction makes latency_s half a second too low on average
    half = sum(map(_fractional, timed)) / 2 / len(timed)
    found = []
    for middle in (t for t in told if t < 180):
        reach = min(_reach(timed) * (middle + 5), 30)
        window = [t for t in told if abs(t - middle) <= reach]
        n = sum(told[t] for t in window)
        mean = sum(t * told[t] for t in window) / n + half
        found.append((mean, middle, Point(mean, n, sum(arrived[t] for t in window) / n)))
    return [point for _, _, point in sorted(found, key=lambda each: each[:2])]


def _reach(timed: Sequence[Row]) -> float:
    """Half the width of a window, in seconds for each second after 5 s before sending."""
    return float(0.6 * len(timed) ** -0.2)


def _below(points: Sequence[Point], side: int, share: float) -> float | None:
    """How long the curve, or its limit, stays below a share; None if it never reaches it."""
    heights = [point.limit(side) for point in points]
    if max(heights) < share:
        return None
    total = points[0].t
    for (one, other), ends in zip(pairwise(points), pairwise(heights), strict=True):
        low, high = sorted(ends)
        part = (share - low) / (high - low) if high > low else float(share > low)
        total += (other.t - one.t) * min(max(part, 0.0), 1.0)
    return total


def _ranked(ordered: Sequence[int], rank: float) -> Any:
    """The smallest value that so many are at or below, None where there are not so many."""
    at = max(math.ceil(rank), 1)
    return ordered[at - 1] if at <= len(ordered) else None


def _limit(n: int, percent: int, side: int) -> float:
    """The rank of a 95 % limit of a percentile."""
    return (percent * n + side * Z * math.sqrt(n * percent * (100 - percent))) / 100


def _estimate(timed: Sequence[Row], points: Sequence[Point], percent: int) -> Estimate | None:
    """A percentile by the carrier's time alone."""
    n = len(timed)
    if not points or n * (100 - percent) < 1000:
        return None
    ordered = sorted(row["latency_s"] for row in timed)
    plain = percentile(ordered, Fraction(percent, 100))
    first = ordered[max(math.floor(_limit(n, percent, -1)), 0)]
    low, high = max(0.0, first), _ranked(ordered, _limit(n, percent, 1)) + 61
    middle = _below(points, 0, percent / 100) if plain < 120 else None
    if middle is not None:
        blur = 0.5 * _reach(timed) * (middle + 5)
        by_upper, by_lower = (_below(points, side, percent / 100) for side in (1, -1))
        low = max(low, low if by_upper is None else by_upper - blur)
        high = min(high, high if by_lower is None else by_lower + blur)
    return Estimate(plain + 30 if middle is None else middle, low, high)


def _percentiles(
    timed: Sequence[Row], points: Sequence[Point], pushes: Sequence[int]
) -> tuple[Row, Row]:
    """Percentiles and margins, cut to what the pushes rule out."""
    values: Row = {}
    margins: Row = {}
    highest = 0.0
    for percent in PERCENTS:
        values[f"p{percent}_s"] = margins[f"p{percent}_margin_s"] = None
        found = _estimate(timed, points, percent)
        if found is None:
            continue
        # chosen: a contradicted percentile bounds the higher ones as any other
        highest = max(highest, found.value)
        value, high = highest, found.high
        latest = _ranked(pushes, _limit(len(pushes), percent, 1)) if pushes else None
        if latest is not None:
            if found.low > latest + TWO_FLOORS:
                continue
            high = min(high, latest + TWO_FLOORS)
        if pushes:
            value = min(value, percentile(pushes, Fraction(percent, 100)) + TWO_FLOORS)
        values[f"p{percent}_s"] = value
        margins[f"p{percent}_margin_s"] = max(value - found.low, high - value, 0)
    return values, margins


def _shares(points: Sequence[Point], proven: dict[int, float | None]) -> tuple[Row, Row]:
    """The shares within each limit, no less than what is proven, and their margins."""
    values: Row = {}
    margins: Row = {}
    most = 0.0
    for limit in LIMITS:
        values[f"within_{limit}s"] = margins[f"within_{limit}s_margin"] = None
        found = _at(points, limit)
        if found is None:
            continue
        most = max(most, found.value)
        value = max(most, proven.get(limit) or 0)
        values[f"within_{limit}s"] = value
        margins[f"within_{limit}s_margin"] = max(value - found.low, found.high - value, 0)
    return values, margins


def _at(points: Sequence[Point], moment: int) -> Estimate | None:
    """The curve and its limits at a moment, between points in a straight line."""
    for one, other in pairwise(points):
        if one.t <= moment < other.t:
            part = (moment - one.t) / (other.t - one.t)
            at = [one.limit(side) + part * (other.limit(side) - one.limit(side)) for side in SIDES]
            return Estimate(*at)
    return None
