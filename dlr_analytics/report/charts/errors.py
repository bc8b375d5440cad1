"""Charts of ``errors``: bars by err-code with its meaning, columns of each code in time.

Grey throughout: colour would say that a code grew, which this metric does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dlr_analytics.report import words
from dlr_analytics.report.captions import title
from dlr_analytics.report.charts import axes, frame, marks
from dlr_analytics.report.charts.course import course
from dlr_analytics.report.charts.series import (
    Series,
    escaped,
    grouped,
    label,
    largest,
    rows_of,
    unique,
)
from dlr_analytics.report.charts.template import INK, Chart
from dlr_analytics.report.charts.timeline import Row, categories, time_column
from dlr_analytics.report.values import shown

if TYPE_CHECKING:
    from dlr_analytics.analyse.result import Result

MEASURE: Final = "settled and undelivered messages by err-code"


def chart(result: Result) -> Chart:
    """The chart of an ``errors`` result that has rows."""
    return _course(result) if time_column(result.by) else _codes(result)


def undelivered(series: Series) -> int:
    """Messages that ended with the code."""
    return int(series.total("messages"))


def _codes(result: Result) -> Chart:
    every = _series(result)
    shown = largest(every, undelivered, frame.MOST_ROWS)
    rows = [one.rows[0] for one in shown]
    names = [one.label for one in shown]
    (place,) = frame.blocks([len(rows)], [])
    numbers = [row["messages"] for row in rows]
    said = [_words(name, row) for name, row in zip(names, rows, strict=True)]
    texts = [f"{words.count(row['messages'])} · {words.rate(row['share'])}" for row in rows]
    place.draw(
        marks.bars(numbers, names, said, INK),
        marks.figures(numbers, names, texts),
    )
    end = 1.25 * max(numbers, default=1)
    place.axes({"visible": False, "range": [0, end]}, axes.of_names(names))
    choice = frame.out_of(len(rows), len(every), "messages")
    group = " and ".join(categories(result.by)).replace("_", " ")
    share = f"share of those of the same {group}" if group else "share of all"
    return frame.entitled(place.chart, title(result), frame.clauses(MEASURE, share, choice))


def _course(result: Result) -> Chart:
    over = course(result, _series(result), undelivered, "messages")
    for place, settled, unsettled in over.panels():
        rows = [*settled, *unsettled]
        times = [row[over.grain] for row in rows]
        numbers = [row.get("messages") for row in rows]
        said = [f"<b>{words.count(number or 0)}</b> messages" for number in numbers]
        place.draw(marks.columns(times, numbers, said, INK))
    highest = max(row.get("messages", 0) for one in over.shown for row in one.rows)
    return over.entitled(title(result), MEASURE, y=axes.of_amounts(highest))


def _series(result: Result) -> list[Series]:
    """One a code and category, named by the category, the code and its meaning."""
    names = [name for name in categories(result.by) if name not in {"err_code", "meaning"}]
    every = grouped(rows_of(result), [*names, "err_code"])
    labels = unique(_named(one.rows[0], names) for one in every)
    return [Series(name, one.rows) for name, one in zip(labels, every, strict=True)]


def _named(row: Row, names: Sequence[str]) -> str:
    code = "no err-code" if row["err_code"] is None else shown(row["err_code"])
    known = f"{code} {shown(row['meaning'])}" if row["meaning"] else code
    return " · ".join(filter(None, [label([row[name] for name in names]), known]))


def _words(name: str, row: Row) -> str:
    said = f"<b>{escaped(name)}</b><br>{words.counted(row['messages'], 'message')}"
    advice = f"<br>{escaped(row['advice'])}" if row.get("advice") else ""
    return f"{said}, {words.rate(row['share'])}{advice}"
