"""Charts of ``coverage``: shares by network, and the share answered over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import escape, largest, messages, series_of
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.time_chart import time_chart
from dlr_analytics.notebook.charts.timeline import Row, time_column
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

MEASURE: Final = "share of the messages sent more than 72 h before as of, %"

ANSWERED: Final = MIDTONES["delivered"]

KINDS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("answered_share", "blue: answered", ANSWERED, ""),
    ("timed_out_share", "ochre: timed out", MIDTONES["expired"], ""),
    ("unknown_share", "grey: unknown", INK, ""),
    ("silent_share", "hatched: silent", faint(INK, 0.6), "/"),
)
"""Shares that add up to 1: column, name, colour and hatch."""


def chart(result: Result) -> Chart:
    """Draw the chart of a ``coverage`` result that has rows."""
    return _course(result) if time_column(result.by) else _categories(result)


def _categories(result: Result) -> Chart:
    every = series_of(result)
    shown = largest(every, messages, frame.MOST_ROWS)
    rows = [one.rows[0] for one in shown]
    names = [one.label or "all messages" for one in shown]
    (place,) = frame.stacked_panels([len(rows)], [])
    said = [
        f"<b>{escape(name)}</b><br>{_words(row)}" for name, row in zip(names, rows, strict=True)
    ]
    for column, _, hue, hatch in KINDS:
        place.draw(marks.bars([row[column] for row in rows], names, said, hue, hatch))
    ends = [None if row["answered_share"] is None else 1 for row in rows]
    place.draw(marks.figures(ends, names, [row["verdict"] for row in rows]))
    place.axes({"visible": False, "range": [0, 1.25]}, axes.of_names(names))
    place.chart.update_layout(barmode="stack")
    choice = frame.selection_note(len(rows), len(every), "messages", result.by)
    legend = frame.join_parts(*(mark for _, mark, _, _ in KINDS))
    return frame.with_title(place.chart, title(result), frame.join_parts(MEASURE, choice), legend)


def _course(result: Result) -> Chart:
    over = time_chart(result, series_of(result), messages, "messages")
    for place, settled, _ in over.panels():
        times = [row[over.grain] for row in settled]
        shares = [row.get("answered_share") for row in settled]
        said = [_words(row) for row in settled]
        place.draw(marks.columns(times, shares, said, over.grain, ANSWERED))
    measure = frame.join_parts("answered by the carrier, as a " + MEASURE)
    return over.with_title(title(result), measure, y=axes.of_rates(0.0))


def _words(row: Row) -> str:
    if not row.get("mature"):
        return "nothing sent more than 72 h before as of"
    answered, timed_out, unknown, silent = (formats.rate(row[column]) for column, *_ in KINDS)
    return (
        f"{answered} answered, {timed_out} timed out<br>{unknown} unknown, {silent} silent"
        f"<br>of {formats.counted(row['mature'], 'message')}: {row['verdict']}"
    )
