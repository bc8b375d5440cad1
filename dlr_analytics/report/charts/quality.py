"""Charts of ``quality``: bars by problem, columns of each problem in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dlr_analytics.report import words
from dlr_analytics.report.charts import counted
from dlr_analytics.report.charts.series import Series, escaped, grouped, rows_of
from dlr_analytics.report.charts.template import Chart
from dlr_analytics.report.charts.timeline import Row, categories

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

MEASURE: Final = "messages that show a problem; one can show several"


def chart(result: Result) -> Chart:
    """The chart of a ``quality`` result that has rows."""
    return counted.chart(result, _series(result), _words, MEASURE)


def _series(result: Result) -> Sequence[Series]:
    """One a problem that is there and category, named by both."""
    names = [*categories(result.by), "problem"]
    return grouped((row for row in rows_of(result) if row["messages"]), names)


def _words(name: str, row: Row) -> str:
    messages = words.counted(row["messages"], "message")
    effect = f"<br>{escaped(row['effect'])}" if row.get("effect") else ""
    return f"<b>{escaped(name)}</b><br>{messages}, {words.rate(row['share'])}{effect}"
