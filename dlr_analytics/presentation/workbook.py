"""A workbook: a sheet for each table, with typed cells, charts and no formulas."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from dlr_analytics.presentation.palette import PALETTE
from dlr_analytics.presentation.table import SECONDS, TEXT, Column, Kind, Table, Value

FIRST_ROW: Final = 4
"""Below the title, the caption, the note and the heads."""

_WIDEST: Final = 60

_A4: Final = 9
"""The number of the paper's size."""

_FOOT: Final = 120

_LONGEST: Final = 32_767
"""Characters that a cell holds: xlsxwriter leaves out what is longer."""


def sheet_name(text: str) -> str:
    """Return a name for a sheet that Excel accepts: at most 31 characters.

    Examples
    --------
    >>> sheet_name("Cost by a/b [EUR]"), sheet_name("'x'"), sheet_name("History")
    ('Cost by a-b -EUR-', 'x', 'History ')
    """
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "-", text)
    # In UTF-16, as Excel counts.
    cut = plain.encode("utf-16-le", "replace")[:62].decode("utf-16-le", "ignore").strip(" '")
    return f"{cut} " if cut.lower() == "history" else cut or "Sheet"


class Workbook:
    """A workbook that is written when it is closed.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced.
    title : str
        The title among the properties of the file.
    created : datetime
        The creation time among them: without one, xlsxwriter would write the current time, and
        equal tables would make different files.
    """

    def __init__(self, path: Path, title: str, created: datetime) -> None:
        self._book = xlsxwriter.Workbook(str(path))
        self._book.set_properties({"title": title, "created": created})
        grey = PALETTE["ink2"].light
        self._title = self._book.add_format({"bold": True, "font_size": 14})
        self._caption = self._book.add_format({"font_color": grey})
        self._head = {"bold": True, "text_wrap": True, "bottom": 1, "bottom_color": grey}
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def add(self, table: Table) -> None:
        """Add a sheet with title, caption, heads and rows."""
        sheet = self.sheet(table.name, table.title, table.caption, table.columns, table.note)
        for number, row in enumerate(table.rows, start=FIRST_ROW):
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                self.write(sheet, number, place, column.kind, value)
        for place in range(len(table.columns)):
            sheet.set_column(place, place, _width(table, place))
        if len(table.rows) > 1:
            sheet.autofilter(FIRST_ROW - 1, 0, _last(table), len(table.columns) - 1)

    def draw(self, sheet: Any, table: Table, place: int) -> None:
        """Draw the ``lines`` of a table that was added, in a column of a sheet."""
        chart = self._book.add_chart({"type": "line"})
        name, last = sheet_name(table.name), _last(table)
        values = (row[number] for row in table.rows for number in table.lines)
        shares = [value for value in values if isinstance(value, float)]
        for turn, number in enumerate(table.lines):
            color = PALETTE["ink2" if turn else "delivered"].light
            chart.add_series(
                {
                    "name": [name, FIRST_ROW - 1, number],
                    "categories": [name, FIRST_ROW, 0, last, 0],
                    "values": [name, FIRST_ROW, number, last, number],
                    "line": {"color": color, "width": 0.75 if turn else 2.25},
                }
            )
        lowest = math.floor(min(shares, default=0) * 10) / 10
        chart.set_title({"name": table.title, "overlay": False, "name_font": {"size": 12}})
        chart.set_x_axis({"date_axis": True, "num_format": "d mmm"})
        chart.set_y_axis({"num_format": "0%", "min": lowest, "max": 1})
        chart.set_legend({"position": "bottom"})
        chart.show_blanks_as("gap")
        chart.set_size({"width": 720, "height": 320})
        sheet.insert_chart(FIRST_ROW - 1, place, chart, {"description": table.title})

    def _unused(self, name: str) -> str:
        """A name that no sheet has yet, whatever its case."""
        used = {sheet.get_name().lower() for sheet in self._book.worksheets()}
        found, number = name, 1
        while found.lower() in used:
            number += 1
            found = f"{name[: 30 - len(str(number))]} {number}"
        return found

    def sheet(
        self, name: str, title: str, caption: str, columns: Sequence[Column], note: str = ""
    ) -> Any:
        """Add a sheet with title, caption, note and heads, and return it."""
        sheet = self._book.add_worksheet(self._unused(sheet_name(name)))
        sheet.hide_gridlines(2)
        _set_page(sheet, title)
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.write_string(0, 0, title, self._title)
        for row, text in enumerate((caption, note), start=1):
            if text:
                sheet.write_string(row, 0, text[:_LONGEST], self._caption)
        for place, column in enumerate(columns):
            align = "right" if column.kind.figure else "left"
            head = self._format(**self._head, align=align)
            sheet.write_string(FIRST_ROW - 1, place, _head(column), head)
        return sheet

    def write(self, sheet: Any, row: int, place: int, kind: Kind, value: Value) -> None:
        """Write a value into a cell, in the format of its kind."""
        form = self._format(num_format=kind.excel, valign="top", text_wrap=kind is TEXT)
        if value is None:
            sheet.write_blank(row, place, None, form)
        elif isinstance(value, str):
            # Never `write`, which would make a formula of what begins with an equals sign.
            sheet.write_string(row, place, value[:_LONGEST], form)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, place, value, form)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, datetime.combine(value, time()), form)
        else:
            sheet.write_number(row, place, float(value * kind.scale), form)

    def close(self) -> None:
        """Write the file.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        try:
            self._book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] from None

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]


def _last(table: Table) -> int:
    """The row of the last value."""
    return FIRST_ROW - 1 + len(table.rows)


def _set_page(sheet: Any, title: str) -> None:
    """Print on A4 across, as wide as a page, the heads on each, numbered at the foot."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(FIRST_ROW - 1)
    # What follows an ampersand is a code there; 255 characters are the most.
    sheet.set_footer(f"&L{title.replace('&', '&&')[:_FOOT]}&R&P / &N")


def _head(column: Column) -> str:
    """Name the unit of durations, which are plain numbers here."""
    return f"{column.head}, s" if column.kind is SECONDS else column.head


def _width(table: Table, place: int) -> float:
    column = table.columns[place]
    longest = max((len(column.kind.write(row[place])) for row in table.rows), default=0)
    words = max(map(len, column.head.split()), default=0)
    return min(max(longest, words, 8) + 2, _WIDEST)
