"""The chart of ``watch``: a row for each alert, from what is usual to what is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import escape, label, rows_of, unique
from dlr_analytics.notebook.charts.elements.template import INK, Chart
from dlr_analytics.notebook.charts.timeline import Row
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.presentation.values import short_text
from dlr_analytics.report.captions import moment, title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

NOW: Final = MIDTONES["failed"]

SHARES: Final = ("delivery", "latency", "filtered")
"""The kinds whose values are shares; those of the others are counts."""

MARKS: Final = "circle: usual · dot: now · shares from 0 to 100%, counts from 0 to the larger"


def chart(result: Result) -> Chart:
    """Draw the chart of a ``watch`` result that has rows."""
    every = rows_of(result)
    rows = every[: frame.MOST_ROWS]
    names = unique(
        label([row["kind"], row["network_code"] or row["country"], row["sender"]]) for row in rows
    )
    (place,) = frame.row_panels(len(rows))
    usual, now = [_place(row, "usual") for row in rows], [_place(row, "value") for row in rows]
    place.draw(
        marks.stretches(usual, now, names, NOW, 2),
        marks.hollow_dots(usual, names, INK),
        marks.dots(now, names, [escape(short_text(row["text"], 300)) for row in rows], NOW),
        marks.figures([1.03] * len(rows), names, [_figures(row) for row in rows]),
    )
    names_axis = {**axes.of_names(names), "showgrid": False}
    place.axes({"visible": False, "range": [-0.02, 1.5]}, names_axis)
    left_out = f"the first {len(rows)} of {len(every)}" if len(rows) < len(every) else ""
    at = f"as of {moment(result.as_of, result.tz)} ({result.tz})"
    return frame.with_title(
        place.chart, title(result), frame.join_parts("what is wrong", at, left_out), MARKS
    )


def _place(row: Row, column: str) -> float:
    """Where a value is between 0 and 1."""
    largest = 1 if row["kind"] in SHARES else max(row["value"], row["usual"], 1)
    return float(row[column] / largest)


def _figures(row: Row) -> str:
    write = formats.rate if row["kind"] in SHARES else _count
    return f"{write(row['value'])} · usually {write(row['usual'])}"


def _count(number: float) -> str:
    return formats.count(int(number))
