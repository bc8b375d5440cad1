"""Find where and when fewer messages than usual were delivered. Pure functions.

Of all messages, of each country, network, sender and value of the user's own dimensions, the dips
of the rate are found (:mod:`dlr_analytics.analysis.studies.dips`). One incident shows in many of
these series: it is assigned to the scope that explains it, and its messages are left out before the
next one is sought.

A scope explains a dip if the loss is spread over it: if it is concentrated in some of its networks,
senders or own values, these explain it. A loss of a sender on one network only is assigned to both.
If no network and no sender has lost what the scope has, its traffic has moved to where less is
delivered, which is no incident. Own dimensions have no part in this: one that depends on how
messages ended, as a table of conversions does, would make every loss look like moved traffic. Nor
does a loss go unreported that is concentrated in own values which are no incidents themselves.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from dlr_analytics.analysis.studies.dips import Day, Dip, dips
from dlr_analytics.analysis.studies.incidents.cells import (
    COUNTRY,
    NETWORK,
    NO_OWN,
    SENDER,
    Cell,
    Dimensions,
    Key,
    Scope,
    days_of,
)
from dlr_analytics.analysis.studies.incidents.concentration import Losses

LEAST_LOST: Final = 10.0
"""The fewest lost messages of an incident."""

LEAST_STRENGTH: Final = 25.0
"""Of a single scope; for n scopes it is higher by 2 ln n."""

MOST_INCIDENTS: Final = 8


@dataclass(frozen=True, slots=True)
class Incident:
    """A dip in a scope; ``lost`` counts messages of the period only."""

    scope: Scope
    dip: Dip
    lost: float
    messages: int
    """Sent in the scope during the dip, in the period."""
    delivered: float

    def includes(self, cell: Cell, dimensions: Dimensions) -> bool:
        """Return whether the messages of a cell are part of it."""
        return self.dip.first <= cell.day <= self.dip.last and dimensions.has(cell, self.scope)

    def overlaps(self, other: Incident) -> bool:
        """Whether another is of the same scope and has a day in common."""
        return (
            self.scope == other.scope
            and self.dip.first <= other.dip.last
            and other.dip.first <= self.dip.last
        )


def incidents(cells: Sequence[Cell], since: int, dimensions: Dimensions = NO_OWN) -> list[Incident]:
    """Find incidents, those with most lost messages first.

    Parameters
    ----------
    cells : sequence of Cell
        The period, and what there is before it to tell what is usual.
    since : int
        The number of the first day of the period.
    dimensions : Dimensions
        What the cells have values of.

    Examples
    --------
    >>> bad = range(20, 25)
    >>> cells = [
    ...     Cell(day, "GB", network, "Acme", 100, 20 if network == "23415" and day in bad else 95)
    ...     for day in range(30) for network in ("23410", "23415")
    ... ]
    >>> (found,) = incidents(cells, since=0)
    >>> found.scope, found.dip.first, found.dip.last, round(found.lost)
    ((('network_code', '23415'),), 20, 24, 375)
    """
    found: list[Incident] = []
    left = list(cells)
    while len(found) < MOST_INCIDENTS:
        incident = _next(left, since, dimensions)
        if incident is None:
            break
        found.append(incident)
        left = [cell for cell in left if not incident.includes(cell, dimensions)]
    recomputed: list[Incident] = []
    for place, incident in enumerate(found):
        others = [
            other for other in (*recomputed, *found[place + 1 :]) if other.scope != incident.scope
        ]
        again = _recomputed(incident, others, cells, since, dimensions)
        # Two dips of a scope may have become one, which is an incident once.
        if again is not None and not any(again.overlaps(other) for other in recomputed):
            recomputed.append(again)
    return sorted(recomputed, key=lambda incident: -incident.lost)


def _recomputed(
    incident: Incident,
    others: Sequence[Incident],
    cells: Sequence[Cell],
    since: int,
    dimensions: Dimensions,
) -> Incident | None:
    """Compute an incident from the messages that are of no other.

    None if its scope has no incident on these days then, else the largest.
    """
    inside = [
        cell
        for cell in cells
        if dimensions.has(cell, incident.scope)
        and not any(other.includes(cell, dimensions) for other in others)
    ]
    found = _incidents_of(incident.scope, days_of(inside), since, LEAST_STRENGTH)
    overlapping = (each for each in found if each.overlaps(incident))
    return max(overlapping, key=lambda each: each.lost, default=None)


def _next(cells: Sequence[Cell], since: int, dimensions: Dimensions) -> Incident | None:
    """Return the next incident to report; None if nothing is left to report.

    It is the one with most lost messages whose scope explains it. Without such a one, it is one of
    a network, sender or own value together with another value that it is concentrated in; else the
    largest that is concentrated in own values only.
    """
    examined = dimensions.examined(cells)
    least = LEAST_STRENGTH + 2 * math.log(max(1, len(examined)))
    candidates = [
        incident
        for scope, part in examined.items()
        for incident in _incidents_of(scope, days_of(part), since, least)
    ]
    # Where a country has one network only, it is that network's.
    candidates.sort(key=lambda incident: (-incident.lost, COUNTRY in dict(incident.scope)))
    combined: Scope | None = None
    whole: Incident | None = None
    for incident in candidates:
        inside = examined[incident.scope]
        names = [name for name in dimensions.parts if name not in dict(incident.scope)]
        losses = {name: Losses.by(inside, incident.dip, dimensions, name) for name in names}
        if any(losses[name].is_mix_shift for name in (NETWORK, SENDER) if name in losses):
            continue
        concentrated = _concentrated(losses, dimensions)
        if not concentrated:
            if _is_even(incident, inside, names, dimensions):
                return incident
            continue
        if whole is None and {*concentrated} <= {*dimensions.own}:
            whole = incident
        if combined is None:
            combined = _combined(incident.scope, losses, concentrated, dimensions)
    if combined is None:
        return whole
    days = days_of([cell for cell in cells if dimensions.has(cell, combined)])
    found = _incidents_of(combined, days, since, least)
    return max(found, key=lambda incident: incident.lost, default=whole)


def _incidents_of(
    scope: Scope, days: Sequence[Day], since: int, least: float
) -> Iterator[Incident]:
    """The dips of a scope that are firm enough and of the period."""
    for dip in dips(days):
        inside = [day for day in days if max(dip.first, since) <= day.number <= dip.last]
        messages = sum(day.messages for day in inside)
        delivered = sum(day.delivered for day in inside)
        lost = dip.usual * messages - delivered
        if dip.strength >= least and lost >= LEAST_LOST:
            yield Incident(scope, dip, lost, messages, delivered)


def _is_even(
    incident: Incident, inside: Sequence[Cell], names: Sequence[str], dimensions: Dimensions
) -> bool:
    """Whether a loss is spread over its parts, by two dimensions at a time.

    An own dimension that depends on how messages ended says nothing about it.
    """
    for pair in combinations(names, 2):
        losses = Losses.by(inside, incident.dip, dimensions, *pair)
        depends = bool({*pair} & {*dimensions.own}) and losses.is_mix_shift
        if not depends and not losses.is_even:
            return False
    return True


def _concentrated(
    losses: Mapping[str, Losses], dimensions: Dimensions
) -> Mapping[str, Collection[Key]]:
    """Return the values that a loss is concentrated in, by dimension.

    Dimensions are left out in which not all of these values can be named.
    """
    found = {name: lost.concentrated() for name, lost in losses.items()}
    return {
        name: keys
        for name, keys in found.items()
        if keys and all(dimensions.is_named(name, value) for (value,) in keys)
    }


def _combined(
    scope: Scope,
    losses: Mapping[str, Losses],
    concentrated: Mapping[str, Collection[Key]],
    dimensions: Dimensions,
) -> Scope | None:
    """Return a scope together with the only value that has lost in it.

    As a network and a sender. Of several dimensions with such a value, the one with fewest
    messages: they are all of the loss. None if there is no such value, or if the scope is no single
    network, sender or own value.
    """
    if len(scope) != 1 or scope[0][0] not in dimensions.parts:
        return None
    single = [
        (losses[name].of[key].messages, name, key[0])
        for name, keys in concentrated.items()
        if len(keys) == 1
        for key in keys
    ]
    if not single:
        return None
    _, name, value = min(single, key=lambda each: each[0])
    both = (*scope, (name, value))
    return tuple(sorted(both, key=lambda part: dimensions.names.index(part[0])))
