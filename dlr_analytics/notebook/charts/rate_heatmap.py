"""The delivery rate by weekday and hour of day, in one hue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import plotly.graph_objects as go

from dlr_analytics.errors import UsageError
from dlr_analytics.notebook.charts.elements import axes, frame
from dlr_analytics.notebook.charts.elements.rates import floor_of_most, rate_words
from dlr_analytics.notebook.charts.elements.series import rows_of
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.timeline import Row
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.captions import title
from dlr_analytics.report.svg.scale import rate_ticks
from dlr_analytics.vocabulary import MIN_MATURE

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUE: Final = MIDTONES["delivered"]

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS: Final = range(24)

FEW: Final = f"hatched: fewer than {MIN_MATURE} settled messages · blank: no messages"


def heatmap(result: Result) -> Chart:
    """Draw a ``delivery-rate`` by weekday and hour of day, a cell each.

    Raises
    ------
    UsageError
        If the result is by other columns.
    """
    if set(result.by) != {"hour_of_day", "weekday"}:
        raise UsageError(
            "a heatmap is of the delivery rate by weekday and hour_of_day",
            "ask delivery_rate(by=['weekday', 'hour_of_day'])",
        )
    rows = [row for row in rows_of(result) if row["messages"]]
    firm = [row for row in rows if _is_firm(row)]
    floor = floor_of_most([row["delivery_rate"] for row in firm])
    place = frame.single_panel(height=24 * len(DAYS) + 40)
    place.draw(_cells(firm, floor), _hatches([row for row in rows if not _is_firm(row)]))
    hours = [f"{hour:02}" for hour in HOURS]
    place.axes(
        {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": hours,
            "range": [-0.5, 23.5],
            "tickvals": hours[::3],
            "showgrid": False,
        },
        {**axes.of_names(DAYS), "showgrid": False},
    )
    cut = any(row["delivery_rate"] < floor for row in firm)
    return frame.with_title(
        place.chart,
        title(result),
        frame.join_parts(
            f"share of messages delivered, by their time of sending ({result.tz})",
            f"palest: {formats.rate(floor, 0)} or less" if cut else "",
        ),
        FEW,
    )


def _is_firm(row: Row) -> bool:
    return bool(row["settled"] >= MIN_MATURE and row["delivery_rate"] is not None)


def _cells(rows: list[Row], floor: float) -> go.Heatmap:
    ticks = rate_ticks(floor)
    return go.Heatmap(
        x=[_hour(row) for row in rows],
        y=[DAYS[row["weekday"] - 1] for row in rows],
        z=[row["delivery_rate"] for row in rows],
        zmin=floor,
        zmax=1,
        colorscale=[(0, faint(HUE, 0.2)), (1, HUE)],
        colorbar={
            "thickness": 10,
            "outlinewidth": 0,
            "tickvals": ticks,
            "tickformat": ".0%",
        },
        xgap=2,
        ygap=2,
        customdata=[_said(row) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _hatches(rows: list[Row]) -> go.Scatter:
    """Strokes over the cells of too few messages for a rate."""
    return go.Scatter(
        x=[_hour(row) for row in rows],
        y=[DAYS[row["weekday"] - 1] for row in rows],
        mode="text",
        text=["///"] * len(rows),
        textfont={"color": INK},
        hovertext=[_said(row) for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hour(row: Row) -> str:
    return f"{row['hour_of_day']:02}"


def _said(row: Row) -> str:
    hour = row["hour_of_day"]
    return f"<b>{DAYS[row['weekday'] - 1]} {hour:02}:00 to {hour:02}:59</b><br>{rate_words(row)}"
