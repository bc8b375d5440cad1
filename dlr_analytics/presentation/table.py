"""A table of values with typed columns, independent of the format that writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from dlr_analytics.presentation import formats

Value = str | int | float | Decimal | date | datetime | None


class Kind(NamedTuple):
    """How the values of a column are written: as text, and in Excel."""

    write: Callable[[Value], str]
    excel: str
    figure: bool = True
    """Whether it is a number, aligned right."""
    scale: int = 1
    """The factor that Excel's number is multiplied by, where its unit differs."""


def _number(write: Callable[[int | float | Decimal | None], str]) -> Callable[[Value], str]:
    def written(value: Value) -> str:
        assert value is None or isinstance(value, int | float | Decimal)
        return write(value)

    return written


def _text(value: Value) -> str:
    return formats.MISSING if value is None else str(value)


def _day(value: Value) -> str:
    return formats.day(value) if isinstance(value, date) else formats.MISSING


def _moment(value: Value) -> str:
    if not isinstance(value, datetime):
        return formats.MISSING
    return f"{formats.day(value)} {value:%H:%M}"


def _per_thousand(value: Value) -> str:
    return formats.per_thousand(value if isinstance(value, Decimal) else None)


TEXT: Final = Kind(_text, "@", figure=False)
CODE: Final = Kind(_text, "@", figure=False)
"""An ID, a code or a command."""
COUNT: Final = Kind(_number(formats.count), "#,##0")
SHARE: Final = Kind(_number(formats.rate_figure), "0.0%")
"""A share in per cent; the head of the column has the unit."""
POINTS: Final = Kind(_number(formats.points), "+0.0;-0.0;0.0", scale=100)
"""A difference of shares; the head of the column has the unit."""
WHOLE_SHARE: Final = Kind(_number(lambda share: formats.rate_figure(share, 0)), "0%")
SECONDS: Final = Kind(_number(formats.duration), "#,##0")
MONEY: Final = Kind(_number(formats.money_figure), "#,##0.00")
PER_THOUSAND: Final = Kind(_per_thousand, "#,##0.00", scale=1000)
"""The price of one message, written as that of a thousand."""
DAY: Final = Kind(_day, "d mmm yyyy", figure=False)
MOMENT: Final = Kind(_moment, "d mmm yyyy hh:mm", figure=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A head and the kind of its values; with ``bar``, pages draw bars too."""

    head: str
    kind: Kind = COUNT
    bar: bool = False
    caution: float | None = None
    """Above this, the value is marked as uncertain."""


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table whose first column names the row.

    Attributes
    ----------
    name : str
        A short name, such as that of a sheet in a workbook.
    title, caption : str
        What it shows and what is measured. Without rows, the caption is a sentence that says why,
        with code in backticks.
    columns, rows : tuple
        Heads with the kind of their values, and the values.
    strong : frozenset of int
        The rows that are sums of the others.
    careful : frozenset of (int, int)
        The cells, by row and column, that are marked as uncertain.
    marks : str
        What the marks of its chart mean; only pages draw one.
    note : str
        A sentence to add to the table, with code in backticks.
    lines : tuple of int
        The columns of shares that a workbook draws over the first one, the main one first.
    """

    name: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    strong: frozenset[int] = frozenset()
    careful: frozenset[tuple[int, int]] = frozenset()
    marks: str = ""
    note: str = ""
    lines: tuple[int, ...] = ()

    def longest(self, column: int) -> float:
        """Return the largest number of a column, 1 where there is none."""
        figures = [value for row in self.rows if isinstance(value := row[column], int | Decimal)]
        return float(max(figures, default=0)) or 1.0
