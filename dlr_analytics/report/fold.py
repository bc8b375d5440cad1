"""Fold a long table of networks into the rows that matter and sums of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dlr_analytics.report.model import Country, Place, Report, Tally
from dlr_analytics.vocabulary import OUTCOMES

MOST_ROWS: Final = 40
"""The most networks with rows of their own; up to as many, nothing is folded."""

SHARE_LISTED: Final = 0.01
"""In a longer table, a network needs this share of the undelivered messages for a row."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The sum of several networks or countries in one row."""

    count: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of a country: itself, some of its networks, and the rest.

    Where no network has a row, that of the country represents all ``count`` and there is no rest.
    """

    whole: Place
    count: int
    networks: tuple[Place, ...]
    rest: Rest | None


@dataclass(frozen=True, slots=True)
class Folded:
    """The groups of the table, and the sum of the countries beyond them."""

    groups: tuple[Group, ...]
    rest: Rest | None

    @property
    def whole(self) -> bool:
        """Whether every network has a row."""
        listed = sum(max(len(group.networks), group.count == 1) for group in self.groups)
        return self.rest is None and listed == sum(group.count for group in self.groups)


def fold(report: Report) -> Folded:
    """Select the rows.

    A country with one network is one row: its group has no rows of networks.
    """
    listed = _listed(report)
    groups = tuple(_group(country, listed) for country in report.countries[:MOST_ROWS])
    beyond = [country.whole for country in report.countries[MOST_ROWS:]]
    return Folded(groups, _rest(beyond))


def _listed(report: Report) -> frozenset[Place]:
    places = sorted(report.networks, key=lambda place: -place.tally.undelivered)
    if len(places) > MOST_ROWS:
        least = SHARE_LISTED * report.tally.undelivered
        places = [place for place in places if place.tally.undelivered >= least]
    return frozenset(places[:MOST_ROWS])


def _group(country: Country, listed: frozenset[Place]) -> Group:
    count = len(country.networks)
    networks = tuple(place for place in country.networks if place in listed)
    if count == 1 or not networks:
        return Group(country.whole, count, (), None)
    rest = [place for place in country.networks if place not in listed]
    return Group(country.whole, count, networks, _rest(rest))


def _rest(places: list[Place]) -> Rest | None:
    return Rest(len(places), combined([place.tally for place in places])) if places else None


def combined(tallies: list[Tally]) -> Tally:
    """Add tallies; the rate is exact, since rates are means over messages.

    The sum has no interval.
    """
    messages = sum(t.messages for t in tallies)
    ended = {outcome: sum(getattr(t, outcome) for t in tallies) for outcome in OUTCOMES}
    known = [t.rate * t.messages for t in tallies if t.rate is not None]
    confirmed, possible = ended["delivered"], ended["delivered"] + ended["pending"]
    return Tally(
        messages=messages,
        **ended,
        rate=sum(known) / messages if messages and len(known) == len(tallies) else None,
        low=None,
        high=None,
        floor=confirmed / messages if messages else None,
        best=possible / messages if messages else None,
    )
