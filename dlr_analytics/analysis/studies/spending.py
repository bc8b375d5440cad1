"""Expect the cost of the rest of a month from the days before. Pure functions.

A day costs level x shape of its weekday. The shape is the mean, over up to 8 whole weeks, of each
weekday's cost divided by its week's daily mean; the level is the daily mean of the last 14 days.
The interval adds up what days differ from that (by the residuals within weeks), how well the level
is known, and how far it moves: as a random walk whose steps are those between the weeks, less what
days differ.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dlr_analytics.analysis.studies.significance import critical_t

Week = Sequence[float]
"""Seven costs, from Monday to Sunday."""

HISTORY_DAYS: Final = 14

_WEEKS: Final = 8

_LEAST_STEP: Final = 0.03
"""What a level moves from week to week at least, as a share: few weeks can be alike by chance."""


@dataclass(frozen=True, slots=True)
class Spent:
    """The cost of a day, and how much of it came after a certain time of day."""

    cost: float
    later: float


@dataclass(frozen=True, slots=True)
class Rest:
    """What the rest of a month is expected to cost, with its 95 % interval."""

    expected: float
    low: float
    high: float


def month_end(day: dt.date) -> dt.date:
    """Return the first day of the next month.

    Examples
    --------
    >>> month_end(dt.date(2026, 12, 24))
    datetime.date(2027, 1, 1)
    """
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def expect(spent: Mapping[dt.date, Spent], today: dt.date) -> Rest | None:
    """Expect what the rest of a month costs, from now on.

    Parameters
    ----------
    spent : mapping of date to Spent
        The days with a cost, those of other months too. ``later`` counts from the time of day that
        it is now.
    today : date
        The day that is not over.

    Returns
    -------
    Rest or None
        None with less than 14 days of history, and if the last 14 days cost nothing.

    Examples
    --------
    >>> days = {dt.date(2026, 11, day): Spent(10, 5) for day in range(1, 21)}
    >>> rest = expect(days, dt.date(2026, 11, 21))
    >>> rest.expected, rest.low < 95 < rest.high
    (95.0, True)
    """
    past = [day for day in spent if day < today]
    age = (today - min(past)).days if past else 0
    if age < HISTORY_DAYS:
        return None
    weeks = [_week(spent, today, ago) for ago in range(min(_WEEKS, age // 7))]
    recent = [_on(spent, today - dt.timedelta(days=ago)) for ago in range(1, HISTORY_DAYS + 1)]
    total = sum(day.cost for day in recent)
    if total <= 0:
        return None
    shape = _shape(weeks)
    level = total / HISTORY_DAYS  # two whole weeks, whose shapes add up to 14
    ahead = (month_end(today) - today).days
    days = [level * shape[(today + dt.timedelta(days=at)).weekday()] for at in range(ahead)]
    days[0] *= sum(day.later for day in recent) / total
    expected = sum(days)
    reach = _reach(weeks, shape, days)
    return Rest(expected, expected - reach, expected + reach)


def _on(spent: Mapping[dt.date, Spent], day: dt.date) -> Spent:
    return spent.get(day, Spent(0.0, 0.0))


def _week(spent: Mapping[dt.date, Spent], today: dt.date, ago: int) -> Week:
    """The costs, from Monday to Sunday, of the seven days that ended weeks ago."""
    days = [today - dt.timedelta(days=7 * ago + back) for back in range(1, 8)]
    return [_on(spent, day).cost for day in sorted(days, key=dt.date.weekday)]


def _shape(weeks: Sequence[Week]) -> list[float]:
    """The cost of each weekday, as a multiple of the mean; each week counts alike."""
    shares = [[7 * cost / sum(week) for cost in week] for week in weeks if sum(week) > 0]
    return [sum(costs) / len(shares) for costs in zip(*shares, strict=True)]


def _reach(weeks: Sequence[Week], shape: Sequence[float], days: Sequence[float]) -> float:
    """Half the width of the interval of the sum of these days, from today on."""
    levels = [sum(week) / 7 for week in weeks]
    fitted = [
        (cost, level * usual)
        for week, level in zip(weeks, levels, strict=True)
        for cost, usual in zip(week, shape, strict=True)
        if level * usual > 0
    ]
    freedom = max(1, len(fitted) - len(weeks) - 6)
    noise = sum((cost / usual - 1) ** 2 for cost, usual in fitted) / freedom
    step = _step(levels, noise)
    known = noise / HISTORY_DAYS
    # The level is a mean of 14 days: a walk is further from it than from its last day.
    variance = sum(day * day for day in days) * noise + sum(days) ** 2 * known
    variance += sum(
        one * other * step / 7 * (min(at, to) + HISTORY_DAYS / 3)
        for at, one in enumerate(days)
        for to, other in enumerate(days)
    )
    return critical_t(freedom) * math.sqrt(variance)


def _step(levels: Sequence[float], noise: float) -> float:
    """The variance of the level from one week to the next, as a share of it."""
    pairs = [(new, old) for new, old in pairwise(levels) if old > 0]
    seen = sum((new / old - 1) ** 2 for new, old in pairs) / max(1, len(pairs))
    return max(_LEAST_STEP**2, seen - 2 * noise / 7)
