"""The period of a report, where ``since`` or ``until`` is left open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from dlr_analytics.analysis.timezones import Moment, local, must_be_in_order, utc
from dlr_analytics.errors import UnreadableValue

_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")

DEFAULT_DAYS: Final = 30
"""The days of a report without ``since``, its last day included."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period from ``since`` to before ``until``, naive UTC, and its days."""

    since: datetime
    until: datetime
    first: date
    last: date


def month_days(month: str) -> tuple[date, date]:
    """Return the first day of a month, and the first day after it.

    Raises
    ------
    UnreadableValue
        If it is no month like ``2026-11``.

    Examples
    --------
    >>> month_days("2026-12")
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    try:
        year, number = map(int, _MONTH.fullmatch(month).groups())  # type: ignore[union-attr]
        first = date(year, number, 1)
        return first, (first + timedelta(days=31)).replace(day=1)
    except (AttributeError, ValueError, TypeError, OverflowError):
        raise UnreadableValue(
            f"month: {month!r:.40} is no month", "write it like 2026-11"
        ) from None


def choose_span(
    since: Moment | None, until: Moment | None, data_span: tuple[datetime, datetime], tz: str
) -> Span:
    """Complete a period with its defaults.

    Without ``until`` it runs to the end of the day of the newest message; without ``since`` it
    covers 30 days, or fewer where the first message is younger.

    Parameters
    ----------
    since, until : str, date or datetime, optional
        The limits, if any; dates are days in ``tz``.
    data_span : tuple of datetime
        The first and the last message time in the data, naive UTC.
    tz : str
        An IANA time zone.

    Raises
    ------
    UnreadableValue
        For a date or time that cannot be read, and for ``since`` after ``until``.

    Examples
    --------
    >>> data_span = datetime(2026, 1, 5, 12), datetime(2026, 11, 24, 5)
    >>> span = choose_span(None, None, data_span, "UTC")
    >>> str(span.first), str(span.last), str(span.until)
    ('2026-10-26', '2026-11-24', '2026-11-25 00:00:00')
    >>> span = choose_span("2026-11-01", "2026-11-08", data_span, "UTC")
    >>> str(span.first), str(span.last), str(span.until)
    ('2026-11-01', '2026-11-07', '2026-11-08 00:00:00')
    """
    oldest, newest = (local(moment, tz).date() for moment in data_span)
    end = utc("until", newest + timedelta(days=1) if until is None else until, tz)
    last = local(end - timedelta(microseconds=1), tz).date()
    if since is None:
        since = min(max(oldest, last - timedelta(days=DEFAULT_DAYS - 1)), last)
    start = utc("since", since, tz)
    if until is None:
        end = max(start, end)
    must_be_in_order(start, end)
    first = local(start, tz).date()
    return Span(start, end, first, max(first, last))
