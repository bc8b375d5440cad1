"""When messages are sent and how each hour goes: days and hours that differ by more than chance."""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from dlr_analytics.simulate.clocks import DAY, HOUR, MINUTE, to_time
from dlr_analytics.simulate.networks import Failure, Network

LAST_SENDS: Final = 10 * MINUTE
"""Sending stops so long before the end, so that the newest receipt is younger than all sends."""

_NIGHT: Final = (2, 1, 1, 1, 1, 2, 5)
_MORNING: Final = (10, 14, 16, 17, 15)
_AFTERNOON: Final = (13, 14, 15, 14, 14, 15)
_EVENING: Final = (16, 14, 10, 8, 5, 3)
_HOURS: Final = _NIGHT + _MORNING + _AFTERNOON + _EVENING
_WEEKDAYS: Final = (10, 10.5, 10.5, 10, 9.5, 5.5, 4.5)
_BUSY_HOURS: Final = range(17, 21)
_DAY_MOOD: Final = 0.25
"""Spread of a network's days, as the standard deviation of the log odds of delivery."""


@dataclass(frozen=True, slots=True)
class Span:
    """The simulated time: from ``begins`` until ``ends``, in milliseconds."""

    begins: int
    ends: int

    def at(self, share: float) -> int:
        """The moment at which a share of the span has passed."""
        return self.begins + round((self.ends - self.begins) * share)


@dataclass(frozen=True, slots=True)
class Hour:
    """How one hour of one network goes."""

    begins: int
    length: int
    rate: float
    slowness: float
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """All hours of a network, and how the traffic is spread over them."""

    network: Network
    hours: tuple[Hour, ...]
    cumulated: tuple[float, ...]

    def draw(self, rng: Random) -> tuple[Hour, int]:
        """An hour by its volume, and a moment in it."""
        hour = self.hours[bisect(self.cumulated, rng.random() * self.cumulated[-1])]
        return hour, hour.begins + int(rng.random() * hour.length)


def plan(network: Network, span: Span, rng: Random) -> Traffic:
    """The hours of a network within a span, its good and bad days drawn."""
    last = span.ends - min(LAST_SENDS, (span.ends - span.begins) // 2)
    first_day = span.begins // DAY
    moods = [rng.gauss(0, _DAY_MOOD) for _ in range(first_day, span.ends // DAY + 1)]
    volumes = [math.exp(rng.gauss(0, 0.12)) for _ in moods]
    hours, weights = [], []
    for begin in range(span.begins, last, HOUR):
        day = begin // DAY - first_day
        local = to_time(begin + network.people.offset_min(begin) * MINUTE)
        length = min(HOUR, last - begin)
        hours.append(_hour(network, span, begin, length, local.hour, moods[day]))
        weight = _HOURS[local.hour] * _WEEKDAYS[local.weekday()] * volumes[day]
        weights.append(weight * length / HOUR)
    return Traffic(network, tuple(hours), tuple(accumulate(weights)))


def _hour(network: Network, span: Span, begin: int, length: int, local: int, mood: float) -> Hour:
    busy = local in _BUSY_HOURS
    slowness = 1.5 if busy else 1.0
    spell = network.spell
    if spell and span.at(spell.begins) <= begin < span.at(spell.ends):
        return Hour(begin, length, spell.rate, slowness, spell.failures)
    rate = _shifted(network.rate, mood - 0.15 * busy)
    return Hour(begin, length, rate, slowness, network.failures)


def _shifted(rate: float, log_odds: float) -> float:
    if rate >= 1:
        return rate
    return 1 / (1 + (1 - rate) / rate * math.exp(-log_odds))
