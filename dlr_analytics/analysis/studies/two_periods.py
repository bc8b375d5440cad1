"""Compare a rate between two periods by the spread of their days. Pure functions.

For where there are too few earlier periods for the study ``compare``: with the rates q and p of n
messages on d days now and of N messages on D days before, q - p is divided by

    √(r(1 - r)(1/n + 1/N) + tau²(1/d + 1/D) + e²)

r being the pooled rate, tau² the variance of days besides sampling, as in the study ``changes``,
and e the standard error of the estimates of pending messages. Days that differ in size count for
fewer: d is (Σ n)² / Σ n². The quotient is compared with Student's t with d + D - 2 degrees of
freedom.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from dlr_analytics.analysis.studies.changepoints import pooled, variance_between
from dlr_analytics.analysis.studies.courses import Stretch
from dlr_analytics.analysis.studies.dips import Day
from dlr_analytics.analysis.studies.significance import adjusted, critical_t, two_sided_p

LEVEL: Final = 0.05
LEAST_MESSAGES: Final = 100
"""In each of the periods."""
LEAST_DAYS: Final = 5
"""In each of the periods."""
LEAST_DIFFERENCE: Final = 0.005

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Days:
    """The days of both periods with messages, and the standard error of the rate."""

    before: Sequence[Day]
    now: Sequence[Day]
    standard_error: float = 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """The rate before, the difference, its 95 % interval, and the verdict."""

    before: float
    difference: float
    low: float | None
    high: float | None
    firm: bool


def differences(groups: Mapping[Key, Days]) -> dict[Key, Difference]:
    """Compare groups; those without messages in one of the periods are left out.

    Examples
    --------
    >>> before = [Day(number, 100, 95) for number in range(10)]
    >>> now = [Day(number, 100, 85 + number % 2) for number in range(10, 20)]
    >>> differences({"all": Days(before, now)})["all"].firm
    True
    """
    compared = {key: _compared(days) for key, days in groups.items() if days.before and days.now}
    tested = [key for key, each in compared.items() if each.p is not None]
    ps = [p for key in tested if (p := compared[key].p) is not None]
    firm = {key for key, p in zip(tested, adjusted(ps), strict=True) if p < LEVEL}
    return {
        key: Difference(
            each.before,
            each.difference,
            each.low,
            each.high,
            firm=key in firm and abs(each.difference) >= LEAST_DIFFERENCE,
        )
        for key, each in compared.items()
    }


@dataclass(frozen=True, slots=True)
class _Compared:
    before: float
    difference: float
    low: float | None = None
    high: float | None = None
    p: float | None = None


def _compared(days: Days) -> _Compared:
    before, now = _sum(days.before), _sum(days.now)
    difference = now.rate - before.rate
    few = min(before.messages, now.messages) < LEAST_MESSAGES
    if few or min(len(days.before), len(days.now)) < LEAST_DAYS:
        return _Compared(before.rate, difference)
    every = [Stretch(day.messages, day.delivered, 24) for day in (*days.before, *days.now)]
    r, between = pooled(every), variance_between(every)
    shares = [_share(part) for part in (days.before, days.now)]
    sampling = r * (1 - r) * (1 / before.messages + 1 / now.messages)
    error = math.sqrt(sampling + between * sum(shares) + days.standard_error**2)
    degrees = max(1, round(sum(1 / share for share in shares)) - 2)
    half = critical_t(degrees, LEVEL) * error
    p = two_sided_p(difference / error, degrees)
    return _Compared(before.rate, difference, difference - half, difference + half, p)


def _sum(days: Sequence[Day]) -> Stretch:
    messages = sum(day.messages for day in days)
    return Stretch(messages, sum(day.delivered for day in days), 24 * len(days))


def _share(days: Sequence[Day]) -> float:
    """One over the number of days, if those that differ in size count for fewer."""
    return sum(day.messages**2 for day in days) / _sum(days).messages ** 2
