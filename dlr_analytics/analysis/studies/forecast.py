"""The study ``forecast``: what a month will have cost at its end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Unpack

from dlr_analytics.analysis.filters import Parameters, time_zone
from dlr_analytics.analysis.metric import metric
from dlr_analytics.analysis.query import BUCKETS, load, local_time
from dlr_analytics.analysis.studies.spending import Spent, expect, month_end
from dlr_analytics.analysis.timezones import local
from dlr_analytics.errors import UnreadableValue

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.result import Result

TYPES: Final = {
    "month": "DATE",
    "currency": "VARCHAR",
    "cost": "DECIMAL(38,8)",
    "expected": "DECIMAL(38,8)",
    "low": "DECIMAL(38,8)",
    "high": "DECIMAL(38,8)",
}
"""The SQL types of the columns."""

_RECENT: Final = dt.timedelta(days=56)


@metric(
    counts="",
    money="cost expected low high",
    preview=("month", "currency", "cost", "expected", ("low", "high")),
    order=None,
    without="by since until unit",
    study=True,
    columns={
        "month": "first day of the month of as of, in the time zone",
        "currency": "of the price; amounts of two currencies are never added",
        "cost": "of the month so far, exact",
        "expected": "at its end; NULL with less than 14 days of history",
        "low": "lower end of the 95 % interval of expected",
        "high": "upper end of it",
    },
)
def forecast(self: Answering, **parameters: Unpack[Parameters]) -> Result:
    """Expect what the month of as of will have cost at its end, by currency.

    A row per currency that had a cost in this month or in the 8 weeks before. ``expected`` adds to
    ``cost`` what the rest of the month costs if the level of the last 14 days goes on, with the
    weekdays' shape of up to 8 weeks, and for the rest of today the share that usually comes later
    in the day. See :mod:`dlr_analytics.analysis.studies.spending`. It is NULL with less than
    14 days of history, and if the last 14 days cost nothing.

    Parameters
    ----------
    **parameters
        ``where, as_of, tz, channel``: see :class:`~dlr_analytics.analysis.filters.Parameters`. Days
        and the month are those of ``tz``.

    Raises
    ------
    UnreadableValue
        If ``as_of`` is in the calendar's last month.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> db.forecast(as_of="2026-11-15").relation.project("month, currency, cost").fetchall()
    [(datetime.date(2026, 11, 1), 'EUR', Decimal('580.23481461'))]
    """
    tz = time_zone(parameters)
    moment, asked = local_time(tz), local_time(tz, "asked.as_of")
    query = load("forecast").with_values(
        day=BUCKETS["day"].format(local=moment),
        later=f"{_time_of_day(moment)} > {_time_of_day(asked)}",
    )
    days = self.answer(query, parameters)
    today = local(days.as_of, tz).date()
    try:
        month_end(today)
    except OverflowError:
        raise UnreadableValue(
            f"as_of: the month of {today} is the last of the calendar", "give an earlier time"
        ) from None
    rows = [
        row
        for currency, group in groupby(days, key=lambda row: row[0])
        if (row := _row(currency, list(group), today))
    ]
    return self.derive("forecast", TYPES, rows, [days], {"course": days})


def _time_of_day(moment: str) -> str:
    """The time since midnight; not every engine has a type for times of day."""
    return f"{moment} - date_trunc('day', {moment})"


def _row(currency: str | None, days: list[tuple[Any, ...]], today: dt.date) -> list[Any] | None:
    """The row of a currency; None where nothing was spent of late."""
    month, end = today.replace(day=1), month_end(today)
    if not any(min(month, today - _RECENT) <= day < end for _, day, *_ in days):
        return None
    cost = sum((cost for _, day, cost, _ in days if month <= day < end), Decimal())
    spent = {day: Spent(float(cost), float(later)) for _, day, cost, later in days}
    rest = expect(spent, today)
    if rest is None:
        return [month, currency, cost, None, None, None]
    least = 0.0 if min(day.cost for day in spent.values()) >= 0 else rest.low
    added = (rest.expected, max(rest.low, least), rest.high)
    return [month, currency, cost, *(cost + Decimal(f"{share:.8f}") for share in added)]
