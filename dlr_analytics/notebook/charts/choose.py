"""Select the chart of a result: ``chart`` in the module of its metric's name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Final

from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.errors import UnknownName, UsageError
from dlr_analytics.notebook.charts import own_statement
from dlr_analytics.notebook.charts.elements import frame
from dlr_analytics.notebook.charts.elements.series import escape
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.report import captions

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

_NOTHING: Final = {
    "changes": "The delivery rate did not change by 2 points or more.",
    "forecast": "No message of this month or the 8 weeks before has a price.",
    "prices": "No price changed by 0.1% or more.",
    "watch": "No alert: nothing is wrong that can be seen in the receipts.",
}
"""What no rows mean where there are messages."""


def figure(
    result: Result,
    kind: str | None = None,
    title: str | None = None,
    target: float | None = None,
) -> Chart:
    """Draw the chart of a metric's result.

    Parameters
    ----------
    result : Result
        Of a metric or a study, by any columns. By hour, day, week or month: lines over time, in at
        most twelve panels where there are categories too. By categories only: a row each, at most
        thirty. Of ``db.sql``: lines by its one time, or bars by its one text.
    kind : str, optional
        Another chart of this metric: a name in ``KINDS_OF_CHART`` of its module.
    title : str, optional
        The title, in place of the metric and its columns.
    target : float, optional
        For charts that take one.

    Returns
    -------
    Chart
        A plotly figure; where there are no messages, one sentence that says so.

    Raises
    ------
    UsageError
        If a statement of ``db.sql`` has no obvious form, or the result no such chart.
    """
    if result.metric not in QUESTIONS:
        return _titled(_drawn(own_statement, result, kind, target), title)
    rows = result.rows()
    if "messages" in result.columns and not QUESTIONS[result.metric].study:
        at = result.columns.index("messages")
        rows = [row for row in rows if row[at]]
    if not rows:
        return frame.title_only(title or captions.title(result), _nothing(result))
    folder = f"{__package__}.studies" if QUESTIONS[result.metric].study else __package__
    module = import_module(f"{folder}.{result.metric.replace('-', '_')}")
    return _titled(_drawn(module, result, kind, target), title)


def _drawn(module: ModuleType, result: Result, kind: str | None, target: float | None) -> Chart:
    """Draw with the module's function of this kind."""
    kinds: Mapping[str, Callable[..., Chart]] = getattr(module, "KINDS_OF_CHART", {})
    if kind is not None and kind not in kinds:
        raise UnknownName(f"chart of {result.metric}", kind, kinds)
    draw: Callable[..., Chart] = module.chart if kind is None else kinds[kind]
    if target is None:
        return draw(result)
    if "target" in inspect.signature(draw).parameters:
        return draw(result, target=target)
    raise UsageError(
        f"this chart of {result.metric} has no target",
        "a latency curve has: db.latency(…).plot(kind='curve', target=30)",
    )


def _titled(chart: Chart, title: str | None) -> Chart:
    if title is not None:
        chart.update_layout(title_text=escape(title))
    return chart


def _nothing(result: Result) -> str:
    if result.metric == "errors":
        return "No settled message was left undelivered."
    if result.metric in _NOTHING and result.messages_total:
        return _NOTHING[result.metric]
    if result.metric == "quality" and result.messages_total:
        return "No message shows a problem."
    return "No messages to show: none were sent in this period that fit the question."
