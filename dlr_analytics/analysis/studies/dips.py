"""Find the days on which a rate was lower than usual. Pure functions.

The days are divided into stretches of one rate each, as for the study ``changes``
(:mod:`dlr_analytics.analysis.studies.changepoints`). A stretch is a dip where its rate is below the
usual one: that of the last stretch before it that was no dip. Where the days begin with a short
dip, the usual rate is the one that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from dlr_analytics.analysis.studies.changepoints import (
    LEAST_STEP,
    MIN_DAYS,
    partition,
    pooled,
    variance_between,
)
from dlr_analytics.analysis.studies.courses import Stretch

SHORT_START: Final = 1 / 3
"""The longest dip at the beginning, as a share of the days: a longer one is the usual rate."""

ALIKE: Final = 3.0
"""The most that parts of one dip differ in depth: after a deep one, rates are often a bit low."""


class Day(NamedTuple):
    """The messages of a day, and how many were delivered; ``number`` counts days."""

    number: int
    messages: int
    delivered: float


@dataclass(frozen=True, slots=True)
class Dip:
    """Days in a row on which the rate was lower than usual.

    ``first`` and ``last`` are numbers of days; ``lasts`` tells whether no later day has messages.
    ``strength`` is chi squared with one degree of freedom, if days differ as they usually do.
    """

    first: int
    last: int
    usual: float
    messages: int
    delivered: float
    strength: float
    lasts: bool

    @property
    def rate(self) -> float:
        """The rate of its days."""
        return self.delivered / self.messages


def dips(days: Sequence[Day]) -> list[Dip]:
    """Find the dips of a rate.

    Parameters
    ----------
    days : sequence of Day
        In order, only days with messages.

    Returns
    -------
    list of Dip
        In order; none with messages on fewer than 8 days.

    Examples
    --------
    >>> rates = [0.95] * 20 + [0.5] * 2 + [0.95] * 8
    >>> (dip,) = dips([Day(number, 100, 100 * p) for number, p in enumerate(rates)])
    >>> dip.first, dip.last, round(dip.usual, 3), round(dip.rate, 3), dip.lasts
    (20, 21, 0.95, 0.5, False)
    """
    if len(days) < MIN_DAYS:
        return []
    stretches = [Stretch(day.messages, day.delivered, 24) for day in days]
    between = variance_between(stretches)
    ends = [0, *partition(stretches, between), len(days)]
    parts = [_Part(begin, end, _sum(stretches[begin:end])) for begin, end in pairwise(ends)]
    return [_dip(days, run, base, between) for run, base in _low(parts, len(days))]


class _Part(NamedTuple):
    """The days from ``begin`` to before ``end``."""

    begin: int
    end: int
    of: Stretch


def _sum(parts: Sequence[Stretch]) -> Stretch:
    return Stretch(
        sum(part.messages for part in parts),
        sum(part.delivered for part in parts),
        sum(part.hours for part in parts),
    )


def _low(parts: Sequence[_Part], days: int) -> list[tuple[list[_Part], Stretch]]:
    """The runs of low parts, each with the stretch of the usual rate."""
    first, *rest = parts
    starts_low = bool(
        rest and rest[0].of.rate - first.of.rate >= LEAST_STEP and first.end <= SHORT_START * days
    )
    usual = rest[0].of if starts_low else first.of
    bases: list[Stretch | None] = [usual if starts_low else None]
    for part in rest:
        if usual.rate - part.of.rate >= LEAST_STEP:
            bases.append(usual)
        else:
            usual = part.of
            bases.append(None)
    runs: list[tuple[list[_Part], Stretch]] = []
    for part, base in zip(parts, bases, strict=True):
        if base is None:
            continue
        if runs and runs[-1][0][-1].end == part.begin and _alike(*runs[-1], part):
            runs[-1][0].append(part)
        else:
            runs.append(([part], base))
    return runs


def _alike(run: Sequence[_Part], base: Stretch, part: _Part) -> bool:
    """Whether a part is about as low as those before it, and so of the same dip.

    A single day at either end may be the one within which the dip began or ended.
    """
    if part.end - part.begin == 1 or run[-1].end - run[0].begin == 1:
        return True
    depths = [base.rate - other.of.rate for other in (*run, part)]
    return max(depths) <= ALIKE * min(depths)


def _dip(days: Sequence[Day], run: Sequence[_Part], base: Stretch, between: float) -> Dip:
    low = _sum([part.of for part in run])
    p = pooled([low, base])
    variance = low.variance(p, between) + base.variance(p, between)
    return Dip(
        first=days[run[0].begin].number,
        last=days[run[-1].end - 1].number,
        usual=base.rate,
        messages=low.messages,
        delivered=low.delivered,
        strength=(base.rate - low.rate) ** 2 / variance,
        lasts=run[-1].end == len(days),
    )
