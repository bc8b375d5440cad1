"""Conditions on columns, as SQL that is quoted rightly, and calls as Python."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dlr_analytics.analysis.engines.duckdb import Connection, engine_errors
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.timezones import local, utc
from dlr_analytics.errors import DlrError, UnreadableValue, UsageError
from dlr_analytics.store.sql import literal

_AS_WRITTEN: Final = re.compile(r"BOOLEAN|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(.*\)")
"""Types whose values are literals without quotes."""

_COMPOSITE: Final = re.compile(r"\]$|^(STRUCT|MAP|UNION)\(")
"""Types whose values have parts."""

_PREFIXED: Final = {"VARCHAR": "", "DATE": "date ", "TIMESTAMP": "timestamp "}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a column, and the SQL literal of it; ``null`` for NULL."""

    value: Any
    sql: str


NULL: Final = Value(None, "null")


def value_of(connection: Connection, column: str, value: object, kind: str | None) -> Value:
    """Convert a value to the type of a column.

    Parameters
    ----------
    connection : Connection
        What converts it.
    column : str
        The column's name, for the error.
    value : object
        A Python or numpy value; None and pandas' missing values are NULL.
    kind : str, optional
        The SQL type; by default that of the value.

    Raises
    ------
    UnreadableValue
        If it is no value of that type.

    Examples
    --------
    >>> from dlr_analytics.analysis.engines.duckdb import connect
    >>> value_of(connect(), "err_code", "6", "SMALLINT")
    Value(value=6, sql='6')
    >>> value_of(connect(), "network_code", 21407, "VARCHAR").sql
    "'21407'"
    """
    value = value.item() if hasattr(value, "item") else value
    missing = isinstance(value, float) and math.isnan(value) and kind != "DOUBLE"
    if value is None or missing or type(value).__name__ in ("NAType", "NaTType"):
        return NULL
    try:
        with engine_errors():
            kind = kind or str(connection.execute("select typeof($1)", [value]).fetchall()[0][0])
            ((typed, text),) = connection.execute(
                f"select cast($1 as {kind}), cast(cast($1 as {kind}) as varchar)", [value]
            ).fetchall()
    except EngineError:
        raise UnreadableValue(
            f"{column}: {value!r} is no {kind or 'value'}", "give a value of the column"
        ) from None
    if _AS_WRITTEN.fullmatch(kind):
        return Value(typed, text)
    quoted = literal(text)
    if kind in _PREFIXED:
        return Value(typed, f"{_PREFIXED[kind]}{quoted}")
    return Value(typed, f"cast({quoted} as {kind})")


def must_be_one_value(subject: str, kind: str) -> None:
    """Check that values of an SQL type have no parts.

    Raises
    ------
    UsageError
        If they have.

    Examples
    --------
    >>> must_be_one_value("by: words", "VARCHAR[]")
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: by: words has several values, VARCHAR[]; name one of them
    """
    if _COMPOSITE.search(kind):
        raise UsageError(f"{subject} has several values, {kind}", "name one of them")


def condition(column: str, values: Sequence[Value]) -> str:
    """SQL that a column has one of some values; NULL may be among them.

    Examples
    --------
    >>> gb, fr = Value("GB", "'GB'"), Value("FR", "'FR'")
    >>> condition("country", [gb]), condition("country", [gb, fr]), condition("country", [NULL])
    ("country = 'GB'", "country in ('GB', 'FR')", 'country is null')
    >>> condition("country", [gb, NULL])
    "(country = 'GB' or country is null)"
    """
    literals = [one.sql for one in values if one != NULL]
    parts = []
    if literals:
        one = len(literals) == 1
        parts = [f"{column} = {literals[0]}" if one else f"{column} in ({', '.join(literals)})"]
    if NULL in values:
        parts.append(f"{column} is null")
    return f"({' or '.join(parts)})" if len(parts) > 1 else parts[0]


def all_of(where: str | None, conditions: Iterable[str]) -> str | None:
    """The user's condition and others.

    Examples
    --------
    >>> all_of("price > 1 or true", ["country = 'GB'"]), all_of("price > 1", []), all_of(None, [])
    ("(price > 1 or true) and country = 'GB'", 'price > 1', None)
    """
    more = list(conditions)
    if where is not None and more:
        where = f"({where})"
    return " and ".join(filter(None, [where, *more])) or None


def call(parameters: Mapping[str, str | None]) -> str:
    """The call of a delivery rate that is given these parameters, and its chart.

    Examples
    --------
    >>> call({"by": "day", "since": None, "where": "country = 'GB'"})
    'db.delivery_rate(by="day", where="country = \\'GB\\'").plot()'
    """
    given = [f"{name}={_python(text)}" for name, text in parameters.items() if text is not None]
    return f"db.delivery_rate({', '.join(given)}).plot()"


def written(moment: dt.datetime, tz: str) -> str:
    """A naive UTC time as text that means it as a parameter: local where it can be.

    Examples
    --------
    >>> written(dt.datetime(2026, 11, 1), "UTC"), written(dt.datetime(2026, 7, 1), "Europe/London")
    ('2026-11-01', '2026-07-01T01:00')

    The second of two equal local times:

    >>> written(dt.datetime(2026, 10, 25, 1), "Europe/London")
    '2026-10-25T01:00Z'
    """
    try:
        at = local(moment, tz)
        if utc("time", at, tz) == moment:
            return at.date().isoformat() if at.time() == dt.time() else _short(at)
    except DlrError:
        pass
    return f"{_short(moment)}Z"


def _short(at: dt.datetime) -> str:
    whole = at.second == 0 and at.microsecond == 0
    return at.isoformat(timespec="minutes" if whole else "auto")


def _python(text: str) -> str:
    """A text as a literal of Python, in double quotes where they need no escape."""
    # Of a text that has a single quote and no double one, Python's repr is in double quotes.
    return '"' + repr("'" + text)[2:] if '"' not in text else repr(text)
