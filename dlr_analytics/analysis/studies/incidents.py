"""Find where and when fewer messages than usual were delivered. Pure functions.

Of all messages, of each country, network and sender, the dips of the rate are found
(:mod:`dlr_analytics.analysis.studies.dips`). One incident shows in many of these series: it is
assigned to the scope that explains it, and its messages are left out before the next one is sought.

A scope explains a dip if the loss is spread over it: if it is concentrated in some of its networks
or senders, these explain it. A loss of a sender on one network only is assigned to both. If no
network and no sender has lost what the scope has, its traffic has moved to where less is delivered,
which is no incident.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dlr_analytics.analysis.studies.dips import Day, Dip, dips

PARTS: Final = ("network_code", "sender")
"""What a loss can be concentrated in."""

DIMENSIONS: Final = ("country", *PARTS)

LEAST_MESSAGES: Final = 100
"""The fewest messages of a scope that is examined."""

LEAST_LOST: Final = 10.0
"""The fewest lost messages of an incident."""

LEAST_STRENGTH: Final = 25.0
"""Of a single scope; for n scopes it is higher by 2 ln n."""

MOST_INCIDENTS: Final = 8

_MOST_OF: Final = 0.8
"""The share of a loss that its parts have where it is concentrated in them."""

_ELSEWHERE: Final = 0.25
"""The most that any other message has lost then, as a share of what a message of theirs has."""

_OWN: Final = 0.5
"""The least share of a loss that is the parts' own."""

_ALIKE: Final = 0.6
"""The least share of a country's messages, or of all, that have lost alike."""

Key = tuple[str | None, ...]
"""The values of some dimensions."""

Scope = tuple[tuple[str, str | None], ...]
"""The dimensions and values that all its messages have; of all messages, none."""


class Cell(NamedTuple):
    """The messages of a day, network and sender, and how many were delivered."""

    day: int
    country: str | None
    network_code: str | None
    sender: str | None
    messages: int
    delivered: float


@dataclass(frozen=True, slots=True)
class Incident:
    """A dip in a scope; ``lost`` counts messages of the period only."""

    scope: Scope
    dip: Dip
    lost: float
    messages: int
    """Sent in the scope during the dip, in the period."""
    delivered: float


