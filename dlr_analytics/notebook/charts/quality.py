"""Charts of ``quality``: bars by problem, columns over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dlr_analytics.notebook.charts import counts
from dlr_analytics.notebook.charts.elements.series import Series, escape, grouped, rows_of
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.notebook.charts.timeline import Row, categories
from dlr_analytics.presentation import formats

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

MEASURE: Final = "messages that show a problem; one can show several"


def chart(result: Result) -> Chart:
    """Draw the chart of a ``quality`` result that has rows."""
    return counts.chart(result, _series(result), _words, MEASURE)


def _series(result: Result) -> Sequence[Series]:
    """A series per problem that occurs and category, labelled with both."""
    names = [*categories(result.by), "problem"]
    return grouped((row for row in rows_of(result) if row["messages"]), names)


def _words(name: str, row: Row) -> str:
    messages = formats.counted(row["messages"], "message")
    effect = f"<br>{escape(row['effect'])}" if row.get("effect") else ""
    return f"<b>{escape(name)}</b><br>{messages}, {formats.rate(row['share'])}{effect}"
