"""Charts of ``latency``: percentiles over time or by category, with shares.

Push times are upper bounds. Where times by the carrier's clock are drawn too, push times are grey.
The axis begins at one second; a smaller value, due to a clock error, is an arrow there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import Series, escape, largest, series_of
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.latency_curve import curve
from dlr_analytics.notebook.charts.time_chart import time_chart
from dlr_analytics.notebook.charts.timeline import Row, time_column
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUE: Final = MIDTONES["delivered"]

SHARES: Final = {"push_within_10s": "10 s", "push_within_30s": "30 s", "push_within_60s": "60 s"}
"""The shares that the push proves."""
COURSE: Final = ("p50_s", "p95_s")
WITHIN: Final = {"p50_s": "half", "p90_s": "90%", "p95_s": "95%", "p99_s": "99%"}


DOTS: Final[dict[str, dict[str, Any]]] = {
    "p50_s": {"symbol": "circle", "size": 11},
    "p90_s": {"symbol": "circle", "size": 7},
    "p95_s": {"symbol": "circle", "size": 7},
    "p99_s": {"symbol": "circle-open", "size": 8, "line": {"width": 1.8}},
}
TICKS: Final[dict[str, dict[str, Any]]] = {
    name: {"symbol": "line-ns-open", "size": 10, "line": {"width": 3 if name == "p50_s" else 1.5}}
    for name in DOTS
}
"""Push times beside times by the carrier's clock."""


KINDS_OF_CHART: Final = {"curve": curve}
"""What ``plot(kind=…)`` draws besides ``chart``."""


def chart(result: Result) -> Chart:
    """Draw the chart of a ``latency`` result that has rows."""
    return _course(result) if time_column(result.by) else _categories(result)


def measured(series: Series) -> int:
    """The number of messages with a push latency."""
    return int(series.total("push_measured"))


def _course(result: Result) -> Chart:
    every = series_of(result)
    over = time_chart(result, every, measured, "measured", longest=22)
    clocks = _clocks(over.shown)
    for place, settled, unsettled in over.panels():
        for clock, hue in clocks.items():
            for name in COURSE:
                times, values, said = _points(settled, over.grain, clock + name)
                place.draw(marks.band(times, *_bounds(settled, clock + name), hue))
                place.draw(marks.line(times, values, said, hue))
                times, values, said = _points(unsettled, over.grain, clock + name)
                place.draw(marks.hollow_dots(times, values, hue, said))
        _name(place, settled, over.grain, clocks)
    columns = [clock + name for clock in clocks for name in COURSE]
    seconds = [row.get(column) for column in columns for one in over.shown for row in one.rows]
    return over.with_title(
        title(result),
        frame.join_parts(
            "time within which half and 95% were confirmed",
            "band: its 95% margin" if "" in clocks else "",
        ),
        frame.join_parts(_by(clocks), _stand_ins(every)),
        y=axes.of_durations(seconds),
    )


def _points(rows: Sequence[Row], grain: str, column: str) -> tuple[list[Any], list[Any], list[str]]:
    """Times, values and hover texts of a percentile."""
    times = [row[grain] for row in rows]
    return times, [_drawn(row.get(column)) for row in rows], [_words(row, column) for row in rows]


def _bounds(rows: Sequence[Row], column: str) -> tuple[list[float | None], list[float | None]]:
    """A percentile minus and plus its 95 % margin; None for push times."""
    pairs = [(row.get(column), row.get(_margin(column))) for row in rows]
    low = [None if margin is None else _drawn(at - margin) for at, margin in pairs]
    return low, [None if margin is None else _drawn(at + margin) for at, margin in pairs]


def _margin(column: str) -> str:
    return column.replace("_s", "_margin_s")


def _name(place: frame.Panel, rows: Sequence[Row], grain: str, clocks: Mapping[str, str]) -> None:
    """Label the lines of the better clock in this panel."""
    known = [clock for clock in clocks if any(row.get(f"{clock}p50_s") is not None for row in rows)]
    if not known:
        return
    clock = known[-1]
    if place.small:
        ends = (_last(rows, clock + name) for name in COURSE)
        frame.label_panel(place, " · ".join(ends), clocks[clock])
        return
    for name in COURSE:
        times, values, _ = _points(rows, grain, clock + name)
        # On a logarithmic axis plotly takes logarithms for texts, values for marks.
        heights = [None if value is None else math.log10(value) for value in values]
        ends_in = f"{WITHIN[name]} {_last(rows, clock + name)}"
        frame.label_line_end(place, times, heights, ends_in, clocks[clock])


