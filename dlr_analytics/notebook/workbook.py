"""A result as a workbook of one sheet."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.errors import UsageError
from dlr_analytics.notebook.kinds import kinds_of
from dlr_analytics.presentation.replacing import check_place, replace_file
from dlr_analytics.presentation.table import CODE, DAY, MOMENT, Column, Kind, Table
from dlr_analytics.presentation.table import Value as Cell
from dlr_analytics.presentation.values import is_number, plain
from dlr_analytics.presentation.workbook import Workbook
from dlr_analytics.report.captions import counted, title
from dlr_analytics.settings.parsers import check_output_file

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

MOST_ROWS: Final = 1_048_000
"""A sheet of Excel has 1,048,576 rows."""

_LARGEST: Final = 10**15 - 1
"""Excel keeps 15 digits of a number: a longer one, as of an ID, would be another one."""

_PLAIN: Final = Kind(str, "General")

_ELSEWHERE: Final = "name another file"


def write(result: Result, path: Path) -> None:
    """Write a result, under the names of its columns; see :meth:`Result.to_excel`."""
    check_output_file(path)
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"to_excel: {path.name} is no workbook", "end the name in .xlsx")
    check_place(path, _ELSEWHERE)
    if len(result) > MOST_ROWS:
        raise UsageError(
            f"to_excel: {len(result):,} rows, and a sheet holds {MOST_ROWS:,}",
            "group them, or write .df().to_csv(…)",
        )
    rows = tuple(tuple(map(_cell, row)) for row in result.rows())
    table = Table(title(result), title(result), counted(result), _columns(result, rows), rows)

    def write_book(draft: Path) -> None:
        book = Workbook(draft, title(result), result.as_of)
        book.add(table)
        book.close()

    replace_file(path, write_book, _ELSEWHERE)


def _columns(result: Result, rows: tuple[tuple[Cell, ...], ...]) -> tuple[Column, ...]:
    kinds = kinds_of(result)
    columns = []
    for place, name in enumerate(result.columns):
        kind = _kind([row[place] for row in rows])
        if name in kinds:
            # Exact amounts need the width of all their digits.
            exact = any(isinstance(row[place], Decimal) for row in rows)
            kind = Kind(str if exact else kinds[name].text, kinds[name].excel)
        columns.append(Column(name, kind))
    return tuple(columns)


def _kind(values: list[Cell]) -> Kind:
    """The kind of a column that no record describes: that of its first value."""
    value = next((value for value in values if value is not None), None)
    if isinstance(value, dt.datetime):
        return MOMENT
    if isinstance(value, dt.date):
        return DAY
    return _PLAIN if is_number(value) else CODE


def _cell(value: Any) -> Cell:
    """A value that a cell can hold: others, like lists, as text; NaN is empty."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and abs(value) > _LARGEST:
        return str(value)
    if value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool)):
        return value
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        value = value.astimezone(dt.UTC).replace(tzinfo=None)
    if isinstance(value, dt.date):
        # Excel has no time before 1900.
        return value if value.year >= 1900 else value.isoformat()
    text = plain(value)
    return (
        ", ".join(map(str, text)) if isinstance(text, list) else None if text is None else str(text)
    )
