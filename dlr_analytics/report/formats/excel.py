"""Write a report as a workbook: a summary with a chart, a sheet for each table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from dlr_analytics.presentation.table import COUNT, MONEY, SECONDS, SHARE, TEXT, Column, Kind, Value
from dlr_analytics.presentation.workbook import FIRST_ROW, Workbook
from dlr_analytics.report import headline
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.registry import tables

_BESIDE: Final = 3
"""The column of the summary's chart, to the right of the figures."""


def write(report: Report, path: Path) -> None:
    """Write the workbook; its bytes depend on the report only.

    Parameters
    ----------
    report : Report
        The figures; networks are not folded here.
    path : Path
        The file; an existing one is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    book = Workbook(path, headline.page_title(report), report.period.as_of)
    summary = _add_summary(book, report)
    for table in tables(report):
        book.add(table)
        if table.lines and len(table.rows) > 1:
            book.draw(summary, table, _BESIDE)
    book.close()


def _add_summary(book: Workbook, report: Report) -> Any:
    """Add the first sheet, the finding and the headline figures, and return it."""
    caption = headline.scope(report) or headline.remedy(report)
    heads = (Column("Figure", TEXT), Column("Value"))
    named = headline.kicker(report)
    sheet = book.sheet("Summary", headline.finding(report), caption, heads, named)
    figures = _figures(report) if report.tally.messages else ()
    for number, (name, kind, value) in enumerate(figures, start=FIRST_ROW):
        book.write(sheet, number, 0, TEXT, name)
        book.write(sheet, number, 1, kind, value)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 14)
    return sheet


def _figures(report: Report) -> Iterator[tuple[str, Kind, Value]]:
    """Yield the headline figures: name, kind and number."""
    tally, speed = report.tally, report.latency.whole
    yield "Messages", COUNT, tally.messages
    yield "Settled", COUNT, tally.settled
    yield "Undelivered", COUNT, tally.undelivered
    yield "Delivery rate", SHARE, tally.rate
    yield "95% interval from", SHARE, tally.low
    yield "95% interval to", SHARE, tally.high
    yield "At least", SHARE, tally.floor
    yield "At most", SHARE, tally.best
    yield "Measured", COUNT, speed.measured
    if not speed.few:
        yield "Confirmed within 30 s", SHARE, speed.within_30s
        if speed.scts_within_30s is not None:
            yield "Within 30 s, estimated by scts", SHARE, speed.scts_within_30s
        yield "Half confirmed within, s", SECONDS, speed.p50
        yield "95% confirmed within, s", SECONDS, speed.p95
    for spending in report.spending:
        yield f"Cost, {spending.currency}", MONEY, spending.whole.cost
        yield f"Of it for undelivered, {spending.currency}", MONEY, spending.whole.wasted
