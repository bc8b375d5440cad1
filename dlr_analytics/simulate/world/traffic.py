"""Traffic of a network: hours that differ in volume, delivery rate and speed."""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from dlr_analytics.simulate.world.clocks import DAY, HOUR, MINUTE, to_time
from dlr_analytics.simulate.world.conditions import Conditions, Quality
from dlr_analytics.simulate.world.networks import Network
from dlr_analytics.simulate.world.parameters import Variation

LAST_SENDS: Final = 10 * MINUTE
"""Time without sends at the end, so that the newest receipt is younger than all sends."""

_NIGHT: Final = (2, 1, 1, 1, 1, 2, 5)
_MORNING: Final = (10, 14, 16, 17, 15)
_AFTERNOON: Final = (13, 14, 15, 14, 14, 15)
_EVENING: Final = (16, 14, 10, 8, 5, 3)
_HOURS: Final = _NIGHT + _MORNING + _AFTERNOON + _EVENING
_WEEKDAYS: Final = (10, 10.5, 10.5, 10, 9.5, 5.5, 4.5)
_BUSY_HOURS: Final = range(17, 21)
_WEEK: Final = 7


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
    """One hour of a network: length, usual quality, and hour on local clocks."""

    begins: int
    length: int
    local: int
    quality: Quality


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

    def hour_at(self, sent: int) -> Hour:
        """The hour that contains a time."""
        return self.hours[(sent - self.hours[0].begins) // HOUR]


def last_send(span: Span) -> int:
    """Time from which on nothing is sent."""
    return span.ends - min(LAST_SENDS, (span.ends - span.begins) // 2)


def plan(
    network: Network, span: Span, variation: Variation, conditions: Conditions, rng: Random
) -> Traffic:
    """Draw the hours of a network in a span."""
    last = last_send(span)
    first_day = span.begins // DAY
    days = span.ends // DAY + 1 - first_day
    daily_shifts = _daily_shifts(days, variation, rng)
    volumes = [math.exp(rng.gauss(0, variation.volume)) for _ in daily_shifts]
    hours, weights = [], []
    for begin in range(span.begins, last, HOUR):
        day = begin // DAY - first_day
        local = to_time(begin + network.local_clock.offset_min(begin) * MINUTE)
        shift = daily_shifts[day] + (rng.gauss(0, variation.hours) if variation.hours else 0)
        length = min(HOUR, last - begin)
        hours.append(Hour(begin, length, local.hour, _quality(network, local.hour, shift)))
        weight = _HOURS[local.hour] * _WEEKDAYS[local.weekday()] * volumes[day]
        weights.append(weight * length / HOUR * conditions.volume(network.code, begin))
    return Traffic(network, tuple(hours), tuple(accumulate(weights)))


def _daily_shifts(days: int, variation: Variation, rng: Random) -> list[float]:
    """Draw the log odds by which each day differs, with persistence and drift."""
    shifts = [rng.gauss(0, variation.days)]
    fresh = math.sqrt(1 - variation.persistence**2)
    for _ in range(days - 1):
        shifts.append(variation.persistence * shifts[-1] + fresh * rng.gauss(0, variation.days))
    if variation.drift:
        weekly = accumulate(rng.gauss(0, variation.drift) for _ in range(days // _WEEK + 1))
        drift = list(weekly)
        shifts = [shift + drift[day // _WEEK] for day, shift in enumerate(shifts)]
    return shifts


def _quality(network: Network, local: int, shift: float) -> Quality:
    busy = local in _BUSY_HOURS
    rate = _shifted(network.rate, shift - 0.15 * busy)
    return Quality(rate, 1.5 if busy else 1.0, network.failures)


def _shifted(rate: float, log_odds: float) -> float:
    if rate >= 1:
        return rate
    return 1 / (1 + (1 - rate) / rate * math.exp(-log_odds))
