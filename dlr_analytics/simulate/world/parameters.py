"""Parameters of a world: networks, senders, variation and incidents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.simulate.world.incidents import Incident
from dlr_analytics.simulate.world.networks import NETWORKS, Network


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender of one kind of message; ``client_ref`` is ``PREFIX-NUMBER``.

    ``share`` is its weight in the traffic of an hour; with ``daytime`` it sends from 9 to 20 by
    the subscribers' clock only. Of its messages that do not reach the phone within
    :data:`PATIENCE_S`, the share ``repeats`` is sent once more, with the same reference; of those
    that reach it, the share ``converts`` is used, like a code that is entered.
    """

    name: str
    prefix: str
    share: float
    daytime: bool = False
    repeats: float = 0.0
    converts: float = 0.0


PATIENCE_S: Final = 45
"""Seconds that a user waits for a code before asking for another."""

SENDERS: Final = (
    Sender("Globex 2FA", "otp", 5, repeats=0.5, converts=0.9),
    Sender("AcmeInc", "order", 3),
    Sender("Acme Shop", "promo", 2, daytime=True),
)
"""One-time codes, notices about orders, and marketing."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How networks vary without any incident.

    ``days``, ``hours`` and ``drift`` (per week) are standard deviations of the log odds of
    delivery, each network by itself; ``persistence`` is the correlation of a day with the day
    before. One point at a rate of 96 % is about 0.26 in log odds, at 90 % 0.11. ``volume`` is the
    standard deviation of the logarithm of a day's volume.
    """

    days: float = 0.25
    hours: float = 0.0
    persistence: float = 0.0
    drift: float = 0.0
    volume: float = 0.12


STEADY: Final = Variation(days=0, volume=0)
"""No variation but chance and the course of the day and the week."""


@dataclass(frozen=True, slots=True)
class World:
    """A world; without incidents it is quiet.

    An incident of a network that it lacks is an error.

    Without ``senders`` the sender ID of each message is drawn from a list of names, without any
    relation to its ``client_ref``.

    Examples
    --------
    >>> import datetime as dt
    >>> from dlr_analytics.simulate import Outage, World, simulate
    >>> day = dt.datetime(2026, 11, 20)
    >>> outage = Outage(begins=day, ends=day + dt.timedelta(hours=4), network_codes=("23410",))
    >>> world = World(incidents=(outage,))
    >>> truth = simulate(1000, seed=1, end=dt.datetime(2026, 11, 23), world=world).truth
    >>> [(each.kind, each.size) for each in truth.incidents]
    [('outage', 0.5)]
    """

    networks: tuple[Network, ...] = NETWORKS
    senders: tuple[Sender, ...] = ()
    incidents: tuple[Incident, ...] = ()
    variation: Variation = Variation()

    def __post_init__(self) -> None:
        """Check that incidents affect networks of this world."""
        codes = {network.code for network in self.networks}
        for incident in self.incidents:
            if unknown := set(incident.network_codes) - codes:
                kind = type(incident).__name__
                raise UnreadableValue(
                    f"{kind}: network {min(unknown)} is not in this world", "give its networks"
                )
