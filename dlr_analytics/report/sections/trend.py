"""The delivery rate by day: with intervals if settled, with bounds if not."""

from __future__ import annotations

from typing import Final

from dlr_analytics.presentation.formats import rate
from dlr_analytics.presentation.table import DAY, SHARE, Column, Table, Value
from dlr_analytics.report.changes import Loss
from dlr_analytics.report.model import Day, Report
from dlr_analytics.report.sections.changed import before
from dlr_analytics.report.svg.chart import Chart
from dlr_analytics.report.svg.plot import Event, Past
from dlr_analytics.report.svg.rate import rate_by_day, starts_at_zero
from dlr_analytics.report.words import sentences

DAYS_FOR_A_LINE: Final = 7
"""A line over fewer days shows nothing that their figures do not."""

MOST_EVENTS: Final = 2


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
            marks=_marks(report),
            lines=(3, 4, 5),
        ),
    )


def _marks(report: Report) -> str:
    """What is drawn, and nothing that is not."""
    past = "grey: the period before" if report.former_days else ""
    target = "" if report.request.target is None else "dashed line: target"
    young = any(not day.mature and day.tally.messages for day in report.days)
    ranges = "hollow bars: the range an unsettled day can end in, dot: where it is expected to"
    at_zero = starts_at_zero(report.days, report.former_days, report.request.target)
    axis = "" if at_zero else "axis does not start at zero"
    band = "band: 95% interval, sampling error only"
    return " · ".join(filter(None, [past, target, band, ranges if young else "", axis]))


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
    if not enough:
        return {"chart": None}
    past = None
    if report.former is not None and report.former_days:
        past = Past(report.former_days, report.former.rate, f"the {before(report)} before")
    target = report.request.target
    return {"chart": rate_by_day(report.days, report.tally, target, past, _events(report))}


def _events(report: Report) -> list[Event]:
    """The two losses that are largest, in order of time."""
    first = report.days[0].day
    lost = [each for each in report.findings if isinstance(each, Loss)][:MOST_EVENTS]
    return [
        Event(max(each.first, first), sentences.short(each))
        for each in sorted(lost, key=lambda each: each.first)
    ]
