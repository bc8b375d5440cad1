"""Charts of ``scts-offsets``: dots at the offsets, by network or over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import escape, largest, messages, series_of
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.notebook.charts.time_chart import time_chart
from dlr_analytics.notebook.charts.timeline import Row, time_column
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUE: Final = MIDTONES["delivered"]

MEASURE: Final = "hours that scts is ahead of UTC, as learned from the receipts"
DOTS: Final = "dot: an offset, larger where more messages have it · what cannot be told is left out"


def chart(result: Result) -> Chart:
    """Draw the chart of a ``scts-offsets`` result that has rows."""
    return _course(result) if time_column(result.by) else _categories(result)


def _course(result: Result) -> Chart:
    every = series_of(result)
    over = time_chart(result, every, messages, "messages")
    for place, series in zip(over.places, over.shown, strict=True):
        rows = [row for row in series.rows if row["scts_offset_min"] is not None]
        place.draw(_dots([row[over.grain] for row in rows], [_hours(row) for row in rows], rows))
    known = [_hours(row) for one in over.shown for row in one.rows]
    return over.with_title(title(result), MEASURE, DOTS, y=_axis(known))


def _categories(result: Result) -> Chart:
    every = series_of(result)
    shown = largest(every, messages, frame.MOST_ROWS)
    names = [one.label or "all messages" for one in shown]
    (place,) = frame.row_panels(len(shown))
    rows = [
        (name, row)
        for name, one in zip(names, shown, strict=True)
        for row in one.rows
        if row["scts_offset_min"] is not None
    ]
    offsets = [row for _, row in rows]
    place.draw(_dots([_hours(row) for row in offsets], [name for name, _ in rows], offsets))
    place.axes({**_axis([_hours(row) for row in offsets]), "side": "top"}, axes.of_names(names))
    choice = frame.selection_note(len(shown), len(every), "messages", result.by)
    lines = (frame.join_parts(MEASURE, choice), DOTS)
    return frame.with_title(place.chart, title(result), *lines, above=20)


def _dots(across: list[Any], along: list[Any], rows: list[Row]) -> Any:
    sizes = [5 + 8 * row["share"] for row in rows]
    return marks.dots(across, along, [_words(row) for row in rows], HUE, size=sizes)


def _hours(row: Row) -> float | None:
    minutes = row["scts_offset_min"]
    return None if minutes is None else minutes / 60


def _axis(hours: list[float | None]) -> dict[str, Any]:
    known = [hour for hour in hours if hour is not None]
    low, high = min(known, default=0), max(known, default=0)
    return {"range": [low - 1, high + 1], "tickformat": "+~g", "nticks": 5}


def _words(row: Row) -> str:
    hours = escape(f"{_hours(row):+g} h".replace("-", formats.MINUS))
    messages = formats.counted(row["messages"], "message")
    return f"<b>{hours}</b><br>{messages}, {formats.rate(row['share'])}"
