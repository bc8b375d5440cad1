"""The presenter of results: passed in, since analysis imports no charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.explore.exploration import Exploration
    from dlr_analytics.analysis.result import Result


class Presenter(Protocol):
    """Renders results, reports and explorations, and the wait for them."""

    def html(self, result: Result) -> str:
        """Render a table for a notebook."""
        ...

    def text(self, result: Result) -> str:
        """Render a table for a terminal."""
        ...

    def figure(
        self, result: Result, kind: str | None, title: str | None, target: float | None
    ) -> Any:
        """Draw the plotly figure that suits the metric and its ``by``."""
        ...

    def excel(self, result: Result, path: Path) -> None:
        """Write a workbook."""
        ...

    def report(self, database: Database, path: Path, options: Mapping[str, Any]) -> None:
        """Write the delivery-rate report of a database."""
        ...

    def explore(self, begin: Callable[[], Exploration]) -> Any:
        """Begin an exploration, and make its widget."""
        ...

    def waiting(self, question: str) -> AbstractContextManager[None]:
        """Show that a question is being answered, where it takes longer than a second."""
        ...
