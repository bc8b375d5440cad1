"""Messages by day and what they have in common. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from dlr_analytics.analysis.studies.dips import Day

NETWORK: Final = "network_code"
SENDER: Final = "sender"
COUNTRY: Final = "country"

LEAST_MESSAGES: Final = 100
"""The fewest messages of a scope that is examined."""

Key = tuple[str | None, ...]
"""The values of some dimensions."""

Scope = tuple[tuple[str, str | None], ...]
"""The dimensions and values that all its messages have; of all messages, none."""


class Cell(NamedTuple):
    """The messages of a day with equal values, and how many were delivered."""

    day: int
    country: str | None
    network_code: str | None
    sender: str | None
    messages: int
    delivered: float
    own: tuple[str | None, ...] = ()
    """A value for each of the user's own dimensions."""


class HasValues(Protocol):
    """Messages that have all their values in common."""

    @property
    def own(self) -> tuple[str | None, ...]: ...


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What messages are divided by: places, senders, and the user's own dimensions.

    Examples
    --------
    >>> dimensions = Dimensions(("campaign",))
    >>> cell = Cell(1, "GB", "23410", "Acme", 100, 97.0, ("spring",))
    >>> [dimensions.value(cell, name) for name in dimensions.names]
    ['GB', '23410', 'Acme', 'spring']
    >>> dimensions.has(cell, (("network_code", "23410"), ("campaign", "autumn")))
    False
    """

    own: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """What a loss can be concentrated in."""
        return (NETWORK, SENDER, *self.own)

    @property
    def names(self) -> tuple[str, ...]:
        """All dimensions."""
        return (COUNTRY, *self.parts)

    def value(self, of: HasValues, name: str) -> str | None:
        """Return the value of messages in a dimension."""
        if name in self.own:
            return of.own[self.own.index(name)]
        value: str | None = getattr(of, name)
        return value

    def has(self, of: HasValues, scope: Scope) -> bool:
        """Return whether messages belong to a scope."""
        return all(self.value(of, name) == value for name, value in scope)

    def is_named(self, name: str, value: str | None) -> bool:
        """Return whether messages with this value have it in common.

        Messages without a sender, or of many that are not told apart, have not; nor have those
        without a value in an own dimension.
        """
        return value is not None or name in (COUNTRY, NETWORK)

    def divided(self, cells: Sequence[Cell]) -> Mapping[Scope, Sequence[Cell]]:
        """Return the cells of all messages, and of each value of each dimension."""
        found: dict[Scope, list[Cell]] = {(): list(cells)} if cells else {}
        for name in self.names:
            parts: dict[str | None, list[Cell]] = defaultdict(list)
            for cell in cells:
                parts[self.value(cell, name)].append(cell)
            found |= {
                ((name, value),): part
                for value, part in parts.items()
                if self.is_named(name, value)
            }
        return found

    def examined(self, cells: Sequence[Cell]) -> Mapping[Scope, Sequence[Cell]]:
        """Return the scopes that have enough messages, with their cells."""
        return {
            scope: part
            for scope, part in self.divided(cells).items()
            if sum(cell.messages for cell in part) >= LEAST_MESSAGES
        }


NO_OWN: Final = Dimensions()
"""Country, network and sender only."""


def days_of(cells: Iterable[Cell]) -> list[Day]:
    """Add up cells by day."""
    sums: dict[int, list[float]] = {}
    for cell in cells:
        both = sums.setdefault(cell.day, [0, 0.0])
        both[0] += cell.messages
        both[1] += cell.delivered
    return [Day(day, int(n), x) for day, (n, x) in sorted(sums.items()) if n]
