"""Periods that a study compares: by default whole weeks, in a time zone.

A period is shifted by calendar days, so that a Sunday is compared with Sundays and 09:00 with
09:00, also where clocks change in between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from dlr_analytics.analysis.filters import Filters, Parameters
from dlr_analytics.analysis.selection import moment_literal
from dlr_analytics.analysis.timezones import Moment, local, utc
from dlr_analytics.errors import UnreadableValue, UsageError

DEFAULT_DAYS: Final = 7

_DAY: Final = dt.timedelta(days=1)


class Period(NamedTuple):
    """A time from ``begins`` to before ``ends``, both naive UTC."""

    begins: dt.datetime
    ends: dt.datetime


def period_of(filters: Filters) -> Period:
    """Return the period in question: ``since`` to ``until``, or what they leave open.

    Without both it is the 7 whole days before the day of as of. ``until`` is by default the
    beginning of that day, or as of itself where ``since`` is later; ``since`` is 7 days before
    ``until``.

    Parameters
    ----------
    filters : Filters
        With its ``as_of`` filled in. Days are those of ``tz``.

    Raises
    ------
    UsageError
        If the period is empty.

    Examples
    --------
    >>> period_of(Filters(as_of=dt.datetime(2026, 11, 24, 5), tz="Asia/Kolkata"))
    Period(begins=datetime.datetime(2026, 11, 16, 18, 30),
           ends=datetime.datetime(2026, 11, 23, 18, 30))
    """
    as_of, tz = filters.as_of, filters.tz
    assert as_of is not None
    until = filters.until
    if until is None:
        today = utc("as_of", local(as_of, tz).date(), tz)
        until = today if filters.since is None or filters.since < today else as_of
    since = filters.since or shifted(until, -DEFAULT_DAYS, tz)
    return must_not_be_empty("since", Period(since, until))


def earlier_periods(period: Period, number: int, tz: str) -> list[Period]:
    """Return earlier periods of equal length, the latest first.

    Each begins 7 days before the next, or the least multiple of 7 days that holds the period.

    Examples
    --------
    >>> day = Period(dt.datetime(2026, 3, 29, 23), dt.datetime(2026, 3, 30, 23))
    >>> [each.begins for each in earlier_periods(day, 2, "Europe/London")]
    [datetime.datetime(2026, 3, 23, 0, 0), datetime.datetime(2026, 3, 16, 0, 0)]
    """
    length = local(period.ends, tz) - local(period.begins, tz)
    step = 7 * max(1, -(-length // (7 * _DAY)))
    return [
        Period(*(shifted(moment, -count * step, tz) for moment in period))
        for count in range(1, number + 1)
    ]


def period_before(period: Period, tz: str) -> Period:
    """Return the period of equal length just before.

    Examples
    --------
    >>> period_before(Period(dt.datetime(2026, 11, 9), dt.datetime(2026, 11, 16)), "UTC").begins
    datetime.datetime(2026, 11, 2, 0, 0)
    """
    begins = local(period.begins, tz)
    try:
        start = begins - (local(period.ends, tz) - begins)
    except OverflowError:
        raise _too_early() from None
    return Period(utc("since", start, tz), period.begins)


def parse_period(name: str, value: object, tz: str) -> Period:
    """Parse a period: two dates or times with a slash between, or a pair of such.

    Raises
    ------
    UnreadableValue
        If it is not two dates or times.
    UsageError
        If it is empty.

    Examples
    --------
    >>> parse_period("against", "2026-11-01/2026-11-08", "UTC").ends
    datetime.datetime(2026, 11, 8, 0, 0)
    """
    ends: Sequence[Moment] = value.split("/") if isinstance(value, str) else value  # type: ignore[assignment]
    if not isinstance(ends, Sequence) or len(ends) != 2:
        raise UnreadableValue(
            f"{name}: {value!r} is no period",
            "give its beginning and its end, like 2026-11-01/2026-11-08",
        )
    return must_not_be_empty(name, Period(*(utc(name, moment, tz) for moment in ends)))


def must_not_be_empty(name: str, period: Period) -> Period:
    """Return a period that ends after it begins.

    Raises
    ------
    UsageError
        If it does not.

    Examples
    --------
    >>> must_not_be_empty("since", Period(dt.datetime(2026, 11, 2), dt.datetime(2026, 11, 2)))
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: since: the period from 2026-11-02 00:00 to 2026-11-02 00:00 UTC
        is empty; let it end after it begins
    """
    if period.begins >= period.ends:
        raise UsageError(
            f"{name}: the period from {written(period)} is empty", "let it end after it begins"
        )
    return period


def must_not_overlap(first: Period, second: Period) -> None:
    """Check that two periods have no time in common.

    Raises
    ------
    UsageError
        If they have.
    """
    if max(first.begins, second.begins) < min(first.ends, second.ends):
        raise UsageError(
            f"the periods {written(second)} and {written(first)} overlap",
            "give periods that have no time in common",
        )


def as_parameters(parameters: Parameters, begins: dt.datetime, ends: dt.datetime) -> Parameters:
    """Return parameters with these times (naive UTC) as ``since`` and ``until``.

    Examples
    --------
    >>> begins = dt.datetime(2026, 11, 2)
    >>> as_parameters({"tz": "Asia/Kolkata"}, begins, begins + 7 * _DAY)["since"].isoformat()
    '2026-11-02T00:00:00+00:00'
    """
    since, until = (moment.replace(tzinfo=dt.UTC) for moment in (begins, ends))
    return {**parameters, "since": since, "until": until}


def relation(periods: Sequence[Period]) -> str:
    """Return the SQL of a relation of periods, numbered from 0.

    Examples
    --------
    >>> relation([Period(dt.datetime(2026, 11, 9), dt.datetime(2026, 11, 16))])
    "select * from (values (0, timestamp '2026-11-09 00:00:00', timestamp '2026-11-16 00:00:00'))
     as listed (period, begins, ends)"
    """
    rows = ", ".join(
        f"({number}, {', '.join(map(moment_literal, period))})"
        for number, period in enumerate(periods)
    )
    return f"select * from (values {rows}) as listed (period, begins, ends)"


def written(period: Period) -> str:
    """Return a period as text, to the minute.

    Examples
    --------
    >>> written(Period(dt.datetime(2026, 11, 9), dt.datetime(2026, 11, 16)))
    '2026-11-09 00:00 to 2026-11-16 00:00 UTC'
    """
    return f"{period.begins:%Y-%m-%d %H:%M} to {period.ends:%Y-%m-%d %H:%M} UTC"


def shifted(moment: dt.datetime, days: int, tz: str) -> dt.datetime:
    """Return the same time of day some days later, by the clock of a zone.

    Examples
    --------
    >>> shifted(dt.datetime(2026, 10, 25, 9), -7, "Europe/London")
    datetime.datetime(2026, 10, 18, 8, 0)
    """
    try:
        return utc("since", local(moment, tz) + days * _DAY, tz)
    except OverflowError:
        raise _too_early() from None


def _too_early() -> UnreadableValue:
    return UnreadableValue("since: periods before it are before the year 1", "give a later date")
