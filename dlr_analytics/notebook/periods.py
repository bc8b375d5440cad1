"""How tables write the periods of rows: months by name, and parts as such."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from dlr_analytics.analysis.query import TIME_BUCKETS
from dlr_analytics.analysis.timezones import local
from dlr_analytics.notebook.charts.timeline import beginning, following
from dlr_analytics.presentation.values import short_text

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

_LONG = ("week", "month")
"""Where the first message tells when the data begins: an hour may be without one by chance."""


def period_writer(result: Result, column: str) -> Callable[[object], str] | None:
    """Return what writes a time column of ``by``; None if the column is none.

    The first period is marked if the question or the data begins in it, the last one if the
    question ends in it, at the latest at its as-of time.
    """
    if column not in TIME_BUCKETS or column not in result.by:
        return None
    begins, ends = _limits(result, column)

    def write(value: object) -> str:
        if not isinstance(value, date):
            return short_text(value)
        name = month_name(value) if column == "month" else short_text(value)
        return name + _part(value, column, begins, ends)

    return write


def month_name(value: date) -> str:
    """Write a month.

    Examples
    --------
    >>> month_name(date(2026, 10, 1))
    'October 2026'
    """
    return f"{value:%B %Y}"


def _limits(result: Result, column: str) -> tuple[datetime | None, datetime]:
    """When the question or the data begins, and when it ends, in its zone."""
    since, until = result.filters.since, result.filters.until
    if since is None and result.span is not None and column in _LONG:
        first = local(result.span[0], result.tz)
        begins: datetime | None = datetime(first.year, first.month, first.day)
    else:
        begins = None if since is None else local(since, result.tz)
    end = result.as_of if until is None else min(until, result.as_of)
    return begins, local(end, result.tz)


def _part(value: date, column: str, begins: datetime | None, ends: datetime) -> str:
    start, end = beginning(value), beginning(following(value, column))
    late = begins is not None and start < begins < end
    early = start < ends < end
    if not (late or early):
        return ""
    if column not in _LONG:
        return " (in part)"
    first = f"from {_day(begins)}" if late and begins is not None else ""
    last = f"to {_day(ends - timedelta(microseconds=1))}" if early else ""
    return f" ({' '.join(filter(None, [first, last]))})"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b}"
