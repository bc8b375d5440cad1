"""Periods of an exploration: their limits, in local hours, and their steps."""

from __future__ import annotations

import datetime as dt
from typing import Final

from dlr_analytics.analysis.timezones import local, utc
from dlr_analytics.errors import UnreadableValue

_LONGEST: Final = (
    (dt.timedelta(hours=96), "hour"),
    (dt.timedelta(days=200), "day"),
    (dt.timedelta(days=1400), "week"),
)

Period = tuple[dt.datetime | None, dt.datetime | None]
"""From the first to before the second, naive UTC; None is open."""

OPEN: Final[Period] = (None, None)


def within(period: Period, outer: Period) -> Period:
    """The part of a period within another; an empty one at its edge if none is.

    Examples
    --------
    >>> day = [dt.datetime(2026, 11, n) for n in range(1, 9)]
    >>> within((day[0], day[5]), (day[2], None)) == (day[2], day[5])
    True
    >>> within((day[5], day[6]), (None, day[4])) == (day[4], day[4])
    True
    """
    first, last = outer

    def inside(moment: dt.datetime | None, edge: dt.datetime | None) -> dt.datetime | None:
        if moment is None:
            return edge
        moment = moment if first is None else max(moment, first)
        return moment if last is None else min(moment, last)

    return inside(period[0], first), inside(period[1], last)


def whole_hour(moment: dt.datetime, tz: str) -> dt.datetime | None:
    """The local hour that begins at a time (naive UTC); None where none does.

    Where a local hour comes twice, it begins at the first.

    Examples
    --------
    >>> whole_hour(dt.datetime(2026, 11, 1, 12), "Asia/Kolkata") is None
    True
    >>> whole_hour(dt.datetime(2026, 11, 1, 12, 30), "Asia/Kolkata")
    datetime.datetime(2026, 11, 1, 18, 0)
    """
    try:
        at = local(moment, tz)
        begins = (at.minute, at.second, at.microsecond) == (0, 0, 0)
        return at if begins and utc("hour", at, tz) == moment else None
    except UnreadableValue:
        return None


def grain(first: dt.datetime, last: dt.datetime) -> str:
    """The bucket for a course: at most two hundred steps of it.

    Examples
    --------
    >>> grain(dt.datetime(2026, 11, 1), dt.datetime(2026, 11, 4))
    'hour'
    >>> grain(dt.datetime(2026, 1, 1), dt.datetime(2026, 11, 4))
    'week'
    """
    return next((name for longest, name in _LONGEST if last - first <= longest), "month")
