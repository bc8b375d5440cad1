"""The words of the explorer: headline, caption, chips and the labels of values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from dlr_analytics.analysis.explore.exploration import Exploration, Limits
from dlr_analytics.analysis.query import CYCLES
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.values import short_text
from dlr_analytics.report.captions import moment
from dlr_analytics.vocabulary import ERR_CODES

Row = Mapping[str, Any]

TITLES: Final = {
    "network_code": "Network",
    "country": "Country",
    "sender": "Sender",
    "err_code": "Reason",
}

_NULL: Final = {
    "network_code": "no network",
    "country": "unknown country",
    "sender": "no sender",
    "err_code": "no code",
}

_MEANINGS: Final[dict[object, str]] = {one.err_code: one.meaning for one in ERR_CODES}

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def title(dimension: str) -> str:
    """Name a column.

    Examples
    --------
    >>> title("err_code"), title("hour_of_day")
    ('Reason', 'Hour of day')
    """
    words = dimension.replace("_", " ").strip() or dimension
    return TITLES.get(dimension, words[:1].upper() + words[1:])


def headline(row: Row) -> dict[str, str]:
    """State what was delivered, its interval and its bounds.

    Examples
    --------
    >>> row = {"messages": 925, "delivery_rate": 0.76, "ci_low": 0.731, "ci_high": 0.786}
    >>> headline(row | {"pending": 0})
    {'share': '76.0%', 'text': 'of 925 messages delivered', 'interval': '73.1 to 78.6%',
     'bounds': ''}
    >>> headline(row | {"pending": 9, "success_ratio": 0.755, "best_case": 0.765})["bounds"]
    '75.5 to 76.5% once the 9 pending settle'
    >>> headline({"messages": 0})["text"]
    'No messages in this selection'
    """
    if not row["messages"]:
        return {"share": "", "text": "No messages in this selection", "interval": "", "bounds": ""}
    pending = row["pending"]
    bounds = formats.interval(row["success_ratio"], row["best_case"]) if pending else ""
    settle = "settles" if pending == 1 else "settle"
    known = row["ci_low"] is not None
    return {
        "share": formats.rate(row["delivery_rate"]) if known else "An unknown share",
        "text": f"of {formats.counted(row['messages'], 'message')} delivered",
        "interval": formats.interval(row["ci_low"], row["ci_high"]) if known else "",
        "bounds": f"{bounds} once the {formats.count(pending)} pending {settle}" if pending else "",
    }


def caption(x: Exploration) -> str:
    """Name the period, its steps and the as-of time.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> caption(Exploration(dlr.open("data/sample"), since="2026-11-01", until="2026-11-04"))
    '1 to 3 November 2026 (UTC) · by hour · as of 23 Nov 2026, 23:45'
    """
    as_of = f"as of {moment(x.as_of, x.tz)}"
    if x.shown is None:
        return as_of
    return f"{period(full_days(x, x.shown))} ({x.tz}) · by {x.grain} · {as_of}"


def period(limits: Limits) -> str:
    """Write a period as days, or to the minute where it does not consist of days.

    Examples
    --------
    >>> day = dt.datetime(2026, 11, 13)
    >>> period((day, day + dt.timedelta(days=3)))
    '13 to 15 November 2026'
    >>> period((day, day + dt.timedelta(hours=6)))
    '13 Nov, 00:00 to 06:00'
    """
    since, until = limits
    if since.time() == until.time() == dt.time() and since < until:
        return formats.dates(since.date(), until.date() - dt.timedelta(days=1))
    end = f"{until:%H:%M}" if since.date() == until.date() else _to_the_minute(until)
    return f"{_to_the_minute(since)} to {end}"


def full_days(x: Exploration, limits: Limits) -> Limits:
    """Extend open sides of a period to whole days."""
    day = dt.timedelta(days=1)
    since, until = limits
    first = since.replace(hour=0, minute=0, second=0, microsecond=0)
    last = until.replace(hour=0, minute=0, second=0, microsecond=0)
    open_since, open_until = (side is None for side in x.sides)
    return (first if open_since else since), (last + day if open_until and last < until else until)


def value(dimension: str, value: object, names: Mapping[Any, str]) -> str:
    """Write a value of a column, with its name where it has one.

    Examples
    --------
    >>> value("network_code", "23410", {"23410": "O2 (UK)"}), value("err_code", 6, {})
    ('23410 O2 (UK)', '6 Anti-spam rejection')
    >>> value("sender", None, {}), value("weekday", 1, {}), value("hour_of_day", 9, {})
    ('no sender', 'Monday', '09:00')
    """
    if value is None:
        return _NULL.get(dimension, f"no {dimension.replace('_', ' ')}")
    if dimension in CYCLES and isinstance(value, int):
        return _WEEKDAYS[value - 1] if dimension == "weekday" else f"{value:02}:00"
    name = _MEANINGS.get(value, "") if dimension == "err_code" else names.get(value, "")
    written = short_text(value) if value != "" else "(empty)"
    return f"{written} {short_text(name)}" if name else written


def chip(dimension: str, values: list[str]) -> str:
    """Name a selection.

    Examples
    --------
    >>> chip("sender", ["Acme", "Initech", "Globex", "O2"])
    'Sender Acme, Initech and 2 more'
    """
    listed = values if len(values) <= 3 else [*values[:2], f"{len(values) - 2} more"]
    joined = ", ".join(listed[:-1]) + " and " + listed[-1] if len(listed) > 1 else listed[0]
    return f"{title(dimension)} {joined}"


def _to_the_minute(at: dt.datetime) -> str:
    return f"{formats.day(at.date())}, {at:%H:%M}"