def incidents(cells: Sequence[Cell], since: int) -> list[Incident]:
    """Find incidents, those with most lost messages first.

    Parameters
    ----------
    cells : sequence of Cell
        The period, and what there is before it to tell what is usual.
    since : int
        The number of the first day of the period.

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
        incident = _next(left, since)
        if incident is None:
            break
        found.append(incident)
        left = [cell for cell in left if not _is_of(cell, incident)]
    for incident in list(found):
        others = [other for other in found if other.scope != incident.scope]
        place = found.index(incident)
        found[place : place + 1] = _again(incident, others, cells, since)
    return sorted(found, key=lambda incident: -incident.lost)


def value_of(cell: Cell, dimension: str) -> str | None:
    """Return the country, network or sender of a cell."""
    value: str | None = getattr(cell, dimension)
    return value


def within(cell: Cell, scope: Scope) -> bool:
    """Return whether the messages of a cell belong to a scope."""
    return all(value_of(cell, dimension) == value for dimension, value in scope)


def examined(cells: Sequence[Cell]) -> list[Scope]:
    """Return the scopes that have enough messages, those with several first."""
    return [scope for scope, days in _series(cells).items() if _is_enough(days)]


def _is_of(cell: Cell, incident: Incident) -> bool:
    dip = incident.dip
    return dip.first <= cell.day <= dip.last and within(cell, incident.scope)


def _again(
    incident: Incident, others: Sequence[Incident], cells: Sequence[Cell], since: int
) -> list[Incident]:
    """Find an incident once more, if it is left without messages of the others."""
    inside = [
        cell
        for cell in cells
        if within(cell, incident.scope) and not any(_is_of(cell, other) for other in others)
    ]
    days = _series(inside).get((), [])
    again = [
        each
        for each in _incidents_of(incident.scope, days, since, LEAST_STRENGTH)
        if each.dip.first <= incident.dip.last and incident.dip.first <= each.dip.last
    ]
    return sorted(again, key=lambda each: -each.lost)[:1]


def _next(cells: Sequence[Cell], since: int) -> Incident | None:
    """The largest incident that its scope explains."""
    of_scopes = {scope: days for scope, days in _series(cells).items() if _is_enough(days)}
    least = LEAST_STRENGTH + 2 * math.log(max(1, len(of_scopes)))
    candidates = [
        incident
        for scope, days in of_scopes.items()
        for incident in _incidents_of(scope, days, since, least)
    ]
    # Where a country has one network only, it is that network's.
    candidates.sort(key=lambda incident: (-incident.lost, _is_of_country(incident.scope)))
    both: Scope | None = None
    for incident in candidates:
        inside = [cell for cell in cells if within(cell, incident.scope)]
        others = [name for name in PARTS if name not in dict(incident.scope)]
        losses = {name: _losses(inside, incident.dip, name) for name in others}
        if any(_is_mix(lost, incident) for lost in losses.values()):
            continue
        if others == list(PARTS) and not _is_even(inside, incident.dip):
            continue
        parts = {name: _concentrated(lost) for name, lost in losses.items()}
        if not any(parts.values()):
            return incident
        if both is None:
            both = _combined(incident.scope, parts)
    if both is None:
        return None
    days = _series([cell for cell in cells if within(cell, both)])[()]
    again = _incidents_of(both, days, since, least)
    return max(again, key=lambda incident: incident.lost, default=None)


def _is_of_country(scope: Scope) -> bool:
    return "country" in dict(scope)


def _series(cells: Sequence[Cell]) -> dict[Scope, list[Day]]:
    """The days of all messages, and of each country, network and sender."""
    sums: dict[Scope, dict[int, list[float]]] = defaultdict(dict)
    for cell in cells:
        parts = ((name, value_of(cell, name)) for name in DIMENSIONS)
        # Messages without a sender, or of many that are not told apart, are of no one.
        scopes: list[Scope] = [(), *((part,) for part in parts if part != ("sender", None))]
        for scope in scopes:
            both = sums[scope].setdefault(cell.day, [0, 0.0])
            both[0] += cell.messages
            both[1] += cell.delivered
    return {
        scope: [Day(day, int(n), x) for day, (n, x) in sorted(days.items()) if n]
        for scope, days in sums.items()
    }


def _is_enough(days: Sequence[Day]) -> bool:
    return sum(day.messages for day in days) >= LEAST_MESSAGES


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


class _Loss(NamedTuple):
    messages: int
    lost: float


def _is_even(inside: Sequence[Cell], dip: Dip) -> bool:
    """Whether most messages are of networks and senders that have lost alike.

    Two incidents at a time, of a network and of a sender, have losses everywhere, but not so.
    """
    losses = _losses(inside, dip, *PARTS).values()
    messages = sum(loss.messages for loss in losses)
    average = sum(loss.lost for loss in losses) / messages
    alike = sum(loss.messages for loss in losses if loss.lost >= average / 2 * loss.messages)
    return alike >= _ALIKE * messages


def _losses(inside: Sequence[Cell], dip: Dip, *dimensions: str) -> dict[Key, _Loss]:
    """What each part of a scope has lost in a dip, against its own usual rate."""
    now: dict[Key, list[float]] = defaultdict(lambda: [0, 0.0])
    before: dict[Key, list[float]] = defaultdict(lambda: [0, 0.0])
    for cell in inside:
        sums = now if dip.first <= cell.day <= dip.last else before
        both = sums[tuple(value_of(cell, name) for name in dimensions)]
        both[0] += cell.messages
        both[1] += cell.delivered
    found = {}
    for key, (messages, delivered) in now.items():
        n, x = before.get(key, (0, 0.0))
        usual = x / n if n else dip.usual
        found[key] = _Loss(int(messages), usual * messages - delivered)
    return found


def _is_mix(losses: Mapping[Key, _Loss], incident: Incident) -> bool:
    """Whether the parts have not lost what the whole has."""
    dip = incident.dip
    own = sum(loss.lost for loss in losses.values())
    return own < _OWN * (dip.usual * dip.messages - dip.delivered)


def _concentrated(losses: Mapping[Key, _Loss]) -> Collection[Key]:
    """The fewest parts with most of the loss, if all others have lost little."""
    ordered = sorted(losses, key=lambda value: -losses[value].lost)
    total = sum(max(0.0, loss.lost) for loss in losses.values())
    chosen: list[Key] = []
    lost, messages = 0.0, 0
    for value in ordered:
        if lost >= _MOST_OF * total:
            break
        chosen.append(value)
        lost += losses[value].lost
        messages += losses[value].messages
    others = [losses[value] for value in ordered[len(chosen) :]]
    rest = sum(loss.messages for loss in others)
    if not rest or not messages:
        return ()
    elsewhere = sum(loss.lost for loss in others) / rest
    return chosen if elsewhere < _ELSEWHERE * lost / messages else ()


def _combined(scope: Scope, parts: Mapping[str, Collection[Key]]) -> Scope | None:
    """A network and its only sender that lost, or a sender and its only network."""
    if len(scope) != 1 or scope[0][0] not in PARTS:
        return None
    for dimension, values in parts.items():
        if len(values) == 1:
            ((value,),) = values
            if value is None and dimension == "sender":
                continue  # none, or one of the many small ones: no sender to name
            return tuple(sorted((*scope, (dimension, value))))
    return None
