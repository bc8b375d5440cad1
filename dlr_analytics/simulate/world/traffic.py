"""Traffic of a network: hours that differ in volume, delivery rate and speed."""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from dlr_analytics.simulate.world.clocks import DAY, HOUR, MINUTE, to_time
from dlr_analytics.simulate.world.networks import Failure, Network

LAST_SENDS: Final = 10 * MINUTE
"""Time without sends at the end, so that the newest receipt is younger than all sends."""

_NIGHT: Final = (2, 1, 1, 1, 1, 2, 5)
_MORNING: Final = (10, 14, 16, 17, 15)
_AFTERNOON: Final = (13, 14, 15, 14, 14, 15)
_EVENING: Final = (16, 14, 10, 8, 5, 3)
_HOURS: Final = _NIGHT + _MORNING + _AFTERNOON + _EVENING
_WEEKDAYS: Final = (10, 10.5, 10.5, 10, 9.5, 5.5, 4.5)
_BUSY_HOURS: Final = range(17, 21)
_DAY_SPREAD: Final = 0.25
"""Standard deviation between days of the log odds of delivery."""


@dataclass(frozen=True, slots=True)
class Span:
    """The simulated time: from ``begins`` until ``ends``, in milliseconds."""

    begins: int
    ends: int

    def at(self, share: float) -> int:
        """Time at which a share of the span has passed."""
        return self.begins + round((self.ends - self.begins) * share)


@dataclass(frozen=True, slots=True)
class Hour:
    """Length and quality of one hour of a network."""

    begins: int
    length: int
    rate: float
    slowness: float
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """All hours of a network, and the distribution of its traffic over them."""

    network: Network
    hours: tuple[Hour, ...]
    cumulated: tuple[float, ...]

    def draw(self, rng: Random) -> tuple[Hour, int]:
        """Draw an hour by its volume, and a time in it."""
        hour = self.hours[bisect(self.cumulated, rng.random() * self.cumulated[-1])]
        return hour, hour.begins + int(rng.random() * hour.length)


def plan(network: Network, span: Span, rng: Random) -> Traffic:
    """Draw the hours of a network in a span."""
    last = span.ends - min(LAST_SENDS, (span.ends - span.begins) // 2)
    first_day = span.begins // DAY
    daily_shifts = [rng.gauss(0, _DAY_SPREAD) for _ in range(first_day, span.ends // DAY + 1)]
    volumes = [math.exp(rng.gauss(0, 0.12)) for _ in daily_shifts]
    hours, weights = [], []
    for begin in range(span.begins, last, HOUR):
        day = begin // DAY - first_day
        local = to_time(begin + network.local_clock.offset_min(begin) * MINUTE)
        length = min(HOUR, last - begin)
        hours.append(_hour(network, span, begin, length, local.hour, daily_shifts[day]))
        weight = _HOURS[local.hour] * _WEEKDAYS[local.weekday()] * volumes[day]
        weights.append(weight * length / HOUR)
    return Traffic(network, tuple(hours), tuple(accumulate(weights)))


def _hour(network: Network, span: Span, begin: int, length: int, local: int, shift: float) -> Hour:
    busy = local in _BUSY_HOURS
    slowness = 1.5 if busy else 1.0
    bad_period = network.bad_period
    if bad_period and span.at(bad_period.begins) <= begin < span.at(bad_period.ends):
        return Hour(begin, length, bad_period.rate, slowness, bad_period.failures)
    rate = _shifted(network.rate, shift - 0.15 * busy)
    return Hour(begin, length, rate, slowness, network.failures)


def _shifted(rate: float, log_odds: float) -> float:
    if rate >= 1:
        return rate
    return 1 / (1 + (1 - rate) / rate * math.exp(-log_odds))
