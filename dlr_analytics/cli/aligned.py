"""Tables for people to read, in a terminal or as Markdown. What strangers wrote is tamed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from dlr_analytics.cli.rows import plain

MISSING: Final = "–"

Rows = Iterable[tuple[Any, ...]]


def lines(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """A head and the rows, each column as wide as its widest value, figures to the right.

    Examples
    --------
    >>> for line in lines(["sender", "rate"], [("Acme", 0.94512), ("\\u202eBank", None)]):
    ...     print(line)
    sender  rate
    Acme    0.9451
    �Bank        –
    """
    values = list(rows)
    table = [_cells(columns), *map(_cells, values)]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    pads = [
        _to_the_right if figures else _to_the_left for figures in _figures(len(columns), values)
    ]
    for cells in table:
        padded = [pad(text, width) for pad, text, width in zip(pads, cells, widths, strict=True)]
        yield "  ".join(padded).rstrip()


def markdown(columns: Sequence[str], rows: Rows) -> Iterator[str]:
    """A head, the rule that aligns figures to the right, and the rows."""
    from dlr_analytics.report.markdown import escaped

    values = list(rows)
    sides = ["--:" if right else "---" for right in _figures(len(columns), values)]
    yield _piped(map(escaped, _cells(columns)))
    yield _piped(sides)
    for row in values:
        yield _piped(map(escaped, _cells(row)))


def cell(value: Any, limit: int = 60) -> str:
    """A value on one line, long text cut.

    Examples
    --------
    >>> cell(None), cell(0.5), cell(1e-9), cell(True), cell(["scts_missing"]), cell("a\\nb")
    ('–', '0.5000', '1.0e-09', 'true', 'scts_missing', 'a b')
    """
    from dlr_analytics.presentation.sanitize import tame

    return tame(_text(value), limit)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if value == 0 or 0.0001 <= abs(value) < 1e12 else f"{value:.1e}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    value = plain(value)
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)


def _cells(values: Iterable[Any]) -> list[str]:
    return [cell(value) for value in values]


def _figures(count: int, rows: list[tuple[Any, ...]]) -> list[bool]:
    """Which columns hold numbers."""
    return [any(_is_number(row[place]) for row in rows) for place in range(count)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _to_the_right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text


def _to_the_left(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns of a terminal that the text takes: East Asian characters take two, marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _piped(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
