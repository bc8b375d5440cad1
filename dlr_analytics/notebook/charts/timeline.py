"""Sequences of hours, days, weeks or months: gaps, and which are not settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from dlr_analytics.analysis.query import TIME_BUCKETS
from dlr_analytics.analysis.timezones import zone
from dlr_analytics.vocabulary import MATURE_HOURS

if TYPE_CHECKING:
    from dlr_analytics.analysis.explore.exploration import Exploration
    from dlr_analytics.analysis.result import Result

Row = dict[str, Any]
"""A row of a result by column; in a gap of a series, its time only."""


def time_column(by: Sequence[str]) -> str | None:
    """The column of the time axis: the finest bucket or time.

    Examples
    --------
    >>> time_column(["network_code", "day"]), time_column(["country"])
    ('day', None)
    """
    return next((name for name in TIME_BUCKETS if name in by), None)


def categories(by: Sequence[str]) -> list[str]:
    """The columns that distinguish series: all except the time column.

    Examples
    --------
    >>> categories(["network_code", "day"])
    ['network_code']
    """
    return [name for name in by if name != time_column(by)]


def steps(first: date, last: date, grain: str) -> Iterator[date]:
    """All hours, days, weeks or months from one to another, both included.

    Examples
    --------
    >>> [day.day for day in steps(date(2026, 2, 27), date(2026, 3, 1), "day")]
    [27, 28, 1]
    """
    at = first
    while at <= last:
        yield at
        at = following(at, grain)


def following(at: date, grain: str) -> date:
    """The beginning of the next hour, day, week or month.

    Examples
    --------
    >>> following(date(2026, 12, 1), "month")
    datetime.date(2027, 1, 1)
    """
    if grain == "month":
        return (at.replace(day=28) + timedelta(days=4)).replace(day=1)
    return at + {"hour": timedelta(hours=1), "day": timedelta(1), "week": timedelta(7)}[grain]


def beginning(at: date) -> datetime:
    """The beginning of a day as a datetime; a datetime is returned unchanged."""
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)


def with_gaps(rows: Iterable[Row], grain: str) -> Iterator[Row]:
    """The rows of a series, with one empty row at the beginning of each gap.

    Examples
    --------
    >>> rows = [{"day": date(2026, 11, day), "messages": 9} for day in (1, 2, 6)]
    >>> [row.get("messages") for row in with_gaps(rows, "day")]
    [9, 9, None, 9]
    """
    expected: date | None = None
    for row in rows:
        if expected is not None and expected != row[grain]:
            yield {grain: expected}
        yield row
        expected = following(row[grain], grain)


def unsettled_from(
    result: Result | Exploration, first: date, last: date, grain: str
) -> date | None:
    """The first point of a time axis that is not mature.

    Parameters
    ----------
    result : Result or Exploration
        Its ``as_of`` is naive UTC, the axis in its ``tz``.
    first, last : date or datetime
        Beginnings of the first and the last hour, day, week or month.
    grain : str
        Which of them.

    Returns
    -------
    date, datetime or None
        The first that ends within 72 hours of ``as_of`` or after it; None if none does.
    """
    clock = zone(result.tz)
    mature = result.as_of - timedelta(hours=MATURE_HOURS)
    moments = steps(first, last, grain)
    return next((at for at in moments if _utc(following(at, grain), clock) > mature), None)


def _utc(at: date, clock: tzinfo) -> datetime:
    return beginning(at).replace(tzinfo=clock).astimezone(UTC).replace(tzinfo=None)