def _last(rows: Sequence[Row], column: str) -> str:
    known = [row[column] for row in rows if row.get(column) is not None]
    return formats.duration(known[-1] if known else None)


def _categories(result: Result) -> Chart:
    every = series_of(result)
    shown = largest(every, measured, frame.MOST_ROWS)
    rows = [one.rows[0] for one in shown]
    names = [one.label or "all messages" for one in shown]
    clocks = _clocks(shown)
    times, shares = frame.row_panels(len(rows), widths=(0.76, 0.24))
    for clock, hue in clocks.items():
        _draw_percentiles(times, rows, names, (clock, hue))
    seconds = [row[clock + name] for row in rows for clock in clocks for name in WITHIN]
    top = {"side": "top", "showgrid": True}
    times.axes({**axes.of_durations(seconds), **top}, axes.of_names(names))
    shares.draw(*_shares(rows, names))
    shares.axes({"type": "category", "side": "top", "range": [-0.6, 2.6]}, {})
    return frame.with_title(
        times.chart,
        title(result),
        frame.join_parts(
            "time within which half (the first), 90, 95 and 99% were confirmed",
            "share within 10, 30, 60 s",
            frame.selection_note(len(rows), len(every), "measured", result.by),
        ),
        frame.join_parts(_by(clocks), _stand_ins(every)),
        above=24,
    )


def _draw_percentiles(
    place: frame.Panel, rows: Sequence[Row], names: Sequence[str], of: tuple[str, str]
) -> None:
    clock, hue = of
    if hue == HUE:
        low, high = ([_drawn(row[clock + name]) for row in rows] for name in ("p50_s", "p99_s"))
        place.draw(marks.stretches(low, high, names, faint(hue, 0.5), 2))
    for name in WITHIN:
        seconds = [row[clock + name] for row in rows]
        said = [
            f"<b>{escape(label)}</b><br>{_words(row, clock + name)}"
            for label, row in zip(names, rows, strict=True)
        ]
        style = DOTS[name] if hue == HUE else TICKS[name]
        symbols = [style["symbol"] if at is None or at >= 1 else "triangle-left" for at in seconds]
        dots = [_drawn(at) for at in seconds]
        place.draw(marks.dots(dots, names, said, hue, **{**style, "symbol": symbols}))


def _shares(rows: Sequence[Row], names: Sequence[str]) -> list[go.Scatter]:
    """Draw the shares as text, a column per limit."""
    return [
        go.Scatter(
            x=[limit] * len(rows),
            y=list(names),
            mode="text",
            text=["100%" if row[column] == 1 else formats.rate(row[column]) for row in rows],
            hoverinfo="skip",
        )
        for column, limit in SHARES.items()
    ]


def _clocks(series: Sequence[Series]) -> dict[str, str]:
    """The prefixes of the percentiles that have values, with their colours."""
    carrier = any(row.get("p50_s") is not None for one in series for row in one.rows)
    return {"push_": INK, "": HUE} if carrier else {"push_": HUE}


def _by(clocks: Mapping[str, str]) -> str:
    if "" in clocks:
        return "blue: by the carrier's clock, grey: by push time (an upper bound)"
    return "by push time (an upper bound)"


def _words(row: Row, column: str) -> str:
    """The hover text of a percentile: value, margin and clock."""
    name = column.removeprefix("push_")
    clock = "push time" if column != name else "the carrier's clock"
    margin = row.get(_margin(column))
    sure = "" if margin is None else f" ± {formats.duration(margin)}"
    return f"{WITHIN[name]} within {formats.duration(row.get(column))}{sure} by {clock}"


def _stand_ins(series: Sequence[Series]) -> str:
    """The share measured from the accepted receipt instead of a send time."""
    of_it = sum(one.total("from_accepted") for one in series)
    if not of_it:
        return ""
    delivered = formats.count(sum(one.total("delivered") for one in series))
    return f"{formats.count(of_it)} of {delivered} delivered timed from the accepted receipt"


def _drawn(seconds: float | None) -> float | None:
    return None if seconds is None else max(1.0, seconds)
