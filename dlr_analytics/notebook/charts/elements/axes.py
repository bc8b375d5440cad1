"""Axes by what they measure: names, shares, amounts, durations, time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from dlr_analytics.notebook.charts.elements.series import escape
from dlr_analytics.notebook.charts.timeline import beginning, following, steps
from dlr_analytics.report.svg.scale import mondays, rate_ticks

_DURATIONS: Final = {
    1: "1 s",
    3: "3 s",
    10: "10 s",
    30: "30 s",
    60: "1 min",
    180: "3 min",
    600: "10 min",
    1800: "30 min",
    3600: "1 h",
    10800: "3 h",
    21600: "6 h",
    86400: "1 day",
    259200: "3 days",
}

_SPARSE: Final = (1, 10, 60, 600, 3600, 21600, 86400)


def of_names(names: Sequence[str]) -> dict[str, Any]:
    """An axis of names from top to bottom, as text even if they are all digits."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(names),
        "range": [len(names) - 0.5, -0.5],
        "tickvals": list(names),
        "ticktext": [escape(name) + " " for name in names],
    }


def of_rates(floor: float) -> dict[str, Any]:
    """An axis of shares from a floor to 100%, in per cent."""
    ticks = rate_ticks(floor)
    return {
        "range": [floor, 1.0],
        "tickvals": ticks,
        "tickformat": ".0%",
        "ticklabeloverflow": "allow",
    }


def of_amounts(highest: float, sign: str = "") -> dict[str, Any]:
    """An axis of numbers from zero, large ones in thousands or millions."""
    return {
        "range": [0, 1.08 * (highest or 1)],
        "nticks": 5,
        "tickprefix": sign,
        "tickformat": "~s" if highest >= 1000 else "",
    }


def of_durations(seconds: Iterable[float | None]) -> dict[str, Any]:
    """A logarithmic axis of durations, from one second up."""
    known = [max(1.0, value) for value in seconds if value is not None]
    low, high = math.log10(min(known, default=1)), math.log10(max(known, default=60))
    edge = 0.08 * max(1.0, high - low)
    named = {at: name for at, name in _DURATIONS.items() if high - low < 2 or at in _SPARSE}
    return {
        "type": "log",
        "range": [low - edge, high + 2 * edge],
        "tickvals": list(named),
        "ticktext": list(named.values()),
    }


def of_time(first: date, last: date, grain: str, ticks: int) -> dict[str, Any]:
    """A time axis with a margin of half a step, and ticks on Mondays for weeks.

    Parameters
    ----------
    first, last : date or datetime
        Its first and last point.
    grain : str
        hour, day, week or month.
    ticks : int
        The largest number of labels.
    """
    shown: dict[str, Any] = {
        "type": "date",
        "range": [before(first, grain), after(last, grain)],
        "ticks": "outside",
        "ticklen": 4,
        "hoverformat": {"hour": "%a %-d %b %Y %H:%M", "month": "%B %Y"}.get(grain, "%a %-d %b %Y"),
    }
    begin, end = beginning(first).date(), beginning(last).date()
    if grain == "month":
        return {**shown, "tickformat": "%b<br>%Y", "nticks": ticks}
    if grain == "hour" and (end - begin).days < 3:
        return {**shown, "tickformat": "%H:%M<br>%-d %b", "nticks": ticks}
    every = list(steps(begin, end, "week" if grain == "week" else "day"))
    named = every if len(every) <= ticks else mondays(begin, end, ticks)
    return {**shown, "tickvals": named, "tickformat": "%-d %b"}


def before(at: date, grain: str) -> datetime:
    """The time half a step before a point, where its column begins."""
    return beginning(at) - (following(at, grain) - at) / 2


def after(at: date, grain: str) -> datetime:
    """The time half a step after a point, where its column ends."""
    return beginning(at) + (following(at, grain) - at) / 2
