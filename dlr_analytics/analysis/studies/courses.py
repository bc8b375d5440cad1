"""Hourly counts of messages, and their sums between hours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour with messages.

    ``hour`` counts from 1970; ``day`` is any number of the day that it belongs to. ``delivered``
    is a sum of probabilities where the outcome is not known yet.
    """

    hour: int
    day: int
    messages: int
    delivered: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """The messages between two changes, and how many hours have any."""

    messages: int
    delivered: float
    hours: int

    @property
    def rate(self) -> float:
        """The share delivered; there is at least one message."""
        return self.delivered / self.messages

    def variance(self, p: float, between: float) -> float:
        """The variance of its rate where p are delivered and days differ besides."""
        return p * (1 - p) / self.messages + between / max(1.0, self.hours / 24)


class Course:
    """Hourly counts with their running sums."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = cells
        self.hours = [cell.hour for cell in cells]
        self._messages = [0, *accumulate(cell.messages for cell in cells)]
        self._delivered = [0.0, *accumulate(cell.delivered for cell in cells)]

    def stretches(self, cuts: Sequence[int]) -> list[Stretch]:
        """The messages before, between and after the cuts."""
        places = [0, *(bisect_left(self.hours, cut) for cut in cuts), len(self.cells)]
        return [
            Stretch(
                self._messages[end] - self._messages[begin],
                self._delivered[end] - self._delivered[begin],
                end - begin,
            )
            for begin, end in pairwise(places)
        ]

    def limits(self, cuts: Sequence[int], at: int, reach: int) -> range:
        """The places of cells to which a cut may move: not to its neighbours."""
        first = cuts[at - 1] if at else self.hours[0]
        last = cuts[at + 1] if at + 1 < len(cuts) else self.hours[-1] + 1
        begin = bisect_left(self.hours, max(first + 1, cuts[at] - reach))
        return range(begin, bisect_left(self.hours, min(last, cuts[at] + reach + 1)))
