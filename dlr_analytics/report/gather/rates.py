"""The delivery rate of the period, and of each of its days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from dlr_analytics.analysis.timezones import utc
from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.model import Day, Tally
from dlr_analytics.vocabulary import MATURE_HOURS, OUTCOMES

_MATURE: Final = timedelta(hours=MATURE_HOURS)
_NO_MESSAGES: Final = Tally(0, 0, 0, 0, 0, 0, 0, 0, None, None, None, None, None)


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


def by_day(metrics: PeriodMetrics, first: date, last: date, as_of: datetime) -> tuple[Day, ...]:
    """Return every day of a period in order, also those without messages.

    Parameters
    ----------
    metrics : PeriodMetrics
        The metrics of the period.
    first, last : date
        Its days, both included.
    as_of : datetime
        Naive UTC; a day is mature if it ended at least 72 h before.
    """
    found = {row["day"]: tally(row) for row in metrics.rows("delivery-rate", "day")}
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return tuple(
        Day(day, found.get(day, _NO_MESSAGES), mature=_end(day, metrics.tz) <= as_of - _MATURE)
        for day in days
    )


def _end(day: date, tz: str) -> datetime:
    """The end of a day, naive UTC."""
    return utc("day", datetime.combine(day + timedelta(days=1), time()), tz)
