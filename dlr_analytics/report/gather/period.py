"""Which days a report is about, where not all of them are said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from dlr_analytics.analysis.timezones import Moment, must_be_in_order, utc
from dlr_analytics.report.captions import local

DEFAULT_DAYS: Final = 30
"""Of a report, its last day among them, where nobody says since when."""


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since``, included, to ``until``, not included, naive UTC; and the days this covers."""

    since: datetime
    until: datetime
    first: date
    last: date


def choose_span(
    since: Moment | None, until: Moment | None, seen: tuple[datetime, datetime], tz: str
) -> Span:
    """The period that is meant.

    Without ``until`` it runs to the end of the newest message's day; without ``since`` it covers 30
    days, or fewer where the first message is younger.

    Parameters
    ----------
    since, until : str, date or datetime, optional
        As the command line or a caller gave them; dates are days in ``tz``.
    seen : tuple of datetime
        The first and the last message time in the data, naive UTC.
    tz : str
        An IANA time zone.

    Raises
    ------
    UnreadableValue
        For a date or time that cannot be read, and for ``since`` after ``until``.

    Examples
    --------
    >>> seen = datetime(2026, 1, 5, 12), datetime(2026, 11, 24, 5)
    >>> span = choose_span(None, None, seen, "UTC")
    >>> str(span.first), str(span.last), str(span.until)
    ('2026-10-26', '2026-11-24', '2026-11-25 00:00:00')
    >>> span = choose_span("2026-11-01", "2026-11-08", seen, "UTC")
    >>> str(span.first), str(span.last), str(span.until)
    ('2026-11-01', '2026-11-07', '2026-11-08 00:00:00')
    """
    oldest, newest = (local(moment, tz).date() for moment in seen)
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
