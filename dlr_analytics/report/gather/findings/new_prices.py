"""Prices that changed in a period, and what that costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.studies.periods import Period
from dlr_analytics.analysis.timezones import local
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.changes import NewPrice
from dlr_analytics.report.command import Calls
from dlr_analytics.report.gather.findings.losses import Names
from dlr_analytics.report.gather.metrics import Row, parameters_of
from dlr_analytics.report.gather.period import Span
from dlr_analytics.report.request import Request

MONTH_DAYS: Final = 30

KNOWN_DAYS: Final = 14
"""How many days around a change the study ``prices`` reads."""


def new_prices(
    database: Database,
    asked: Request,
    before: Period,
    span: Span,
    as_of: datetime,
    names: Names,
    calls: Calls,
) -> tuple[NewPrice, ...]:
    """Return the changes of prices, those that cost most first.

    Parameters
    ----------
    database : Database
        The data directory.
    asked : Request
        The report; its messages only.
    before : Period
        The period before (naive UTC); prices are read from its beginning, or from 14 days before
        the period, to know them when it begins.
    span : Span
        The period; a change before it is none of its own.
    as_of : datetime
        Naive UTC: the end of what messages there can be.
    names : Names
        Names of networks.
    calls : Calls
        Writes the command that lists the prices by day.
    """
    if asked.unit != "message":
        return ()
    began = min(before.begins, span.since - timedelta(days=KNOWN_DAYS))
    parameters = parameters_of(asked, began, span.until)
    del parameters["by"], parameters["unit"]
    result = database.prices(**parameters)
    rows = [dict(zip(result.columns, row, strict=True)) for row in result]
    own = [row for row in rows if span.since <= row["changed_at"] < span.until]
    end = min(span.until, as_of)
    found = [_new_price(row, len(own) - 1, asked.tz, span, end, names, calls) for row in own]
    return tuple(sorted(found, key=lambda each: (-abs(each.a_month), each.subject)))


def _new_price(
    row: Row, others: int, tz: str, span: Span, end: datetime, names: Names, calls: Calls
) -> NewPrice:
    since = local(row["changed_at"], tz).date()
    shown_from = max(span.first, since - timedelta(days=7))
    days = max(Decimal((end - row["changed_at"]) / timedelta(days=1)), Decimal(1))
    return NewPrice(
        subject=names.network(row["network_code"]),
        currency=sanitize(row["currency"] or "", 8),
        since=since,
        before=row["price_before"],
        price=row["price"],
        change=row["change"],
        messages=row["messages"],
        extra=row["extra_cost"],
        a_month=row["extra_cost"] * MONTH_DAYS / days,
        others=others,
        call=calls.prices(row["network_code"], shown_from, span.last),
    )
