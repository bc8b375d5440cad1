"""Charts of counts of messages: bars, or columns over time.

All marks are grey: a colour would rank the categories, which counts do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import Series, largest, messages
from dlr_analytics.notebook.charts.elements.template import INK, Chart
from dlr_analytics.notebook.charts.time_chart import time_chart
from dlr_analytics.notebook.charts.timeline import Row, categories, time_column
from dlr_analytics.presentation import formats
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


def chart(
    result: Result, every: Sequence[Series], said: Callable[[str, Row], str], measure: str
) -> Chart:
    """Draw the chart of a result that has rows.

    Parameters
    ----------
    every : sequence of Series
        Its rows by category.
    said : callable
        Makes the hover text from a label and a row.
    measure : str
        The measure, for the subtitle.
    """
    if time_column(result.by):
        return _course(result, every, measure)
    return _bars(result, every, said, measure)


def _bars(
    result: Result, every: Sequence[Series], said: Callable[[str, Row], str], measure: str
) -> Chart:
    shown = largest(every, messages, frame.MOST_ROWS)
    rows = [one.rows[0] for one in shown]
    names = [one.label for one in shown]
    (place,) = frame.stacked_panels([len(rows)], [])
    numbers = [row["messages"] for row in rows]
    pointed = [said(name, row) for name, row in zip(names, rows, strict=True)]
    texts = [f"{formats.count(row['messages'])} · {formats.rate(row['share'])}" for row in rows]
    place.draw(marks.bars(numbers, names, pointed, INK), marks.figures(numbers, names, texts))
    end = 1.25 * max(numbers, default=1)
    place.axes({"visible": False, "range": [0, end]}, axes.of_names(names))
    choice = frame.selection_note(len(rows), len(every), "messages", result.by)
    group = " and ".join(categories(result.by)).replace("_", " ")
    share = f"share of those of the same {group}" if group else "share of all"
    return frame.with_title(place.chart, title(result), frame.join_parts(measure, share, choice))


def _course(result: Result, every: Sequence[Series], measure: str) -> Chart:
    over = time_chart(result, every, messages, "messages")
    for place, settled, unsettled in over.panels():
        rows = [*settled, *unsettled]
        numbers = [row.get("messages") for row in rows]
        said = [f"<b>{formats.count(number or 0)}</b> messages" for number in numbers]
        times = [row[over.grain] for row in rows]
        place.draw(marks.columns(times, numbers, said, over.grain, INK))
    highest = max(row.get("messages", 0) for one in over.shown for row in one.rows)
    return over.with_title(title(result), measure, y=axes.of_amounts(highest))
