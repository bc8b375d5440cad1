"""The presenter of results: tables for notebooks and terminals, charts.

Each is imported when it is first used, so that the first result is quick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from dlr_analytics.errors import require

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.explore.exploration import Exploration
    from dlr_analytics.analysis.result import Result
    from dlr_analytics.notebook.explorer.widget import Explorer
    from dlr_analytics.report.request import Options


class Notebook:
    """The presenter of results in notebooks and terminals."""

    def html(self, result: Result) -> str:
        """Render a table of at most ten rows in the colours of the surrounding theme."""
        from dlr_analytics.notebook.table_view import html

        return html(result)

    def text(self, result: Result) -> str:
        """Render the same table for a terminal."""
        from dlr_analytics.notebook.table_view import text

        return text(result)

    def figure(
        self, result: Result, kind: str | None, title: str | None, target: float | None
    ) -> go.Figure:
        """Draw the chart of the metric; see :mod:`dlr_analytics.notebook.charts.choose`."""
        require("plotly", "a chart")
        from dlr_analytics.notebook.charts.choose import figure

        return figure(result, kind, title, target)

    def excel(self, result: Result, path: Path) -> None:
        """Write a workbook; see :mod:`dlr_analytics.notebook.workbook`."""
        from dlr_analytics.notebook.workbook import write

        write(result, path)

    def report(self, database: Database, path: Path, options: Mapping[str, Any]) -> None:
        """Write the delivery-rate report; see :mod:`dlr_analytics.report.make`."""
        from dlr_analytics.report.make import make

        make(database, path, cast("Options", options))

    def explore(self, begin: Callable[[], Exploration]) -> Explorer:
        """Make the widget; see :mod:`dlr_analytics.notebook.explorer.widget`."""
        from dlr_analytics.notebook.export import must_have_lab

        must_have_lab("the explorer", "anywidget", "pyarrow")
        from dlr_analytics.notebook.explorer.widget import Explorer

        return Explorer(begin())

    def waiting(self, question: str) -> AbstractContextManager[None]:
        """Show a long wait; see :mod:`dlr_analytics.notebook.waiting`."""
        from dlr_analytics.notebook.waiting import waiting

        return waiting(question)


PRESENTER: Final = Notebook()
