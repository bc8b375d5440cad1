"""Write any value that a query can return, as JSON or as text on one line.

Text has two forms: a *cell* of a table in a terminal has ISO 8601 times and four decimals, *short
text* in charts and notebooks has dates such as ``9 Nov 2026``.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NamedTuple

from dlr_analytics.presentation.formats import MISSING
from dlr_analytics.presentation.sanitize import sanitize

_INFINITE: Final = (
    *(dt.date.min, dt.date.max),
    *(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999)),
)
"""What DuckDB returns for its infinite dates and timestamps."""


class _Form(NamedTuple):
    """The writers of the types whose text differs between the two forms."""

    number: Callable[[float], str]
    moment: Callable[[dt.datetime], str]
    day: Callable[[dt.date], str]
    empty_list: str


def plain(value: object) -> Any:
    """Convert a value for JSON: times as ISO 8601 text, decimals as text, no NaN.

    Examples
    --------
    >>> plain([Decimal("1E-8"), float("nan"), dt.datetime(2026, 11, 1, 12), dt.date(2026, 11, 1)])
    ['0.00000001', None, '2026-11-01T12:00:00', '2026-11-01']
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return None if value in _INFINITE else value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    return value.hex() if isinstance(value, bytes) else str(value)


def cell(value: object, limit: int = 60) -> str:
    """Write a value on one line for a table in a terminal, sanitised.

    Parameters
    ----------
    value : object
        Of any type that DuckDB returns.
    limit : int
        The maximum number of characters; longer text ends in ``…``.

    Examples
    --------
    >>> cell(None), cell(0.5), cell(1e-9), cell(True), cell(["scts_missing"]), cell("a\\nb")
    ('–', '0.5000', '1.0e-09', 'true', 'scts_missing', 'a b')
    >>> cell(dt.datetime(2026, 11, 9, 7, 30)), cell(dt.date(2026, 11, 9))
    ('2026-11-09 07:30:00', '2026-11-09')
    """
    return sanitize(_text(value, _CELL), limit)


def short_text(value: object, limit: int = 40) -> str:
    """Write a value on one line for a chart or notebook, sanitised, never empty.

    Parameters
    ----------
    value : object
        Of any type that DuckDB returns.
    limit : int
        The maximum number of characters; longer text ends in ``…``.

    Examples
    --------
    >>> [short_text(value) for value in ("23410", None, True, "", 0.123456789, ["scts_missing"])]
    ['23410', '–', 'true', "''", '0.123457', 'scts_missing']
    >>> short_text(dt.date(2026, 11, 9)), short_text(dt.datetime(2026, 11, 9, 7, 30))
    ('9 Nov 2026', '9 Nov 2026 07:30')
    """
    return sanitize(_text(value, _SHORT), limit) or "''"


def is_number(value: object) -> bool:
    """Return whether a value is a number, whose column is aligned right.

    >>> is_number(1), is_number(Decimal("0.05")), is_number(True), is_number("23410")
    (True, True, False, False)
    """
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _text(value: object, form: _Form) -> str:
    if isinstance(value, float):
        return form.number(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(_text(item, form) for item in value) or form.empty_list
    text = plain(value)
    if text is None:
        return MISSING
    if isinstance(value, dt.datetime):
        return form.moment(value)
    return form.day(value) if isinstance(value, dt.date) else str(text)


def _four_decimals(number: float) -> str:
    plain_size = number == 0 or 0.0001 <= abs(number) < 1e12
    return f"{number:.4f}" if plain_size else f"{number:.1e}"


def _day(value: dt.date) -> str:
    return f"{value.day} {value:%b %Y}"


def _minute(value: dt.datetime) -> str:
    seconds = ":%S" if value.second else ""
    return f"{_day(value)} {value.strftime(f'%H:%M{seconds}')}"


_CELL: Final = _Form(_four_decimals, lambda at: at.isoformat(sep=" "), dt.date.isoformat, "")
_SHORT: Final = _Form("{:.6g}".format, _minute, _day, "none")
