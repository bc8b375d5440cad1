"""Which rows of a long table are shown: those that matter, and one with the sum of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dlr_analytics.report.model import Country, Place, Report, Tally
from dlr_analytics.vocabulary import OUTCOMES

MOST_ROWS: Final = 40
"""A table of up to so many networks is shown whole; a longer one shows at most as many."""

SHARE_LISTED: Final = 0.01
"""In a longer one, a network is shown that has at least this share of the undelivered."""


@dataclass(frozen=True, slots=True)
class Rest:
    """So many networks or countries in one row: their counts, and the rate these make."""

    count: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Group:
    """A country's rows: itself, its networks that are shown, and the rest of them.

    Where none is shown, the country's row stands for all ``count`` of them, and there is no rest.
    """

    whole: Place
    count: int
    networks: tuple[Place, ...]
    rest: Rest | None


@dataclass(frozen=True, slots=True)
class Folded:
    """The table's groups, and the countries beyond them."""

    groups: tuple[Group, ...]
    rest: Rest | None

    @property
    def whole(self) -> bool:
        """Whether every network has a row."""
        shown = sum(max(len(group.networks), group.count == 1) for group in self.groups)
        return self.rest is None and shown == sum(group.count for group in self.groups)


def fold(report: Report) -> Folded:
    """Choose the rows.

    A country with one network is one row: its group has no rows beneath it.
    """
    shown = _shown(report)
    groups = tuple(_group(country, shown) for country in report.countries[:MOST_ROWS])
    beyond = [country.whole for country in report.countries[MOST_ROWS:]]
    return Folded(groups, _rest(beyond))


def _shown(report: Report) -> frozenset[Place]:
    places = sorted(report.networks, key=lambda place: -place.tally.undelivered)
    if len(places) > MOST_ROWS:
        least = SHARE_LISTED * report.tally.undelivered
        places = [place for place in places if place.tally.undelivered >= least]
    return frozenset(places[:MOST_ROWS])


def _group(country: Country, shown: frozenset[Place]) -> Group:
    count = len(country.networks)
    kept = tuple(place for place in country.networks if place in shown)
    if count == 1 or not kept:
        return Group(country.whole, count, (), None)
    rest = [place for place in country.networks if place not in shown]
    return Group(country.whole, count, kept, _rest(rest))


def _rest(places: list[Place]) -> Rest | None:
    return Rest(len(places), combined([place.tally for place in places])) if places else None


def combined(tallies: list[Tally]) -> Tally:
    """The sum of tallies; its rate is exact, as rates are means over messages. No interval."""
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
