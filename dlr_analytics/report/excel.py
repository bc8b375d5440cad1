"""Write a report as a workbook: a sheet for each table, with typed cells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from dlr_analytics.presentation.palette import PALETTE
from dlr_analytics.presentation.table import (
    COUNT,
    MONEY,
    SECONDS,
    SHARE,
    TEXT,
    Column,
    Kind,
    Table,
    Value,
)
from dlr_analytics.report import headline
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.registry import tables

_WIDEST: Final = 60
_FIRST_ROW: Final = 4
"""Below the title, the caption, the note and the heads."""


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
    workbook = xlsxwriter.Workbook(str(path))
    # Without a creation time of its own, xlsxwriter would write the current time.
    workbook.set_properties({"title": headline.page_title(report), "created": report.period.as_of})
    book = _Book(workbook)
    book.add_summary(report)
    for table in tables(report):
        book.add(table)
    try:
        workbook.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] from None


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


class _Book:
    """A workbook with the formats of a report."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        grey = PALETTE["ink2"].light
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._caption = book.add_format({"font_color": grey})
        self._head = {"bold": True, "text_wrap": True, "bottom": 1, "bottom_color": grey}
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def add(self, table: Table) -> None:
        """Add a sheet with title, caption, heads and rows."""
        sheet = self._sheet(table.name, table.title, table.caption, table.columns)
        if table.note:
            sheet.write_string(2, 0, table.note, self._caption)
        for number, row in enumerate(table.rows, start=_FIRST_ROW):
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                self._write(sheet, number, place, column.kind, value)
        for place in range(len(table.columns)):
            sheet.set_column(place, place, _width(table, place))

    def add_summary(self, report: Report) -> None:
        """Add the first sheet: the finding and the headline figures."""
        caption = headline.scope(report) or headline.remedy(report)
        heads = (Column("Figure", TEXT), Column("Value"))
        sheet = self._sheet("Summary", headline.finding(report), caption, heads)
        figures = _figures(report) if report.tally.messages else ()
        for number, (name, kind, value) in enumerate(figures, start=_FIRST_ROW):
            self._write(sheet, number, 0, TEXT, name)
            self._write(sheet, number, 1, kind, value)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 14)

    def _sheet(self, name: str, title: str, caption: str, columns: tuple[Column, ...]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.freeze_panes(_FIRST_ROW, 1)
        sheet.write_string(0, 0, title, self._title)
        if caption:
            sheet.write_string(1, 0, caption, self._caption)
        for place, column in enumerate(columns):
            align = "right" if column.kind.figure else "left"
            head = self._format(**self._head, align=align)
            sheet.write_string(_FIRST_ROW - 1, place, _head(column), head)
        return sheet

    def _write(self, sheet: Any, row: int, place: int, kind: Kind, value: Value) -> None:
        form = self._format(num_format=kind.excel, valign="top", text_wrap=kind is TEXT)
        if value is None:
            sheet.write_blank(row, place, None, form)
        elif isinstance(value, str):
            # Never `write`, which would make a formula of what begins with an equals sign.
            sheet.write_string(row, place, value, form)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, place, value, form)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, datetime.combine(value, time()), form)
        else:
            sheet.write_number(row, place, float(value * kind.scale), form)

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]


def _head(column: Column) -> str:
    """Name the unit of durations, which are plain numbers here."""
    return f"{column.head}, s" if column.kind is SECONDS else column.head


def _width(table: Table, place: int) -> float:
    column = table.columns[place]
    longest = max((len(column.kind.write(row[place])) for row in table.rows), default=0)
    words = max(map(len, column.head.split()), default=0)
    return min(max(longest, words, 8) + 2, _WIDEST)
