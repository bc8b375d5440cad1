"""``latency`` in plain Python: exact percentiles by push, and the vernier over the send seconds.

Written from the contract and from methods of measurement: "F(t), the share delivered within t, is
the share of the messages sent at second (-t mod 60) whose scts minute had ended by t; make it
monotone (pool adjacent violators), read percentiles off it." Where the words leave a choice, the
choice is marked with "chosen".
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

Row = dict[str, Any]

NEAR: Final = {50: (440, 500, 560), 90: (870, 900, 930), 95: (935, 950, 965), 99: (986, 990, 994)}
"""Chosen: each percentile is the mean of three, at these shares in thousandths."""

Z: Final = 1.96


def latency(rows: Sequence[Row], as_of: dt.datetime) -> list[Row]:
    """The columns of ``latency`` of these messages."""
    pushed = [row["push_latency_s"] for row in rows if row["push_latency_s"] is not None]
    seen = [_seen(row) for row in rows if row["latency_s"] is not None]
    result: Row = {
        "messages": len(rows),
        "delivered": sum(row["outcome"] == "delivered" for row in rows),
        "measured": len(seen),
        "push_measured": len(pushed),
        "from_accepted": sum(
            row["sent_at_source"] == "accepted"
            and (row["latency_s"] is not None or row["push_latency_s"] is not None)
            for row in rows
        ),
    }
    enough = len(seen) >= 200 and len({int(phase) for phase, _ in seen}) >= 50
    found = {percent: _estimate(seen, percent) if enough else (None, None) for percent in NEAR}
    highest = None
    for percent, (estimate, _) in found.items():  # chosen: a higher percentile is no lower
        highest = estimate if highest is None else max(highest, estimate or highest)
        result[f"p{percent}_s"] = highest
    for percent in NEAR:
        result[f"push_p{percent}_s"] = percentile(pushed, Fraction(percent, 100))
    for seconds in (10, 30, 60):
        within = sum(value <= seconds for value in pushed)
        result[f"within_{seconds}s"] = within / len(pushed) if pushed else None
    return [result | {f"p{percent}_margin_s": margin for percent, (_, margin) in found.items()}]


def percentile(values: Iterable[Any], wanted: Fraction) -> Any:
    """The smallest value with at least that share of the values at or below it."""
    ordered = sorted(values)
    return ordered[math.ceil(wanted * len(ordered)) - 1] if ordered else None


def _seen(row: Row) -> tuple[Fraction, int]:
    """At which second of its minute it was sent, and how many minutes began before its scts.

    Chosen: a fraction of a second counts as half of one.
    """
    sent = row["sent_at"]
    second = sent.second + Fraction(sent.microsecond, 10**6)
    begun = math.ceil((row["latency_s"] + second) / 60)
    return sent.second + (Fraction(1, 2) if sent.microsecond else Fraction(0)), begun


def _estimate(seen: Sequence[tuple[Fraction, int]], percent: int) -> tuple[float, float]:
    """The percentile and its 95 % margin."""
    reached = [_reached(seen, Fraction(share, 1000)) for share in NEAR[percent]]
    estimate = float(sum(reached) / 3)
    apart = max(max(reached) - min(reached), Fraction(1))
    missing = (100 - percent) / 100
    # chosen: no latency is steeper than a log-logistic one of shape 3
    density = min(
        float(Fraction(NEAR[percent][2] - NEAR[percent][0], 1000) / apart),
        3 * percent / 100 * missing / max(estimate, 1),
    )
    variance = percent / 100 * missing / len(seen) / density**2
    # chosen: more than the law of large n where few lie beyond, and no more than half a minute
    few = 1 + 4 / (len(seen) * missing)
    vernier = min(0.998 * (240 * variance * few) ** (1 / 3), 30.5)
    return estimate, math.hypot(vernier, Z * math.sqrt(variance))


def _reached(seen: Sequence[tuple[Fraction, int]], share: Fraction) -> Fraction:
    """By when this share had been delivered: where the monotone curve reaches it."""
    plain: Fraction = percentile((60 * begun - phase for phase, begun in seen), share)
    fitted = _monotone(_curve(seen, plain - 60, plain + 120))
    below = [t for t, value in fitted if value < share]
    # chosen: half a second after the last t below; the truth is in the minute above the plain one
    reached = below[-1] + Fraction(1, 2) if below else plain
    return min(max(reached, plain), plain + 61)


def _curve(
    seen: Sequence[tuple[Fraction, int]], since: Fraction, until: Fraction
) -> list[tuple[Fraction, int, int]]:
    """For each t of these minutes: how many cover it, and how many of them had been delivered."""
    by_phase: dict[Fraction, list[int]] = defaultdict(list)
    for phase, minute in seen:
        by_phase[phase].append(minute)
    points = []
    for phase, begun in by_phase.items():
        first = math.ceil((since + phase) / 60)
        for minute in range(first, math.ceil((until + phase) / 60)):
            arrived = sum(each < minute for each in begun)
            points.append((60 * minute - phase, len(begun), arrived))
    return sorted(points)


def _monotone(points: Sequence[tuple[Fraction, int, int]]) -> list[tuple[Fraction, Fraction]]:
    """Pool adjacent violators: of neighbours that fall, each gets the mean of all."""
    pools: list[tuple[list[Fraction], int, int]] = []
    for t, n, arrived in points:
        pool = ([t], n, arrived)
        while pools and pools[-1][2] * pool[1] >= pool[2] * pools[-1][1]:
            before = pools.pop()
            pool = (before[0] + pool[0], before[1] + pool[1], before[2] + pool[2])
        pools.append(pool)
    return [(t, Fraction(arrived, n)) for times, n, arrived in pools for t in times]
