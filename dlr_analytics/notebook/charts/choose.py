"""Which chart a result has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from dlr_analytics.errors import UsageError
from dlr_analytics.notebook.charts import (
    costs,
    coverage,
    errors,
    frame,
    latencies,
    offsets,
    quality,
    rates,
)
from dlr_analytics.notebook.charts.template import Chart
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

CHARTS: Final[Mapping[str, Callable[[Result], Chart]]] = {
    "delivery-rate": rates.chart,
    "latency": latencies.chart,
    "cost": costs.chart,
    "errors": errors.chart,
    "quality": quality.chart,
    "coverage": coverage.chart,
    "scts-offsets": offsets.chart,
}
"""Metric to its chart, which may rely on at least one row with a message."""


def figure(result: Result) -> Chart:
    """The chart of a metric's result.

    Parameters
    ----------
    result : Result
        Of any metric in `CHARTS`, by whatever columns: along an hour, day, week or month as its
        course, at most twelve panels where there are categories too; by categories only as a row
        each, at most thirty.

    Returns
    -------
    Chart
        A plotly figure. Where there are no messages, a sentence that says so.

    Raises
    ------
    UsageError
        For a result that is no metric's, as that of ``db.sql``.
    """
    if result.metric not in CHARTS:
        raise UsageError(
            f"a result of {result.metric} has no chart of its own", "draw its .df() with plotly"
        )
    rows = result.rows()
    at = result.columns.index("messages")
    if not any(row[at] for row in rows):
        return frame.sentence(title(result), _nothing(result))
    return CHARTS[result.metric](result)


def _nothing(result: Result) -> str:
    if result.metric == "errors":
        return "No settled message was left undelivered."
    if result.metric == "quality" and result.messages_total:
        return "No message shows a problem."
    return "No messages to show: none were sent in this period that fit the question."
