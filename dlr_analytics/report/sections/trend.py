"""The delivery rate by day: with intervals if settled, with bounds if not."""

from __future__ import annotations

from typing import Final

from dlr_analytics.presentation.formats import rate
from dlr_analytics.presentation.table import DAY, SHARE, Column, Table, Value
from dlr_analytics.report.model import Day, Report
from dlr_analytics.report.svg.chart import Chart
from dlr_analytics.report.svg.rate import rate_by_day

DAYS_FOR_A_LINE: Final = 7
"""A line over fewer days shows nothing that their figures do not."""


def tables(report: Report) -> tuple[Table, ...]:
    """Return a row for each day of the period."""
    return (
        Table(
            "By day",
            "Delivery rate by day",
            f"Delivered as a share of all messages, %{_target(report)}",
            (
                Column("Day", DAY),
                Column("Messages"),
                Column("Settled"),
                Column("Rate, %", SHARE),
                Column("95% interval from, %", SHARE),
                Column("to, %", SHARE),
                Column("At least, %", SHARE),
                Column("At most, %", SHARE),
            ),
            tuple(map(_row, report.days)),
            marks=("" if report.request.target is None else "dashed line: target · ")
            + (
                "band: 95% interval, sampling error only · hollow bars: the range an unsettled day "
                "can end in, dot: where it is expected to · axis does not start at zero"
            ),
        ),
    )


def _target(report: Report) -> str:
    """Name the target, for the caption."""
    target = report.request.target
    return "" if target is None else f"; target {rate(target)}"


def _row(day: Day) -> tuple[Value, ...]:
    t = day.tally
    return (day.day, t.messages, t.settled, t.rate, t.low, t.high, t.floor, t.best)


def graphics(report: Report) -> dict[str, Chart | None]:
    """Return the line ``chart``, None where too few days are mature."""
    mature = sum(day.mature for day in report.days)
    enough = mature >= DAYS_FOR_A_LINE and not report.tally.few
    return {
        "chart": rate_by_day(report.days, report.tally, report.request.target) if enough else None
    }
