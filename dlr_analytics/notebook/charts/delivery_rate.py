"""Charts of ``delivery-rate``: over time, by category, or by outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import plotly.graph_objects as go

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.rates import cut_words, floor_of_most, known, rate_words
from dlr_analytics.notebook.charts.elements.series import (
    Series,
    escape,
    largest,
    rows_of,
    series_of,
)
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.rate_by_hour import draw_hours, is_dense
from dlr_analytics.notebook.charts.rate_heatmap import heatmap
from dlr_analytics.notebook.charts.time_chart import time_chart
from dlr_analytics.notebook.charts.timeline import Row, time_column
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.captions import title
from dlr_analytics.report.svg.scale import lowest_for
from dlr_analytics.vocabulary import MIN_MATURE, OUTCOMES

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUE: Final = MIDTONES["delivered"]
HUES: Final = {outcome: MIDTONES.get(outcome, INK) for outcome in OUTCOMES}

MEASURE: Final = "share of messages delivered, with its 95% interval (sampling error only)"


def chart(result: Result) -> Chart:
    """Draw the chart of a ``delivery-rate`` result that has rows."""
    if time_column(result.by):
        return _course(result)
    return _categories(result) if result.by else _outcomes(result)


KINDS_OF_CHART: Final = {"heatmap": heatmap}
"""What ``plot(kind=…)`` draws besides ``chart``."""


def undelivered(series: Series) -> int:
    """Settled messages that were not delivered."""
    return int(series.total("settled") - series.total("delivered"))


def _course(result: Result) -> Chart:
    over = time_chart(result, series_of(result), undelivered, "undelivered", longest=22)
    if is_dense(over):
        return draw_hours(over, title(result))
    lowest: list[float] = []
    for place, settled, unsettled in over.panels():
        _draw_settled(place, settled, over.grain)
        _draw_unsettled(place, unsettled, over.grain)
        lowest += known(settled, "ci_low") + known(unsettled, "delivery_rate")
    floor = lowest_for(lowest)
    bars = "bars: from delivered so far to all pending delivered, ○ expected"
    return over.with_title(
        title(result),
        frame.join_parts(MEASURE, cut_words(floor)),
        bars if over.start is not None else "",
        y=axes.of_rates(floor),
    )


def _draw_settled(place: frame.Panel, rows: Sequence[Row], grain: str) -> None:
    """Draw a line with its band, labelled with its last value."""
    times = [row[grain] for row in rows]
    values = [row.get("delivery_rate") for row in rows]
    low, high = ([row.get(name) for row in rows] for name in ("ci_low", "ci_high"))
    place.draw(marks.band(times, low, high, HUE))
    place.draw(marks.line(times, values, [rate_words(row) for row in rows], HUE))
    frame.label_rate_end(place, times, values, high, HUE)


def _draw_unsettled(place: frame.Panel, rows: Sequence[Row], grain: str) -> None:
    """Draw the range that an unsettled rate can still reach."""
    if not rows:
        return
    times = [row[grain] for row in rows]
    low, high = ([row[name] for row in rows] for name in ("success_ratio", "best_case"))
    said = [f"expected {rate_words(row)}" for row in rows]
    place.draw(marks.ranges(times, low, high, said, grain, HUE))
    place.draw(marks.hollow_dots(times, [row["delivery_rate"] for row in rows], HUE))


def _categories(result: Result) -> Chart:
    every = series_of(result)
    shown = largest(every, undelivered, frame.MOST_ROWS)
    rows = [one.rows[0] for one in shown]
    names = [one.label for one in shown]
    firm = [row for row in rows if row["settled"] >= MIN_MATURE] or rows
    floor = floor_of_most(known(firm, "ci_low"))
    (place,) = frame.row_panels(len(rows))
    _draw_intervals(place, rows, names)
    _draw_dots(place, rows, names, floor)
    place.axes({**axes.of_rates(floor), "side": "top", "showgrid": True}, axes.of_names(names))
    open_ = any(row["pending"] for row in rows)
    return frame.with_title(
        place.chart,
        title(result),
        frame.join_parts(
            MEASURE,
            cut_words(floor),
            frame.selection_note(len(rows), len(every), "undelivered", result.by),
        ),
        frame.join_parts(
            "thin line: from delivered so far to all pending delivered" if open_ else "",
            "◂ below the axis"
            if any(rate < floor for rate in known(rows, "delivery_rate"))
            else "",
        ),
        above=24,
    )


def _draw_intervals(place: frame.Panel, rows: Sequence[Row], names: Sequence[str]) -> None:
    for left, right, hue, width in (
        ("success_ratio", "best_case", faint(INK, 0.8), 1),
        ("ci_low", "ci_high", faint(HUE, 0.5), 4),
    ):
        low, high = ([row[name] for row in rows] for name in (left, right))
        place.draw(marks.stretches(low, high, names, hue, width))


def _draw_dots(place: frame.Panel, rows: Sequence[Row], names: Sequence[str], floor: float) -> None:
    """Draw a dot per rate; below the axis an arrow at its edge, with the figure."""
    said = [
        f"<b>{escape(name)}</b><br>{rate_words(row)}" for name, row in zip(names, rows, strict=True)
    ]
    rates = [row["delivery_rate"] for row in rows]
    below = [rate is not None and rate < floor for rate in rates]
    drawn = [floor if low else rate for low, rate in zip(below, rates, strict=True)]
    symbols = ["triangle-left" if low else "circle" for low in below]
    place.draw(marks.dots(drawn, names, said, HUE, symbol=symbols))
    far = [at for at, low in enumerate(below) if low]
    if far:
        figures = [f" {formats.rate(rates[at])}" for at in far]
        place.draw(marks.figures([floor] * len(far), [names[at] for at in far], figures))


def _outcomes(result: Result) -> Chart:
    """Draw one bar of all messages, with the share and number of each outcome below."""
    row = rows_of(result)[0]
    present = [outcome for outcome in OUTCOMES if row[outcome]]
    place = frame.single_panel(height=96)
    for outcome in present:
        place.draw(_outcome_bar(outcome, row))
    place.chart.update_layout(barmode="stack", bargap=0, margin={"b": 64, "l": 4})
    place.axes({"range": [0, 1], "visible": False}, {"visible": False})
    for at, outcome in enumerate(present):
        place.chart.add_annotation(
            text=_outcome_key(outcome, row),
            x=at / len(present),
            xref="paper",
            xanchor="left",
            y=0,
            yref="paper",
            yanchor="top",
            yshift=-8,
            align="left",
            showarrow=False,
        )
    rate, low, high = (row[name] for name in ("delivery_rate", "ci_low", "ci_high"))
    interval = f"95% interval {formats.interval(low, high, 2)} (sampling error only)"
    says = f"delivery rate {formats.rate(rate)}, {interval}"
    return frame.with_title(
        place.chart, f"How {formats.counted(row['messages'], 'message')} ended", says
    )


def _outcome_bar(outcome: str, row: Row) -> go.Bar:
    clear = "rgba(0,0,0,0)"
    hollow = {"color": clear, "line": {"color": INK, "width": 1.5}}
    hatched = {
        "color": clear,
        "pattern": {"shape": "/", "fgcolor": INK, "size": 5, "solidity": 0.4},
    }
    share = row[outcome] / row["messages"]
    return go.Bar(
        x=[share],
        y=["messages"],
        orientation="h",
        name=outcome,
        marker={"pending": hollow, "silent": hatched}.get(outcome, {"color": HUES[outcome]}),
        customdata=[f"{outcome}: {formats.count(row[outcome])} ({formats.rate(share)})"],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _outcome_key(outcome: str, row: Row) -> str:
    square = {"pending": "□", "silent": "▨"}.get(outcome, "■")
    share = formats.rate(row[outcome] / row["messages"])
    key = f'<span style="color:{HUES[outcome]}">{square}</span> {outcome} <b>{share}</b>'
    return f"{key}<br>{formats.count(row[outcome])}"
