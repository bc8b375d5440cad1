"""The report as a workbook: a sheet for each section, real numbers and dates, heads that stay."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from dlr_analytics.report import contents, headline
from dlr_analytics.report.definitions import DEFINITIONS
from dlr_analytics.report.palette import PALETTE
from dlr_analytics.report.sections import Report
from dlr_analytics.report.table import TEXT, Column, Table, Value

_SAFE: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": False,
}
"""Text stays text, whatever it looks like."""

_WIDEST: Final = 60


def write(report: Report, path: Path) -> None:
    """Write the workbook.

    Parameters
    ----------
    report : Report
        What is told; networks are not folded here.
    path : Path
        Where to; an existing file is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    book = _Book(xlsxwriter.Workbook(str(path), _SAFE))
    # A file's bytes depend on what it tells and on nothing else.
    book.book.set_properties({"title": headline.page_title(report), "created": report.period.as_of})
    book.add("Summary", _summary(report))
    if report.tally.messages:
        for name, table in _sheets(report):
            book.add(name, table)
    book.add("Definitions", _definitions(report))
    book.save()


def _sheets(report: Report) -> list[tuple[str, Table]]:
    alone = len(report.spending) == 1
    costs = [contents.cost(spending, alone=alone) for spending in report.spending]
    return [
        ("Outcomes", contents.ended(report)),
        *([("Undelivered", contents.undelivered(report))] if report.undelivered else []),
        ("By day", contents.by_day(report)),
        ("Networks", contents.networks(report)),
        ("Errors", contents.errors(report)),
        ("Latency", contents.latency(report)),
        *((f"Cost {number}" if number > 1 else "Cost", c) for number, c in enumerate(costs, 1)),
        ("Data quality", contents.quality(report)),
    ]


def _summary(report: Report) -> Table:
    heads = (Column("Figure", TEXT), Column("Value", TEXT), Column("Remarks", TEXT))
    cards = headline.cards(report) if report.tally.messages else ()
    rows = tuple((card.name, card.text, "; ".join(card.notes)) for card in cards)
    caption = headline.basis(report) or headline.remedy(report)
    return Table(headline.finding(report), caption, heads, rows)


def _definitions(report: Report) -> Table:
    heads = (Column("Term", TEXT), Column("Meaning", TEXT))
    rows = (*DEFINITIONS.items(), (headline.MADE_BY, report.command))
    return Table("Definitions", "", heads, rows)


class _Book:
    """A workbook with the report's formats."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self._title = book.add_format({"bold": True, "font_size": 14})
        grey = PALETTE["ink2"].light
        self._caption = book.add_format({"font_color": grey})
        rule = {"bottom": 1, "bottom_color": grey}
        self._heads = {
            figure: book.add_format(
                {"bold": True, "text_wrap": True, "align": "right" if figure else "left", **rule}
            )
            for figure in (True, False)
        }
        self._formats: dict[str, Any] = {}

    def add(self, name: str, table: Table) -> None:
        """A sheet with title, caption, heads and rows."""
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, table.title, self._title)
        sheet.write_string(1, 0, table.caption, self._caption)
        for place, column in enumerate(table.columns):
            sheet.write_string(3, place, column.head, self._heads[column.kind.figure])
            sheet.set_column(place, place, _width(table, place))
        sheet.freeze_panes(4, 1)
        for number, row in enumerate(table.rows, start=4):
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                self._write(sheet, number, place, column, value)
        sheet.hide_gridlines(2)

    def save(self) -> None:
        """Write it to disk."""
        try:
            self.book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] from None

    def _write(self, sheet: Any, row: int, place: int, column: Column, value: Value) -> None:
        form = self._format(column.kind.excel)
        if value is None:
            sheet.write_blank(row, place, None, form)
        elif isinstance(value, str):
            sheet.write_string(row, place, value, form)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, place, value, form)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, datetime.combine(value, time()), form)
        else:
            sheet.write_number(row, place, _number(column, value), form)

    def _format(self, number: str) -> Any:
        if number not in self._formats:
            self._formats[number] = self.book.add_format({"num_format": number, "valign": "top"})
        return self._formats[number]


def _number(column: Column, value: float | Decimal) -> float:
    """As the column's head says: a price of one message as that of a thousand."""
    return float(value * column.kind.scale)


def _width(table: Table, place: int) -> float:
    column = table.columns[place]
    longest = max((len(column.kind.write(row[place])) for row in table.rows), default=0)
    words = max(map(len, column.head.split()), default=0)
    return min(max(longest, words, 8) + 2, _WIDEST)
