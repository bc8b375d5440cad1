"""The fate of a message: its final status, and when the carrier reports it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import Final, NamedTuple

from dlr_analytics.simulate.world.clocks import HOUR, MINUTE, SECOND
from dlr_analytics.simulate.world.conditions import Quality
from dlr_analytics.simulate.world.networks import Failure, Network, When
from dlr_analytics.simulate.world.senders import Message

EXPIRY: Final = 72 * HOUR
OFF: Final = (2 * MINUTE, 70 * HOUR)
"""Delay of the delivery to a phone that is switched off at first, log-uniform between these."""
DELAYS: Final[Mapping[When, tuple[int, int, int]]] = {
    "seconds": (0, SECOND, 20 * SECOND),
    "minutes": (0, MINUTE, 60 * MINUTE),
    "hours": (0, HOUR, 48 * HOUR),
    "expiry": (EXPIRY, SECOND, 5 * MINUTE),
}
"""Delay of failures: a constant, and the bounds of a log-uniform time after it."""
NO_RECEIPT: Final = 0.4
"""Share of messages without any receipt among those without a final status."""


class Fate(NamedTuple):
    """The end of a message. ``at`` is the carrier's time, in milliseconds of UTC.

    ``status`` is None without a final receipt; ``reported`` is False without any receipt; ``off``
    is True if the phone was switched off at first; ``fake`` is True if the phone never got what is
    reported as delivered.
    """

    status: str | None
    err_code: int
    at: int
    reported: bool = True
    off: bool = False
    fake: bool = False


def draw(message: Message, quality: Quality, rng: Random) -> Fate:
    """Draw the fate of a message."""
    network = message.network
    if not network.final:
        return Fate(None, 0, message.sent)
    if rng.random() < network.silent:
        return Fate(None, 0, message.sent, reported=rng.random() >= NO_RECEIPT)
    if rng.random() < quality.rate:
        return _delivered(message, quality, rng)
    if quality.fake and rng.random() < quality.fake:
        return Fate("delivered", 0, message.sent + _prompt_delay(network, quality, rng), fake=True)
    failure = _pick(quality.failures, rng)
    at = message.sent + _delay(failure.when, rng)
    return Fate(failure.status, failure.err_code, at, off=failure.when in ("hours", "expiry"))


def prompt(message: Message) -> Fate:
    """Fate of a message delivered at once, if the network reports deliveries."""
    status = "delivered" if message.network.final else None
    return Fate(status, 0, message.sent + 3 * SECOND)


def _delivered(message: Message, quality: Quality, rng: Random) -> Fate:
    network = message.network
    if rng.random() < network.off:
        delay = _log_uniform(*OFF, rng)
        return Fate("delivered", 0, message.sent + delay, off=True)
    return Fate("delivered", 0, message.sent + _prompt_delay(network, quality, rng))


def _prompt_delay(network: Network, quality: Quality, rng: Random) -> int:
    factor = math.exp(rng.gauss(0, network.spread)) * quality.slowness
    return round(network.median_s * factor * SECOND)


def _pick(failures: tuple[Failure, ...], rng: Random) -> Failure:
    return rng.choices(failures, [failure.weight for failure in failures])[0]


def _delay(when: When, rng: Random) -> int:
    least, low, high = DELAYS[when]
    return least + _log_uniform(low, high, rng)


def _log_uniform(low: int, high: int, rng: Random) -> int:
    return round(math.exp(math.log(low) + rng.random() * math.log(high / low)))
