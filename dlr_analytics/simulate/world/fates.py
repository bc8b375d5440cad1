"""The fate of a message: its final status, and when the carrier reports it."""

from __future__ import annotations

import math
from random import Random
from typing import Final, NamedTuple

from dlr_analytics.simulate.world.clocks import HOUR, MINUTE, SECOND
from dlr_analytics.simulate.world.networks import Failure, Network, When
from dlr_analytics.simulate.world.senders import Message
from dlr_analytics.simulate.world.traffic import Hour

EXPIRY: Final = 72 * HOUR
_OFF_FROM: Final = 2 * MINUTE
_OFF_UNTIL: Final = 70 * HOUR
_NO_RECEIPT: Final = 0.4
"""Share of messages without any receipt among those without a final status."""


class Fate(NamedTuple):
    """The end of a message. ``at`` is the carrier's time, in milliseconds of UTC.

    ``status`` is None without a final receipt; ``reported`` is False without any receipt; ``off``
    is True if the phone was switched off at first.
    """

    status: str | None
    err_code: int
    at: int
    reported: bool = True
    off: bool = False


def draw(message: Message, hour: Hour, rng: Random) -> Fate:
    """Draw the fate of a message sent in an hour."""
    network = message.network
    if not network.final:
        return Fate(None, 0, message.sent)
    if rng.random() < network.silent:
        return Fate(None, 0, message.sent, reported=rng.random() >= _NO_RECEIPT)
    if rng.random() < hour.rate:
        return _delivered(message, hour, rng)
    failure = _pick(hour.failures, rng)
    at = message.sent + _delay(failure.when, rng)
    return Fate(failure.status, failure.err_code, at, off=failure.when in ("hours", "expiry"))


def prompt(message: Message) -> Fate:
    """Fate of a message delivered at once, if the network reports deliveries."""
    status = "delivered" if message.network.final else None
    return Fate(status, 0, message.sent + 3 * SECOND)


def _delivered(message: Message, hour: Hour, rng: Random) -> Fate:
    network = message.network
    if rng.random() < network.off:
        delay = _log_uniform(_OFF_FROM, _OFF_UNTIL, rng)
        return Fate("delivered", 0, message.sent + delay, off=True)
    return Fate("delivered", 0, message.sent + _prompt_delay(network, hour, rng))


def _prompt_delay(network: Network, hour: Hour, rng: Random) -> int:
    factor = math.exp(rng.gauss(0, network.spread)) * hour.slowness
    return round(network.median_s * factor * SECOND)


def _pick(failures: tuple[Failure, ...], rng: Random) -> Failure:
    return rng.choices(failures, [failure.weight for failure in failures])[0]


def _delay(when: When, rng: Random) -> int:
    if when == "seconds":
        return _log_uniform(SECOND, 20 * SECOND, rng)
    if when == "minutes":
        return _log_uniform(MINUTE, 60 * MINUTE, rng)
    if when == "hours":
        return _log_uniform(HOUR, 48 * HOUR, rng)
    return EXPIRY + _log_uniform(SECOND, 5 * MINUTE, rng)


def _log_uniform(low: int, high: int, rng: Random) -> int:
    return round(math.exp(math.log(low) + rng.random() * math.log(high / low)))
