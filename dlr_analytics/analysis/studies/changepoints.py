"""Find when a rate changed: the day first, then the hour. Pure functions.

1. The days are divided into stretches of one rate each, so that the sum of squared deviations plus
   a penalty per change is smallest: optimal partitioning (Jackson et al., IEEE Signal Processing
   Letters 12, 2005), with the pruning of Killick et al. (J. Am. Stat. Assoc. 107, 2012), which
   changes nothing but the time. A day's variance is p(1 - p)/n + tau²: rates of days differ by more
   than sampling, and without tau² every large network would change daily. tau² comes from the
   differences of neighbouring days, of which changes spoil few; their median is robust.
2. Each change moves to the hour that divides the messages around it with the greatest likelihood,
   in turns with the rates before and after, until nothing moves.
3. Steps that are then below 2 points, or no more than chance between two stretches (a day within
   which the rate changes is a stretch of its own at first), are removed, the weakest first, and
   the others are placed again.
4. The interval holds the hours that explain nearly as well, by the overdispersion around the
   change, and the hour before them if its messages differ as if the change were within it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median
from typing import Final

from dlr_analytics.analysis.studies.courses import Cell, Course, Stretch

MIN_DAYS: Final = 8
LEAST_STEP: Final = 0.02

_PENALTY: Final = 25.0
"""Of a change, in units of chi squared: 20 gives three times as many false changes."""

_FIT: Final = 12.0
"""How many overdispersions an hour may explain less than the best, to be in the interval."""

_INFLATION: Final = 2.0
"""Days that hang together look calmer from one to the next than they are."""

_MIXED: Final = 1.0
"""Standard deviations by which an hour within which the rate changes differs from those before."""

_MEDIAN_OF_SQUARES: Final = 0.455
"""The median of the square of a standard normal variable."""

_NEAR: Final = 36
"""Hours around a change in which it is moved: the day before to the day after."""

_AROUND: Final = 48
"""Hours around a change in which its interval is sought."""

_TURNS: Final = 4


@dataclass(frozen=True, slots=True)
class Step:
    """A change: its hour since 1970, first and last possible hour, and both stretches."""

    hour: int
    earliest: int
    latest: int
    before: Stretch
    after: Stretch

    @property
    def difference(self) -> float:
        """By how much the rate has changed."""
        return self.after.rate - self.before.rate


def find(cells: Sequence[Cell]) -> list[Step]:
    """Find the changes of a rate.

    Parameters
    ----------
    cells : sequence of Cell
        In order of time, each hour with messages once.

    Returns
    -------
    list of Step
        In order of time; none with messages on fewer than 8 days.

    Examples
    --------
    >>> rates = [0.95] * 480 + [0.8] * 480
    >>> (step,) = find([Cell(hour, hour // 24, 999, 999 * p) for hour, p in enumerate(rates)])
    >>> step.earliest, step.hour, step.latest, round(step.difference, 9)
    (480, 480, 480, -0.15)
    """
    starts, days = _days(cells)
    if len(days) < MIN_DAYS:
        return []
    course = Course(cells)
    between = variance_between(days)
    cuts = [starts[day] for day in partition(days, between)]
    while cuts := _moved(course, cuts):
        strengths = _strengths(course.stretches(cuts), between)
        if min(strengths) >= 1:
            return _steps(course, cuts)
        del cuts[strengths.index(min(strengths))]
    return []


def _days(cells: Sequence[Cell]) -> tuple[list[int], list[Stretch]]:
    """The first hour of each day, and its messages."""
    firsts = [at for at, cell in enumerate(cells) if not at or cell.day != cells[at - 1].day]
    starts = [cells[at].hour for at in firsts]
    return starts, Course(cells).stretches(starts[1:]) if cells else []


def partition(days: Sequence[Stretch], between: float) -> list[int]:
    """Return the places of the days that begin a stretch of another rate."""
    rates = [day.rate for day in days]
    p = pooled(days)
    weights = [1 / day.variance(p, between) for day in days]
    w = [0.0, *accumulate(weights)]
    s = [0.0, *accumulate(a * r for a, r in zip(weights, rates, strict=True))]
    q = [0.0, *accumulate(a * r * r for a, r in zip(weights, rates, strict=True))]

    def cost(begin: int, end: int) -> float:
        return q[end] - q[begin] - (s[end] - s[begin]) ** 2 / (w[end] - w[begin])

    best, back, open_ = [-_PENALTY], [0], [0]
    for end in range(1, len(days) + 1):
        costs = [(best[begin] + cost(begin, end), begin) for begin in open_]
        least, begin = min(costs)
        best.append(least + _PENALTY)
        back.append(begin)
        open_ = [start for price, start in costs if price <= best[end]] + [end]
    cuts = []
    end = back[len(days)]
    while end:
        cuts.append(end)
        end = back[end]
    return cuts[::-1]


def variance_between(days: Sequence[Stretch]) -> float:
    """Return what the rates of days vary besides sampling: tau squared."""
    p = sum(day.delivered for day in days) / sum(day.messages for day in days)
    excess = median(
        ((b.rate - a.rate) ** 2 - p * (1 - p) * (1 / a.messages + 1 / b.messages)) / 2
        for a, b in pairwise(days)
    )
    return max(0.0, excess) / _MEDIAN_OF_SQUARES * _INFLATION


def pooled(stretches: Sequence[Stretch]) -> float:
    """Return the rate of all messages, never 0 or 1."""
    delivered = sum(one.delivered for one in stretches)
    return (delivered + 1) / (sum(one.messages for one in stretches) + 2)


def _strengths(stretches: Sequence[Stretch], between: float) -> list[float]:
    """How firm each step is; an hour within which the rate changes is no stretch."""
    strengths = [_strength(*pair, between) for pair in pairwise(stretches)]
    triples = zip(stretches, stretches[1:], stretches[2:], strict=False)
    for at, (before, hour, after) in enumerate(triples):
        if hour.hours == 1 and (hour.rate - before.rate) * (after.rate - hour.rate) > 0:
            strengths[at] = 0.0
    return strengths


def _strength(before: Stretch, after: Stretch, between: float) -> float:
    """How firm a step is: below 1 it is too small, or may be chance."""
    p = pooled([before, after])
    chi = (after.rate - before.rate) ** 2 / (
        before.variance(p, between) + after.variance(p, between)
    )
    return min(chi / _PENALTY, (abs(after.rate - before.rate) + 1e-12) / LEAST_STEP)


def _moved(course: Course, cuts: list[int]) -> list[int]:
    """The cuts, each at the hour that divides the messages around it best."""
    for _ in range(_TURNS):
        stretches = course.stretches(cuts)
        moved = list(cuts)
        for at in range(len(cuts)):
            near = course.limits(moved, at, _NEAR)
            gains = _gains(course, near, stretches[at], stretches[at + 1])
            moved[at] = course.hours[_best(gains, near)]
        if moved == cuts:
            break
        cuts = moved
    return cuts


def _steps(course: Course, cuts: Sequence[int]) -> list[Step]:
    steps = []
    for at, (before, after) in enumerate(pairwise(course.stretches(cuts))):
        near = course.limits(cuts, at, _AROUND)
        first, last = _interval(course, near, cuts[at], before, after)
        steps.append(Step(cuts[at], first, last, before, after))
    return steps


def _interval(
    course: Course, near: range, cut: int, before: Stretch, after: Stretch
) -> tuple[int, int]:
    """The first and the last hour that explain nearly as well as the cut."""
    gains = _gains(course, near, before, after)
    spread = _overdispersion(course.cells[near.start : near.stop], cut, before, after)
    enough = gains[bisect_left(course.hours, cut) - near.start] - _FIT * spread
    fit = [place for place, gain in zip(near, gains, strict=True) if gain >= enough]
    previous = course.cells[fit[0] - 1]
    p = _inside(before.rate)
    deviation = math.sqrt(previous.messages * p * (1 - p) * spread)
    moved = (previous.delivered - previous.messages * p) / deviation
    if moved * math.copysign(1, after.rate - before.rate) > _MIXED:
        return previous.hour, course.hours[fit[-1]]
    return previous.hour + 1, course.hours[fit[-1]]  # hours without messages may be within


def _gains(course: Course, near: range, before: Stretch, after: Stretch) -> list[float]:
    """The log-likelihood of a change at each of these cells, less that at the first."""
    p, q = _inside(before.rate), _inside(after.rate)
    yes, no = math.log(p / q), math.log((1 - p) / (1 - q))
    cells = course.cells[near.start : near.stop]
    gained = [cell.delivered * yes + (cell.messages - cell.delivered) * no for cell in cells]
    return [0.0, *accumulate(gained[:-1])]


def _best(gains: Sequence[float], near: range) -> int:
    """The first place with the greatest gain."""
    return near[max(range(len(gains)), key=lambda at: gains[at])]


def _overdispersion(cells: Sequence[Cell], cut: int, before: Stretch, after: Stretch) -> float:
    """By how much hours differ more than by sampling: 1 or more."""
    chi = []
    for cell in cells:
        p = _inside(before.rate if cell.hour < cut else after.rate)
        if cell.messages >= 3:
            chi.append((cell.delivered - cell.messages * p) ** 2 / (cell.messages * p * (1 - p)))
    return max(1.0, sum(chi) / len(chi)) if chi else 1.0


def _inside(rate: float) -> float:
    """A rate inside 0 and 1, so that its logarithm is finite."""
    return min(max(rate, 1e-4), 1 - 1e-4)
