"""The course of a rate over days, pooled until its points are no noise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final, TypeVar

from dlr_analytics.report.gather.counts import Count
from dlr_analytics.report.model import Day

POINT_MESSAGES: Final = 100
"""The fewest messages that a point of a course represents: fewer would show noise."""

Key = TypeVar("Key", bound=Hashable)

_Course = tuple[tuple[float, float], ...]

_Counts = tuple[int, int]
"""Messages, and delivered messages."""


def courses(
    counts: Iterable[Count],
    days: tuple[Day, ...],
    key: Callable[[Count], Key],
    least: int = POINT_MESSAGES,
) -> dict[Key, _Course]:
    """Return the courses of groups over the mature days, numbered from 0.

    Each point represents at least ``least`` messages.
    """
    index = {day.day: number for number, day in enumerate(days) if day.mature}
    found: dict[Key, dict[int, _Counts]] = defaultdict(dict)
    for count in counts:
        number = index.get(count.day)
        if number is not None:
            messages, delivered = found[key(count)].get(number, (0, 0))
            more = count.messages if count.outcome == "delivered" else 0
            found[key(count)][number] = (messages + count.messages, delivered + more)
    return {place: pooled(of_days, least) for place, of_days in found.items()}


def pooled(days: Mapping[int, _Counts], least: int = POINT_MESSAGES) -> _Course:
    """Pool the rates of days until each point represents ``least`` messages.

    What remains at the end is added to the last point.

    Examples
    --------
    >>> pooled({0: (60, 57), 1: (60, 57), 2: (200, 180), 3: (10, 9)})
    ((0.5, 0.95), (2.5, 0.9))
    """
    # For each point: its days, the sum of their numbers, messages, delivered.
    points: list[list[int]] = []
    for number, (messages, delivered) in sorted(days.items()):
        if not points or points[-1][2] >= least:
            points.append([0, 0, 0, 0])
        for at, more in enumerate((1, number, messages, delivered)):
            points[-1][at] += more
    if len(points) > 1 and points[-1][2] < least:
        rest = points.pop()
        points[-1] = [a + b for a, b in zip(points[-1], rest, strict=True)]
    return tuple((numbers / n, delivered / messages) for n, numbers, messages, delivered in points)
