"""Worlds with planned incidents."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Final

from dlr_analytics.simulate.world.clocks import DAY, HOUR, MINUTE, to_time
from dlr_analytics.simulate.world.incidents import (
    BadPeriod,
    Campaign,
    Filtering,
    Incident,
    Outage,
    PriceChange,
    RateChange,
    ReceiverOutage,
    Silence,
    Slowdown,
)
from dlr_analytics.simulate.world.networks import NETWORKS, Failure, Network
from dlr_analytics.simulate.world.parameters import SENDERS, World
from dlr_analytics.simulate.world.traffic import Span

_FILTERED: Final = (Failure(9, "failed", 6, "seconds"), Failure(1, "failed", 1, "seconds"))
_BROKEN: Final = (Failure(4, "failed", 8, "minutes"), Failure(1, "expired", 1, "expiry"))
_SOME_DAYS: Final = 3
_SOME_WEEKS: Final = 14
"""Days of a span that has room for incidents of hours, and for incidents of days."""


def classic(span: Span, networks: tuple[Network, ...] = NETWORKS) -> World:
    """A world of four weeks or more: a bad period, a new price, a receiver outage."""
    return World(
        networks,
        incidents=(
            BadPeriod(
                begins=_next_hour(span.at(0.70)),
                ends=_next_hour(span.at(0.84)),
                network_codes=("26202",),
                rate=0.75,
                failures=_FILTERED,
            ),
            PriceChange(
                begins=to_time(span.at(0.55)), network_codes=("72402",), price="0.04912775"
            ),
            _receiver_outage(span, 0.39),
        ),
    )


def demonstrated(span: Span) -> World:
    """The world of ``dlr demo``: its report should find each of its incidents.

    A sender is filtered on all networks to the end, one network fails for two days, and one price
    rises by a seventh.
    """

    def days_before_the_end(days: int, hour: int = 0) -> dt.datetime:
        return max(to_time((span.ends // DAY - days) * DAY + hour * HOUR), to_time(span.begins))

    return World(
        senders=SENDERS,
        incidents=(
            _receiver_outage(span, 0.39),
            Filtering(begins=days_before_the_end(8, hour=9), sender="Acme Shop", share=0.8),
            BadPeriod(
                begins=days_before_the_end(12),
                ends=days_before_the_end(10),
                network_codes=("26202",),
                rate=0.23,
                failures=_BROKEN,
            ),
            PriceChange(
                begins=days_before_the_end(20, hour=9), network_codes=("20801",), price="0.06840000"
            ),
        ),
    )


def planned(messages: int, span: Span, rng: Random) -> World:
    """A world with three kinds of senders and eight incidents, fewer in short spans."""
    days = (span.ends - span.begins) // DAY
    incidents: list[Incident] = [_receiver_outage(span, 0.39)]
    if days >= _SOME_DAYS:
        incidents += _of_hours(messages, span, rng)
    if days >= _SOME_WEEKS:
        incidents += _of_days(span, rng)
    return World(senders=SENDERS, incidents=tuple(incidents))


def _receiver_outage(span: Span, share: float) -> ReceiverOutage:
    down = span.at(share)
    up = down + min(40 * MINUTE, (span.ends - span.begins) // 50)
    return ReceiverOutage(begins=to_time(down), ends=to_time(up))


def _of_hours(messages: int, span: Span, rng: Random) -> list[Incident]:
    """A network that halves, one that goes silent, and a campaign."""
    halves, silent, campaign = (_morning(span, share, rng) for share in (0.25, 0.5, 0.8))
    return [
        Outage(
            begins=halves,
            ends=halves + dt.timedelta(hours=rng.randrange(20, 36)),
            network_codes=(rng.choice(("23410", "23415", "26201")),),
            delivered=0.5,
        ),
        Silence(
            begins=silent,
            ends=silent + dt.timedelta(hours=rng.randrange(20, 36)),
            network_codes=("21407",),  # all its messages are in the send log
        ),
        Campaign(
            begins=campaign,
            ends=campaign + dt.timedelta(hours=3),
            network_codes=("26201", "26202"),
            sender="Acme Shop",
            name="sale",
            messages=messages * 3 // 100,
        ),
    ]


def _of_days(span: Span, rng: Random) -> list[Incident]:
    """A spell of filtering, a slow week, a lower rate and a new price."""
    filtered, slow = (_morning(span, share, rng) for share in (0.65, 0.35))
    return [
        Filtering(
            begins=filtered,
            ends=filtered + dt.timedelta(days=rng.randrange(3, 6)),
            network_codes=("26202",),
            sender="Acme Shop",
            share=0.8,
        ),
        Slowdown(begins=slow, ends=slow + dt.timedelta(days=7), network_codes=("23820",), factor=4),
        RateChange(begins=_morning(span, 0.55, rng), network_codes=("20801",), points=-5),
        PriceChange(begins=_morning(span, 0.6, rng), network_codes=("72402",), price="0.04912775"),
    ]


def _morning(span: Span, share: float, rng: Random) -> dt.datetime:
    """An hour from 8 to 12 UTC on the day at a share of the span or before it."""
    day = span.at(share) // DAY - (rng.random() < 0.5)
    return max(to_time(day * DAY), to_time(span.begins)) + dt.timedelta(hours=rng.randrange(8, 12))


def _next_hour(at: int) -> dt.datetime:
    return to_time(-(-at // HOUR) * HOUR)
