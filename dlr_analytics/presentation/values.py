"""Any value that a column of ``messages`` or a statement of one's own can hold, as short text."""

from __future__ import annotations

from datetime import date, datetime

from dlr_analytics.presentation.formats import MISSING
from dlr_analytics.presentation.sanitize import tame


def shown(value: object, limit: int = 40) -> str:
    """A value on one line, a stranger's text tamed.

    Parameters
    ----------
    value : object
        Of any type that DuckDB gives.
    limit : int
        The most characters that are kept.

    Examples
    --------
    >>> shown("23410"), shown(None), shown(True), shown(""), shown(0.123456789)
    ('23410', '–', 'true', "''", '0.123457')
    >>> shown(date(2026, 11, 9)), shown(datetime(2026, 11, 9, 7, 30)), shown(["scts_missing"])
    ('9 Nov 2026', '9 Nov 2026 07:30', 'scts_missing')
    """
    return tame(_text(value), limit) or "''"


def _text(value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        seconds = ":%S" if value.second else ""
        return f"{value.day} {value.strftime(f'%b %Y %H:%M{seconds}')}"
    if isinstance(value, date):
        return f"{value.day} {value:%b %Y}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "none"
    return str(value)
