"""Delivery rates of many hours: the single hours as dots, a line over 24 hours.

An hour has few messages, so that neighbours differ by chance: a line from hour to hour with its
interval fills the chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.rates import cut_words, known, rate_words
from dlr_analytics.notebook.charts.elements.template import Chart, faint
from dlr_analytics.notebook.charts.timeline import Row
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.svg.scale import lowest_for
from dlr_analytics.vocabulary import MIN_MATURE

if TYPE_CHECKING:
    from dlr_analytics.notebook.charts.time_chart import TimeChart

HUE: Final = MIDTONES["delivered"]

MOST_HOURS: Final = 96
"""More hours than these are dense: on a common screen they are 10 pixels apart."""

FEWEST: Final = 20
"""Messages: an hour of fewer has no dot, since chance alone puts it anywhere."""

MEASURE: Final = (
    "share of messages delivered · line: the last 24 hours"
    f" · dots: hours of at least {FEWEST} messages"
)


def is_dense(over: TimeChart) -> bool:
    """Whether a chart has so many hours that lines between them would fill it."""
    return over.grain == "hour" and over.last - over.first > timedelta(hours=MOST_HOURS)


def draw_hours(over: TimeChart, title: str) -> Chart:
    """Draw the panels of a dense chart of ``delivery-rate``, and its title."""
    lines = [running_rates(one.rows) for one in over.shown]
    settled_lines = [
        [rate for row, rate in zip(one.rows, line, strict=True) if not _open(over, row)]
        for one, line in zip(over.shown, lines, strict=True)
    ]
    floor = lowest_for([rate for line in lines for rate in line if rate is not None])
    for (place, _, unsettled), one, line in zip(
        over.panels(), over.shown, settled_lines, strict=True
    ):
        _draw_hours_of(place, [row for row in one.rows if not _open(over, row)], line, floor)
        _draw_unsettled(place, unsettled, floor)
    bands = "band: from delivered so far to all pending delivered, ○ expected"
    dotted = [row for one in over.shown for row in one.rows if row["messages"] >= FEWEST]
    every = known(dotted, "delivery_rate")
    below = "▾ below the axis" if any(rate < floor for rate in every) else ""
    return over.with_title(
        title,
        frame.join_parts(MEASURE, cut_words(floor)),
        frame.join_parts(below, bands if over.start is not None else ""),
        y=axes.of_rates(floor),
    )


def running_rates(rows: Sequence[Row]) -> list[float | None]:
    """The rate of the 24 hours up to each hour and with it; None below 100 messages.

    Expected deliveries add up: a rate of several hours is their mean, weighted by messages.
    """
    rates: list[float | None] = []
    first = 0
    for at, row in enumerate(rows):
        while row["hour"] - rows[first]["hour"] >= timedelta(hours=24):
            first += 1
        day = [one for one in rows[first : at + 1] if one["delivery_rate"] is not None]
        messages = sum(one["messages"] for one in day)
        delivered = sum(one["messages"] * one["delivery_rate"] for one in day)
        rates.append(delivered / messages if messages >= MIN_MATURE else None)
    return rates


def _draw_hours_of(
    place: frame.Panel, rows: Sequence[Row], line: Sequence[float | None], floor: float
) -> None:
    place.draw(_dots(rows, floor, "triangle-down", "circle"))
    times, line = _with_gaps([row["hour"] for row in rows], line)
    said = [f"<b>{formats.rate(rate)}</b> in 24 hours" for rate in line]
    place.draw(marks.line(times, line, said, HUE))
    frame.label_rate_end(place, times, line, line, HUE)


def _with_gaps(
    times: Sequence[datetime], line: Sequence[float | None]
) -> tuple[list[datetime], list[float | None]]:
    """Break the line where there was no message for a day."""
    day = timedelta(hours=24)
    points: list[tuple[datetime, float | None]] = []
    for at, rate in zip(times, line, strict=True):
        if points and at - points[-1][0] > day:
            points.append((points[-1][0] + day, None))
        points.append((at, rate))
    return [at for at, _ in points], [rate for _, rate in points]


def _draw_unsettled(place: frame.Panel, rows: Sequence[Row], floor: float) -> None:
    times = [row["hour"] for row in rows]
    enough = [row["messages"] >= FEWEST for row in rows]
    low, high = (
        [row[name] if dotted else None for row, dotted in zip(rows, enough, strict=True)]
        for name in ("success_ratio", "best_case")
    )
    place.draw(marks.band(times, low, high, HUE))
    place.draw(_dots(rows, floor, "triangle-down-open", "circle-open"))


def _dots(rows: Sequence[Row], floor: float, below: str, inside: str) -> object:
    """A small dot per hour; an arrow at the floor where the rate is below the axis."""
    rows = [row for row in rows if row["messages"] >= FEWEST]
    rates = [row["delivery_rate"] for row in rows]
    low = [rate is not None and rate < floor for rate in rates]
    firm = [row["settled"] >= MIN_MATURE for row in rows]
    return marks.dots(
        [row["hour"] for row in rows],
        [floor if cut else rate for cut, rate in zip(low, rates, strict=True)],
        [rate_words(row) for row in rows],
        [HUE if sure else faint(HUE, 0.45) for sure in firm],
        symbol=[below if cut else inside for cut in low],
        size=[7 if cut else 4 for cut in low],
        # Else plotly outlines marks of several colours in white.
        line={"width": 1 if inside.endswith("open") else 0},
    )


def _open(over: TimeChart, row: Row) -> bool:
    return over.start is not None and bool(row[over.grain] >= over.start)
