"""The delivery rate of each day of a period."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from dlr_analytics.analysis.timezones import utc
from dlr_analytics.report.gather.counts import Count, Sums, grouped
from dlr_analytics.report.gather.metrics import Row
from dlr_analytics.report.model import Day, Tally
from dlr_analytics.vocabulary import MATURE_HOURS, OUTCOMES

_MATURE: Final = timedelta(hours=MATURE_HOURS)


def tally(row: Row) -> Tally:
    """Convert a row of the ``delivery-rate`` metric."""
    return Tally(
        messages=row["messages"],
        **{outcome: row[outcome] for outcome in OUTCOMES},
        rate=row["delivery_rate"],
        low=row["ci_low"],
        high=row["ci_high"],
        floor=row["success_ratio"],
        best=row["best_case"],
    )


def by_day(
    counts: Iterable[Count], first: date, last: date, as_of: datetime, tz: str
) -> tuple[Day, ...]:
    """Return every day of a period in order, also those without messages.

    Parameters
    ----------
    counts : iterable of Count
        The messages.
    first, last : date
        The days, both included.
    as_of : datetime
        Naive UTC; a day is mature if it ended at least 72 h before, or if it has ended and none of
        its messages is pending.
    tz : str
        The time zone of days.
    """
    found = grouped(counts, lambda count: count.day)
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return tuple(_day(day, found.get(day, Sums()), as_of, tz) for day in days)


def _day(day: date, sums: Sums, as_of: datetime, tz: str) -> Day:
    end = utc("day", datetime.combine(day + timedelta(days=1), time()), tz)
    tally = sums.tally()
    is_settled = tally.messages > 0 and not tally.pending
    return Day(day, tally, mature=end <= as_of - _MATURE or (is_settled and end <= as_of))
