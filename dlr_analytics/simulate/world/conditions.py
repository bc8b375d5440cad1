"""What the incidents of a world do to messages and to the pushes of receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dlr_analytics.simulate.world.clocks import MINUTE, to_ms
from dlr_analytics.simulate.world.incidents import (
    REFUSED,
    UNREACHABLE,
    BadPeriod,
    FakeReceipts,
    Filtering,
    Incident,
    Outage,
    PriceChange,
    RateChange,
    ReceiverOutage,
    Silence,
    Slowdown,
    VolumeChange,
)
from dlr_analytics.simulate.world.networks import Failure

RETRY: Final = MINUTE
"""Interval of Vonage's retries, as in its older service."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How a network delivers at a time: rate and failures of what has a final status.

    ``slowness`` multiplies the time of prompt deliveries; ``fake`` is the share of the failures
    that are reported as delivered.
    """

    rate: float
    slowness: float
    failures: tuple[Failure, ...]
    fake: float = 0.0


class Conditions:
    """The incidents of a world by time in milliseconds of UTC."""

    def __init__(self, incidents: Sequence[Incident]) -> None:
        self._of_messages = [_timed(each) for each in incidents if isinstance(each, OF_MESSAGES)]
        self._prices = [_timed(each) for each in incidents if isinstance(each, PriceChange)]
        self._volumes = [_timed(each) for each in incidents if isinstance(each, VolumeChange)]
        self.silences = [_timed(each) for each in incidents if isinstance(each, Silence)]
        self.down = [_timed(each) for each in incidents if isinstance(each, ReceiverOutage)]

    def quality(self, usual: Quality, network_code: str, sender: str, at: int) -> Quality:
        """Quality for a message sent at a time, by what is usual in that hour."""
        quality = usual
        for incident in _covering(self._of_messages, network_code, sender, at):
            quality = apply(incident, quality)
        return quality

    def price(self, usual: str, network_code: str, sender: str, at: int) -> str:
        """Price of a message sent at a time."""
        price = usual
        for change in _covering(self._prices, network_code, sender, at):
            assert isinstance(change, PriceChange)
            price = change.price
        return price

    def volume(self, network_code: str, at: int) -> float:
        """Factor of the traffic in the hour that begins at a time."""
        factor = 1.0
        for change in _covering(self._volumes, network_code, None, at):
            factor *= change.size
        return factor

    def is_silent(self, network_code: str, sender: str, arrived: int) -> bool:
        """Whether a receipt is lost that would arrive at a time."""
        return any(True for _ in _covering(self.silences, network_code, sender, arrived))

    def arrival(self, arrived: int) -> int:
        """Delay an arrival while the receiver is down to the first retry after it."""
        for down, up, _ in self.down:
            if down <= arrived < up:
                return arrived + -((arrived - up) // RETRY) * RETRY
        return arrived


OF_MESSAGES: Final = (Outage, BadPeriod, RateChange, Filtering, FakeReceipts, Slowdown)

_Timed = tuple[int, int, Incident]


def _timed(incident: Incident) -> _Timed:
    return to_ms(incident.begins), to_ms(incident.ends), incident


def _covering(
    timed: Sequence[_Timed], network_code: str, sender: str | None, at: int
) -> Iterator[Incident]:
    for begins, ends, incident in timed:
        if begins <= at < ends and affects(incident, network_code, sender):
            yield incident


def affects(incident: Incident, network_code: str, sender: str | None) -> bool:
    """Whether an incident affects a network and a sender, None for all senders."""
    codes = incident.network_codes
    return (not codes or network_code in codes) and incident.sender in (None, sender)


def covers(incident: Incident, network_code: str, sender: str, at: dt.datetime) -> bool:
    """Whether an incident affects a message sent at a time, naive UTC."""
    return incident.begins <= at < incident.ends and affects(incident, network_code, sender)


def apply(incident: Incident, usual: Quality) -> Quality:
    """Quality during an incident."""
    match incident:
        case Outage(delivered=remains):
            return _mixed(usual, usual.rate * remains, usual.rate * (1 - remains), UNREACHABLE)
        case Filtering(share=share):
            return _mixed(usual, usual.rate * (1 - share), share, REFUSED)
        case BadPeriod(rate=rate, failures=failures):
            return Quality(rate, usual.slowness, failures, usual.fake)
        case RateChange(points=points):
            rate = min(max(usual.rate + points / 100, 0.0), 1.0)
            return Quality(rate, usual.slowness, usual.failures, usual.fake)
        case FakeReceipts(share=share):
            return Quality(usual.rate, usual.slowness, usual.failures, share)
        case Slowdown(factor=factor):
            return Quality(usual.rate, usual.slowness * factor, usual.failures, usual.fake)
    return usual


def _mixed(usual: Quality, rate: float, lost: float, others: Sequence[Failure]) -> Quality:
    """Quality at a rate where a share of all messages ends by other failures."""
    # Where nobody fails, all weights would be 0: an incident later in turn needs their proportions.
    if rate == 1:
        return Quality(rate, usual.slowness, usual.failures, usual.fake)
    failures = (*_weighted(usual.failures, 1 - rate - lost), *_weighted(others, lost))
    return Quality(rate, usual.slowness, failures, usual.fake)


def _weighted(failures: Sequence[Failure], share: float) -> Iterator[Failure]:
    """Failures whose weights add up to a share."""
    of_all = sum(failure.weight for failure in failures)
    for failure in failures:
        yield failure._replace(weight=failure.weight / of_all * share)
