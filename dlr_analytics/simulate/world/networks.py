"""The table of simulated networks: real codes, invented behaviour.

Rates, delays and prices resemble real ones; none is measured. This table alone defines how a
network behaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Final, Literal, NamedTuple

from dlr_analytics.simulate.world.clocks import UTC, Clock

When = Literal["seconds", "minutes", "hours", "expiry"]
"""Delay of a failure after sending; ``expiry`` is Vonage's own time-out after 72 h."""


class Failure(NamedTuple):
    """A kind of failure, and its weight among the failures of a network."""

    weight: float
    status: str
    err_code: int
    when: When


_COMMON: Final = (
    Failure(3, "failed", 1, "seconds"),
    Failure(1, "failed", 2, "hours"),
    Failure(2, "failed", 3, "minutes"),
    Failure(1, "failed", 6, "seconds"),
    Failure(1, "failed", 8, "minutes"),
    Failure(1, "failed", 9, "seconds"),
    Failure(1, "failed", 12, "seconds"),
    Failure(1, "failed", 99, "minutes"),
    Failure(1, "rejected", 5, "seconds"),
    Failure(0.5, "unknown", 1, "minutes"),
    Failure(3, "expired", 1, "expiry"),
)
_INDIA: Final = (
    Failure(3, "rejected", 50, "seconds"),
    Failure(3, "rejected", 51, "seconds"),
    Failure(2, "rejected", 52, "seconds"),
    Failure(1, "rejected", 54, "seconds"),
    *_COMMON,
)
_TIMED_OUT: Final = (Failure(60, "expired", 1, "expiry"), *_COMMON)
_PREPAID: Final = (
    Failure(5, "failed", 15, "minutes"),
    Failure(3, "failed", 7, "minutes"),
    *_COMMON,
)
_MESSAGES_API: Final = (
    Failure(4, "rejected", 1, "seconds"),
    Failure(3, "rejected", 1, "expiry"),
    Failure(2, "failed", 12, "minutes"),
)


@dataclass(frozen=True, slots=True)
class Network:
    """A carrier's network and its behaviour.

    ``share`` is its weight in the traffic; ``rate`` the share delivered of the messages with a
    final status; ``silent`` the share without one; ``accepts`` the share with an ``accepted``
    receipt. Delivery takes ``median_s`` seconds (log-normal with ``spread``), except for the share
    ``off`` of phones that are switched off for hours. ``local_clock`` is the local time of its
    subscribers, ``scts`` the clock of its receipts.
    """

    code: str
    share: float
    price: str
    rate: float
    median_s: float
    local_clock: Clock
    _: KW_ONLY
    scts: Clock = UTC
    spread: float = 0.6
    off: float = 0.03
    silent: float = 0.006
    accepts: float = 0.5
    failures: tuple[Failure, ...] = _COMMON
    numbers: str = "gb"
    final: bool = True
    messages_api: bool = False
    spellings: Mapping[str, str] = field(default_factory=dict)
    retracted: float = 0.0


_LONDON: Final = Clock(0, summer_time=True)
_PARIS: Final = Clock(60, summer_time=True)
_LAGOS: Final = Clock(60)
_ISTANBUL: Final = Clock(180)
_DELHI: Final = Clock(330)
_MANILA: Final = Clock(480)
_CHICAGO: Final = Clock(-360)
_BRASILIA: Final = Clock(-180)
_SMPP: Final = {"delivered": "DELIVRD", "failed": "UNDELIV", "expired": "EXPIRED"}

NETWORKS: Final = (
    Network("23410", 13, "0.03330000", 0.976, 4.0, _LONDON, scts=_LONDON),
    Network("23415", 11, "0.03330000", 0.968, 5.5, _LONDON),
    Network("26201", 12, "0.06784510", 0.974, 3.5, _PARIS, accepts=0.2),
    Network("26202", 12, "0.07251235", 0.962, 4.5, _PARIS, scts=_PARIS),
    Network("20801", 9, "0.05980000", 0.965, 6.0, _PARIS, scts=_PARIS, numbers="fr"),
    Network("310260", 8, "0.00721480", 0.951, 3.0, _CHICAGO, accepts=1, numbers="us"),
    Network("310410", 4, "0.00695320", 1.0, 3.0, _CHICAGO, accepts=1, numbers="us", final=False),
    Network("72402", 6, "0.04316800", 0.926, 9.0, _BRASILIA, scts=Clock(-300)),
    Network("40445", 6, "0.03254417", 0.912, 8.0, _DELHI, scts=_DELHI, failures=_INDIA),
    Network(
        "62130",
        5,
        "0.10751999",
        0.903,
        14.0,
        _LAGOS,
        off=0.08,
        failures=_PREPAID,
        spellings=_SMPP,
        retracted=0.01,
    ),
    Network("28603", 4, "0.01843350", 0.957, 6.5, _ISTANBUL),
    Network("23820", 4, "0.03958000", 0.982, 3.0, _PARIS, scts=_PARIS),
    Network(
        "21407", 5, "0.06229901", 0.964, 5.0, _PARIS, failures=_MESSAGES_API, messages_api=True
    ),
    Network("51503", 4, "0.12356000", 0.815, 10.0, _MANILA, scts=_MANILA, failures=_TIMED_OUT),
)
"""United Kingdom, Germany, France, United States, Brazil, India, Nigeria, Turkey, Denmark, Spain
and the Philippines. 310410 stops at ``accepted``, as US long codes do; 21407 uses the Messages API;
62130 an SMPP gateway with its own spelling of statuses, which sometimes retracts a failure; at
51503 many messages expire."""
