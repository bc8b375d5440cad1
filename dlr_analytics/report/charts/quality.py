"""Charts of ``quality``: bars by problem, columns of each problem in time.

Grey throughout: how much a problem matters is in its words, not in its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dlr_analytics.report import words
from dlr_analytics.report.captions import title
from dlr_analytics.report.charts import axes, frame, marks
from dlr_analytics.report.charts.course import course
from dlr_analytics.report.charts.series import Series, escaped, grouped, largest, rows_of
from dlr_analytics.report.charts.template import INK, Chart
from dlr_analytics.report.charts.timeline import Row, categories, time_column

if TYPE_CHECKING:
    from dlr_analytics.analyse.result import Result

MEASURE: Final = "messages that show a problem; one can show several"


def chart(result: Result) -> Chart:
    """The chart of a ``quality`` result that has rows."""
    return _course(result) if time_column(result.by) else _problems(result)


def affected(series: Series) -> int:
    """Messages that show the problem."""
    return int(series.total("messages"))


def _problems(result: Result) -> Chart:
    every = _series(result)
    shown = largest(every, affected, frame.MOST_ROWS)
    rows = [one.rows[0] for one in shown]
    names = [one.label for one in shown]
    (place,) = frame.blocks([len(rows)], [])
    numbers = [row["messages"] for row in rows]
    said = [_words(name, row) for name, row in zip(names, rows, strict=True)]
    texts = [f"{words.count(row['messages'])} · {words.rate(row['share'])}" for row in rows]
    place.draw(marks.bars(numbers, names, said, INK), marks.figures(numbers, names, texts))
    place.axes({"visible": False, "range": [0, 1.25 * max(numbers)]}, axes.of_names(names))
    group = " and ".join(categories(result.by)).replace("_", " ")
    share = f"share of those of the same {group}" if group else "share of all"
    choice = frame.out_of(len(rows), len(every), "messages")
    return frame.entitled(place.chart, title(result), frame.clauses(MEASURE, share, choice))


def _course(result: Result) -> Chart:
    over = course(result, _series(result), affected, "messages")
    for place, settled, unsettled in over.panels():
        rows = [*settled, *unsettled]
        numbers = [row.get("messages") for row in rows]
        said = [f"<b>{words.count(number or 0)}</b> messages" for number in numbers]
        place.draw(marks.columns([row[over.grain] for row in rows], numbers, said, INK))
    highest = max(row.get("messages", 0) for one in over.shown for row in one.rows)
    return over.entitled(title(result), MEASURE, y=axes.of_amounts(highest))


def _series(result: Result) -> Sequence[Series]:
    """One a problem that is there and category, named by both."""
    names = [*categories(result.by), "problem"]
    return grouped((row for row in rows_of(result) if row["messages"]), names)


def _words(name: str, row: Row) -> str:
    counted = words.counted(row["messages"], "message")
    effect = f"<br>{escaped(row['effect'])}" if row.get("effect") else ""
    return f"<b>{escaped(name)}</b><br>{counted}, {words.rate(row['share'])}{effect}"
