"""How a result shows itself: a table in a notebook, a table in a terminal, a chart when asked.

All of it is loaded when it is asked for, so that a first result is there at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from dlr_analytics.analysis.result import Result


class Notebook:
    """Shows results in notebooks and terminals: the ``Presenter`` of `analyse.result`."""

    def html(self, result: Result) -> str:
        """A table of at most ten rows, coloured by whatever theme it stands in."""
        from dlr_analytics.notebook.table_view import html

        return html(result)

    def text(self, result: Result) -> str:
        """The same table for a terminal."""
        from dlr_analytics.notebook.table_view import text

        return text(result)

    def figure(self, result: Result) -> go.Figure:
        """The chart of the metric and its ``by``; see `report.charts.choose`."""
        from dlr_analytics.notebook.charts.choose import figure

        return figure(result)


PRESENTER: Final = Notebook()
