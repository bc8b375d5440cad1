"""Pushes of a message: the attempts to deliver its receipts to the receiver."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from dlr_analytics.simulate.world.clocks import MINUTE, SECOND, UTC, to_time
from dlr_analytics.simulate.world.conditions import RETRY, Conditions
from dlr_analytics.simulate.world.fates import Fate
from dlr_analytics.simulate.world.senders import Message

_BUFFERED: Final = 0.3
_UNDOCUMENTED: Final = 0.3
_UNDOCUMENTED_STATUSES: Final = ("enroute", "SKIPPED")
_LOST_ANSWER: Final = 0.006
_FAILED_FIRST: Final = 0.006
_FAILED_FOR_HOURS: Final = 0.0015
_SLOW_PUSH: Final = 0.02
_NO_SCTS: Final = 0.003
_ODD_SCTS: Final = 0.0007
_NO_CODE: Final = 0.002
_NO_PRICE: Final = 0.004


class Push(NamedTuple):
    """One receipt as it arrives; each repetition is a push of its own.

    ``pushed`` (a whole second) is the ``message-timestamp``, ``arrived`` the time of arrival, both
    in milliseconds of UTC; ``status`` is in Vonage's spelling, whatever the wire has.
    """

    arrived: int
    message: Message
    status: str
    err_code: int
    scts: str | None
    pushed: int
    has_network_code: bool = True
    has_price: bool = True


class Story(NamedTuple):
    """A message, its fate, and all its receipts."""

    message: Message
    fate: Fate
    pushes: tuple[Push, ...]


class StatusReport(NamedTuple):
    """A status of a message, reported by the carrier or by Vonage at a time."""

    status: str
    err_code: int
    at: int


def make_pushes(
    message: Message, fate: Fate, conditions: Conditions, rng: Random, *, smooth: bool = False
) -> Iterator[Push]:
    """Make all pushes of a message, repetitions included, in no particular order.

    With ``smooth`` no attempt fails. A message without a line in the send log always has an
    ``accepted`` receipt whose push does not fail: else the message would be unknown. It is lost
    like all others only while its network is silent.
    """
    has_network_code = rng.random() >= _NO_CODE
    for report in _reports(message, fate, rng):
        announces = report.status == "accepted" and not message.account.logged
        at_once = smooth or announces
        for push in _push(
            message, report, conditions, rng, at_once=at_once, has_network_code=has_network_code
        ):
            if not conditions.is_silent(message.network.code, message.sender, push.arrived):
                yield push


def _reports(message: Message, fate: Fate, rng: Random) -> Iterator[StatusReport]:
    network = message.network
    announced = not message.account.logged or (fate.reported and rng.random() < network.accepts)
    if announced:
        yield StatusReport("accepted", 0, message.sent + 200 + int(rng.random() * 1300))
    if fate.off and not network.messages_api and rng.random() < _BUFFERED:
        yield StatusReport(
            "buffered", 0, message.sent + 2 * SECOND + int(rng.random() * 30 * SECOND)
        )
    if fate.status is not None:
        if fate.status == "delivered" and rng.random() < network.retracted:
            yield StatusReport("failed", 99, message.sent + SECOND + int(rng.random() * SECOND))
        yield StatusReport(fate.status, fate.err_code, fate.at)
    elif (
        fate.reported
        and network.final
        and not network.messages_api
        and rng.random() < _UNDOCUMENTED
    ):
        yield StatusReport(rng.choice(_UNDOCUMENTED_STATUSES), 99, message.sent + 5 * SECOND)


def _push(
    message: Message,
    report: StatusReport,
    conditions: Conditions,
    rng: Random,
    *,
    at_once: bool,
    has_network_code: bool,
) -> Iterator[Push]:
    pushed = report.at + 100 + round(rng.expovariate(1 / 500))
    if rng.random() < _SLOW_PUSH:
        pushed += int(rng.random() * 50 * SECOND)
    push = Push(
        arrived=pushed + 30 + int(rng.random() * 300),
        message=message,
        status=report.status,
        err_code=report.err_code,
        scts=_scts(message, report, rng),
        pushed=_second(pushed),
        has_network_code=has_network_code,
        has_price=_has_price(message, report, rng),
    )
    delay = 0 if at_once else _failed_attempts(rng)
    push = push._replace(arrived=conditions.arrival(push.arrived + delay))
    yield push
    if rng.random() < _LOST_ANSWER:
        yield _repeat(push, conditions, rng)


def _has_price(message: Message, report: StatusReport, rng: Random) -> bool:
    """Draw whether a receipt has a price: ``accepted`` in the Messages API never has."""
    if message.network.messages_api and report.status == "accepted":
        return False
    return report.status in ("delivered", "failed") or rng.random() >= _NO_PRICE


def _repeat(push: Push, conditions: Conditions, rng: Random) -> Push:
    """Repeat a push whose answer was lost; with its time or a new one, at random."""
    arrived = conditions.arrival(push.arrived + RETRY)
    pushed = _second(arrived) if rng.random() < 0.5 else push.pushed
    return push._replace(arrived=arrived, pushed=pushed)


def _second(ms: int) -> int:
    return ms // SECOND * SECOND


def _failed_attempts(rng: Random) -> int:
    """Draw the delay by failed attempts: a few fail at first, very few for hours."""
    draw = rng.random()
    if draw < _FAILED_FOR_HOURS:
        return RETRY * int(60 + rng.random() * 1200)
    if draw < _FAILED_FOR_HOURS + _FAILED_FIRST:
        return RETRY * int(1 + rng.random() * 3)
    return 0


def _scts(message: Message, report: StatusReport, rng: Random) -> str | None:
    """The carrier's time in its own zone; in UTC for statuses by Vonage itself."""
    if message.network.messages_api:
        return None
    draw = rng.random()
    if draw < _NO_SCTS:
        return None
    if draw < _NO_SCTS + _ODD_SCTS:
        return rng.choice((str(report.at // SECOND), f"{to_time(report.at):%Y%m%d%H%M%S}"))
    clock = UTC if report.status in ("accepted", "buffered", "expired") else message.network.scts
    return f"{to_time(report.at + clock.offset_min(report.at) * MINUTE):%y%m%d%H%M}"
