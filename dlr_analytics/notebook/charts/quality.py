"""Charts of ``quality``: bars by problem, columns of each problem in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dlr_analytics.notebook.charts import counted
from dlr_analytics.notebook.charts.elements.series import Series, escaped, grouped, rows_of
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.notebook.charts.timeline import Row, categories
from dlr_analytics.presentation import formats

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
    messages = formats.counted(row["messages"], "message")
    effect = f"<br>{escaped(row['effect'])}" if row.get("effect") else ""
    return f"<b>{escaped(name)}</b><br>{messages}, {formats.rate(row['share'])}{effect}"
