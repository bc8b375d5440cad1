"""The time axes of the explorer: edges to brush between, ticks, and marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from dlr_analytics.analysis.explore.exploration import Exploration, Limits
from dlr_analytics.analysis.explore.fold import Row
from dlr_analytics.notebook.charts.elements.rates import known
from dlr_analytics.notebook.charts.timeline import beginning, following, steps, unsettled_from
from dlr_analytics.notebook.explorer.words import period
from dlr_analytics.presentation import formats
from dlr_analytics.report.svg.scale import lowest_for, rate_ticks

_STRIDES: Final = {
    "hour": (1, 2, 3, 6, 12, 24, 48),
    "day": (1, 2, 7, 14, 28, 56),
    "week": (1, 2, 4, 13, 26),
    "month": (1, 2, 3, 6, 12, 24),
}

Axis = dict[str, Any]


def course(x: Exploration) -> Axis | None:
    """The delivery rate by step, and its y axis; None where there is no period.

    ``points`` lists ``[step, rate, low, high, delivered so far, best case, open, words]``.
    """
    if x.shown is None:
        return None
    grain = x.grain
    axis, starts = _axis(x.shown, grain)
    place = {at: step for step, at in enumerate(starts)}
    rows = [row for row in x.course() if beginning(row[grain]) in place]
    unsettled = unsettled_from(x, starts[0], starts[-1], grain)
    settled = [row for row in rows if not _is_open(row, grain, unsettled)]
    floor = lowest_for([*known(settled, "ci_low"), *known(rows, "delivery_rate")])
    return axis | {
        "points": [
            [
                place[beginning(row[grain])],
                *(row[name] for name in ("delivery_rate", "ci_low", "ci_high")),
                *(row["success_ratio"], row["best_case"]),
                _is_open(row, grain, unsettled),
                _words(row, grain),
            ]
            for row in rows
        ],
        "floor": floor,
        "rates": [[share, formats.rate(share, 0)] for share in rate_ticks(floor)],
        "unsettled": place[beginning(unsettled)] if unsettled in place else None,
    }


def overview(x: Exploration) -> Axis | None:
    """Messages by step of the whole period, with the brushed part of it.

    ``bars`` lists ``[step, messages as a share of the most, words]``.
    """
    if x.limits is None or x.shown is None:
        return None
    grain = x.overview_grain
    axis, starts = _axis(x.limits, grain)
    place = {at: step for step, at in enumerate(starts)}
    rows = [row for row in x.overview() if beginning(row[grain]) in place]
    most = max((row["messages"] for row in rows), default=1)
    since, until = x.shown
    return axis | {
        "bars": [
            [place[beginning(row[grain])], row["messages"] / most, _words(row, grain)]
            for row in rows
        ],
        "brush": [_position(starts, since), _position(starts, until)] if x.is_brushed else None,
    }


def _axis(limits: Limits, grain: str) -> tuple[Axis, list[dt.datetime]]:
    """The steps of a period: their edges as local times, and ticks from many to few."""
    since, until = limits
    last = max(since, until - dt.timedelta(microseconds=1))
    starts = [beginning(at) for at in steps(_begin(since, grain), last, grain)]
    edges = [*starts, beginning(following(starts[-1], grain))]
    written = [at.isoformat(timespec="minutes") for at in edges]
    label = f"{period((starts[0], edges[-1]))}, by {grain}"
    return {"edges": written, "ticks": _ticks(starts, grain), "label": label}, starts


def _begin(at: dt.datetime, grain: str) -> dt.datetime:
    """The beginning of the step that a time is in."""
    if grain == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _ticks(starts: Sequence[dt.datetime], grain: str) -> list[list[list[Any]]]:
    """Sets of ticks, each wider apart: the first that has room is drawn."""
    return [
        [[step, _tick(at, grain)] for step, at in enumerate(starts) if _ordinal(at, grain) % n == 0]
        for n in _STRIDES[grain]
    ]


def _ordinal(at: dt.datetime, grain: str) -> int:
    """A number of the step, in which days count from a Monday."""
    if grain == "month":
        return at.year * 12 + at.month - 1
    days = at.toordinal() - 1
    return {"hour": days * 24 + at.hour, "day": days, "week": days // 7}[grain]


def _tick(at: dt.datetime, grain: str) -> str:
    if grain == "hour" and at.hour:
        return f"{at:%H:%M}"
    return f"{at:%b %Y}" if grain == "month" else formats.day(at.date())


def _is_open(row: Row, grain: str, unsettled: dt.date | None) -> bool:
    """Whether a rate can still change; a step with nothing pending cannot."""
    later = unsettled is not None and beginning(row[grain]) >= beginning(unsettled)
    return later and bool(row["pending"])


def _position(starts: Sequence[dt.datetime], at: dt.datetime) -> float:
    """Where a time is on the axis, in steps."""
    step = sum(start <= at for start in starts) - 1
    if step < 0:
        return 0
    if step + 1 < len(starts):
        return step + (at - starts[step]) / (starts[step + 1] - starts[step])
    width = (starts[-1] - starts[-2]) if len(starts) > 1 else at - starts[-1]
    return step + min(1.0, (at - starts[-1]) / width) if width else float(step)


def _words(row: Row, grain: str) -> str:
    """A step in words, for the pointer and the screen reader."""
    at = beginning(row[grain])
    named = {"hour": f"{at:%H:%M}, ", "week": "week of ", "month": ""}.get(grain, "")
    day = f"{at:%B %Y}" if grain == "month" else f"{at:%a} {formats.day(at.date())}"
    rate, messages = formats.rate(row["delivery_rate"]), formats.counted(row["messages"], "message")
    pending = f", {formats.count(row['pending'])} pending" if row["pending"] else ""
    return f"{named}{day}: {rate} of {messages}{pending}"
