"""Incidents of a world: what happens from when to when, to whom, how much.

All are independent of chance: the same incident means the same in the simulation of single
messages (:mod:`~dlr_analytics.simulate.world.conditions`) and in rows drawn in bulk.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from dlr_analytics.simulate.world.networks import Failure

FOREVER: Final = dt.datetime(9999, 1, 1)

UNREACHABLE: Final = (Failure(1, "failed", 2, "minutes"), Failure(1, "expired", 1, "expiry"))
"""How the messages end that an outage prevents from being delivered."""

REFUSED: Final = (
    Failure(4, "failed", 6, "seconds"),
    Failure(2, "rejected", 50, "seconds"),
    Failure(2, "rejected", 51, "seconds"),
    Failure(1, "rejected", 52, "seconds"),
    Failure(1, "rejected", 53, "seconds"),
    Failure(1, "rejected", 54, "seconds"),
)
"""How the messages end that a network filters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that happens in a world.

    It lasts from ``begins`` until before ``ends``, naive UTC.
    ``network_codes`` are the networks that it affects, none for all; ``sender`` is the sender ID
    that it affects, None for all.
    """

    begins: dt.datetime
    ends: dt.datetime = FOREVER
    network_codes: tuple[str, ...] = ()
    sender: str | None = None

    @property
    def size(self) -> float:
        """How much it changes; each kind says what is counted."""
        return 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(Incident):
    """Only the share ``delivered`` of the deliveries remains."""

    delivered: float = 0.5

    @property
    def size(self) -> float:
        """Share of the deliveries that remains."""
        return self.delivered


@dataclass(frozen=True, slots=True, kw_only=True)
class BadPeriod(Incident):
    """Delivery at a constant ``rate``; the others end by ``failures``."""

    rate: float
    failures: tuple[Failure, ...]

    @property
    def size(self) -> float:
        """The rate."""
        return self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange(Incident):
    """The delivery rate is higher by ``points``, in per cent; negative: lower."""

    points: float

    @property
    def size(self) -> float:
        """The change as a share."""
        return self.points / 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtering(Incident):
    """A ``share`` of the messages is refused with err-codes 6 and 50 to 54."""

    share: float = 0.5

    @property
    def size(self) -> float:
        """The share."""
        return self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeReceipts(Incident):
    """A ``share`` of what is not delivered is reported as delivered at once."""

    share: float = 0.5

    @property
    def size(self) -> float:
        """The share."""
        return self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowdown(Incident):
    """Prompt deliveries take ``factor`` times as long."""

    factor: float = 3.0

    @property
    def size(self) -> float:
        """The factor."""
        return self.factor


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange(Incident):
    """Messages sent from ``begins`` on cost ``price``."""

    price: str

    @property
    def size(self) -> float:
        """The new price."""
        return float(self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeChange(Incident):
    """The traffic of hours that begin meanwhile is ``factor`` times as large."""

    factor: float

    @property
    def size(self) -> float:
        """The factor."""
        return self.factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Incident):
    """A number of ``messages`` from ``sender``, evenly in time.

    They come besides the usual traffic, and are among the messages that the simulation is asked
    for. ``client_ref`` is ``promo-NAME-NUMBER``.
    """

    name: str
    messages: int

    @property
    def size(self) -> float:
        """Number of messages."""
        return self.messages

    @property
    def prefix(self) -> str:
        """Begin of the ``client_ref`` of its messages."""
        return f"promo-{self.name}-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Incident):
    """No receipt is pushed meanwhile, and none of them comes later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverOutage(Incident):
    """The receiver does not answer meanwhile; Vonage pushes again after it."""
