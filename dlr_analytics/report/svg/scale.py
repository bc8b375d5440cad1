"""The position of a value on an axis, and the ticks of an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_STEPS: Final = ((0.12, 0.02), (0.3, 0.05), (0.6, 0.1), (1.0, 0.2))
"""The step between ticks of an axis, for each span of shares up to the first value."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Map ``low`` to ``high`` onto ``start`` to ``end``, clamping other values.

    >>> Scale(0.9, 1.0, start=264, end=34).at(0.95)
    149.0
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Return the position of a value."""
        inside = min(max(value, self.low), self.high)
        low, high = self.low, self.high
        if self.logarithmic:
            inside, low, high = math.log(inside), math.log(low), math.log(high)
        return round(self.start + (inside - low) / (high - low) * (self.end - self.start), 6)


def lowest_for(values: Sequence[float]) -> float:
    """Return the start of an axis of rates: 90 %, or a lower 5-point step.

    >>> lowest_for([0.947, 0.912]), lowest_for([0.947, 0.899]), lowest_for([])
    (0.9, 0.85, 0.9)
    """
    needed = math.floor(round(min(values, default=0.9) * 20, 9)) / 20
    return max(0.0, min(0.9, needed))


def rate_ticks(low: float) -> tuple[float, ...]:
    """Return the ticks of an axis from ``low`` to 1, including 1.

    >>> rate_ticks(0.9)
    (0.9, 0.92, 0.94, 0.96, 0.98, 1.0)
    >>> rate_ticks(0.45)
    (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    """
    step = next(step for span, step in _STEPS if 1 - low <= span + 1e-9)
    steps = math.floor((1 - low) / step + 1e-9)
    return tuple(round(1 - step * i, 2) for i in reversed(range(steps + 1)))


def mondays(first: date, last: date, most: int) -> tuple[date, ...]:
    """Return the Mondays to label below an axis of days, at most ``most``.

    >>> [str(d) for d in mondays(date(2026, 10, 25), date(2026, 11, 23), most=3)]
    ['2026-10-26', '2026-11-09', '2026-11-23']
    """
    monday = first + timedelta(days=-first.weekday() % 7)
    weeks = max(0, (last - monday).days // 7 + 1)
    stride = max(1, math.ceil(weeks / most))
    return tuple(monday + timedelta(weeks=week) for week in range(0, weeks, stride))
