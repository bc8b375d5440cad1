"""Times of the simulation in milliseconds of UTC, and the clocks of carriers.

Summer time is computed here instead of read from a zone database, so that a seed gives the same
bytes on every machine.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_EPOCH: Final = dt.datetime(1970, 1, 1)


def to_ms(time: dt.datetime) -> int:
    """Convert a naive UTC time to milliseconds since 1970.

    Examples
    --------
    >>> to_ms(dt.datetime(1970, 1, 2))
    86400000
    """
    return (time - _EPOCH) // dt.timedelta(milliseconds=1)


def to_time(ms: int) -> dt.datetime:
    """Convert milliseconds since 1970 to a naive UTC time."""
    return _EPOCH + dt.timedelta(milliseconds=ms)


class Clock(NamedTuple):
    """A clock: minutes ahead of UTC, with Europe's summer time or without."""

    standard_min: int = 0
    summer_time: bool = False

    def offset_min(self, ms: int) -> int:
        """Minutes ahead of UTC at a time.

        Examples
        --------
        >>> berlin = Clock(60, summer_time=True)
        >>> [berlin.offset_min(to_ms(dt.datetime(2026, month, 1))) for month in (7, 11)]
        [120, 60]
        """
        return self.standard_min + 60 * (self.summer_time and _in_summer(ms))


UTC: Final = Clock()


def _in_summer(ms: int) -> bool:
    """Check for summer time: last Sundays of March to October, 01:00 UTC."""
    year = to_time(ms).year
    return _last_sunday(year, 3) <= ms < _last_sunday(year, 10)


def _last_sunday(year: int, month: int) -> int:
    """01:00 UTC on the last Sunday of a month of 31 days."""
    last_day = dt.datetime(year, month, 31, 1)
    return to_ms(last_day - dt.timedelta(days=last_day.isoweekday() % 7))
