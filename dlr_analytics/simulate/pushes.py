"""A message's receipts on their way: pushed, retried, repeated, late, and in any order."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from dlr_analytics.simulate.clocks import MINUTE, SECOND, UTC, to_time
from dlr_analytics.simulate.fates import Fate
from dlr_analytics.simulate.senders import Message
from dlr_analytics.simulate.traffic import Span

RETRY: Final = MINUTE
"""Vonage's older service tries again each minute."""

_BUFFERED: Final = 0.3
_UNHEARD_OF: Final = 0.3
_UNHEARD_WORDS: Final = ("enroute", "SKIPPED")
_LOST_ANSWER: Final = 0.006
_FAILED_FIRST: Final = 0.006
_FAILED_FOR_HOURS: Final = 0.0015
_SLOW_PUSH: Final = 0.02
_NO_SCTS: Final = 0.003
_ODD_SCTS: Final = 0.0007
_NO_CODE: Final = 0.002
_NO_PRICE: Final = 0.004


class Push(NamedTuple):
    """One receipt at the receiver's door; each repeat is a push of its own.

    ``pushed`` (a whole second) is what ``message-timestamp`` says, ``arrived`` when it is heard
    here, both in milliseconds of UTC; ``status`` is in Vonage's words, however it is spelled on
    the wire.
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
    """A message, what becomes of it, and all receipts that tell of it."""

    message: Message
    fate: Fate
    pushes: tuple[Push, ...]


class StatusReport(NamedTuple):
    """What the carrier, or Vonage itself, says of a message, and when."""

    status: str
    err_code: int
    at: int


def make_pushes(
    message: Message, fate: Fate, span: Span, rng: Random, *, smooth: bool = False
) -> Iterator[Push]:
    """All pushes of a message, repeats included, in no particular order of arrival.

    Where it goes ``smooth``, no attempt fails by chance. A message without a line in the send log
    is always announced by ``accepted``, as smoothly: else nobody could know of it.
    """
    has_network_code = rng.random() >= _NO_CODE
    for report in _reports(message, fate, rng):
        announces = report.status == "accepted" and not message.account.logged
        at_once = smooth or announces
        yield from _push(
            message, report, span, rng, at_once=at_once, has_network_code=has_network_code
        )


def _reports(message: Message, fate: Fate, rng: Random) -> Iterator[StatusReport]:
    network = message.network
    announced = not message.account.logged or (fate.heard and rng.random() < network.accepts)
    if announced:
        yield StatusReport("accepted", 0, message.sent + 200 + int(rng.random() * 1300))
    if fate.off and not network.messages_api and rng.random() < _BUFFERED:
        yield StatusReport(
            "buffered", 0, message.sent + 2 * SECOND + int(rng.random() * 30 * SECOND)
        )
    if fate.status is not None:
        if fate.status == "delivered" and rng.random() < network.retracts:
            yield StatusReport("failed", 99, message.sent + SECOND + int(rng.random() * SECOND))
        yield StatusReport(fate.status, fate.err_code, fate.at)
    elif fate.heard and network.final and not network.messages_api and rng.random() < _UNHEARD_OF:
        yield StatusReport(rng.choice(_UNHEARD_WORDS), 99, message.sent + 5 * SECOND)


def _push(
    message: Message,
    report: StatusReport,
    span: Span,
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
        has_price=_tells_price(message, report, rng),
    )
    delay = 0 if at_once else _failed_attempts(rng)
    push = push._replace(arrived=_after_outage(push.arrived + delay, span))
    yield push
    if rng.random() < _LOST_ANSWER:
        yield _repeat(push, span, rng)


def _tells_price(message: Message, report: StatusReport, rng: Random) -> bool:
    """A hand-over in the Messages API names no price; other receipts seldom leave it empty."""
    if message.network.messages_api and report.status == "accepted":
        return False
    return report.status in ("delivered", "failed") or rng.random() >= _NO_PRICE


def _repeat(push: Push, span: Span, rng: Random) -> Push:
    """The same receipt again, since its answer was lost; whether it keeps its time is not known."""
    arrived = _after_outage(push.arrived + RETRY, span)
    pushed = _second(arrived) if rng.random() < 0.5 else push.pushed
    return push._replace(arrived=arrived, pushed=pushed)


def _second(ms: int) -> int:
    return ms // SECOND * SECOND


def _failed_attempts(rng: Random) -> int:
    """By how long a push is late: a few fail at first, very few for hours."""
    draw = rng.random()
    if draw < _FAILED_FOR_HOURS:
        return RETRY * int(60 + rng.random() * 1200)
    if draw < _FAILED_FOR_HOURS + _FAILED_FIRST:
        return RETRY * int(1 + rng.random() * 3)
    return 0


def _after_outage(arrived: int, span: Span) -> int:
    """Once the receiver is down for a while: then the first attempt afterwards gets through."""
    down, up = outage(span)
    if down <= arrived < up:
        return arrived + -((arrived - up) // RETRY) * RETRY
    return arrived


def outage(span: Span) -> tuple[int, int]:
    """From when until when the receiver is down, in milliseconds of UTC."""
    down = span.at(0.39)
    return down, down + min(40 * MINUTE, (span.ends - span.begins) // 50)


def _scts(message: Message, report: StatusReport, rng: Random) -> str | None:
    """The carrier's minute. What Vonage says by itself is in UTC."""
    if message.network.messages_api:
        return None
    draw = rng.random()
    if draw < _NO_SCTS:
        return None
    if draw < _NO_SCTS + _ODD_SCTS:
        return rng.choice((str(report.at // SECOND), f"{to_time(report.at):%Y%m%d%H%M%S}"))
    clock = UTC if report.status in ("accepted", "buffered", "expired") else message.network.scts
    return f"{to_time(report.at + clock.offset_min(report.at) * MINUTE):%y%m%d%H%M}"
