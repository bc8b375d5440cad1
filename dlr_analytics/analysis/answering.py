"""What metrics and studies need of a database, whatever engine it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from dlr_analytics.analysis.filters import Filters, Parameters
from dlr_analytics.analysis.presenter import Presenter
from dlr_analytics.analysis.query import Query

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


class Answering(Protocol):
    """Computes statements, and makes results of what studies compute from them.

    :class:`~dlr_analytics.analysis.database.Database` does on DuckDB, and
    :class:`~dlr_analytics.spark.database.SparkDatabase` on Spark.
    """

    _presenter: Presenter

    def answer(self, query: Query, parameters: Parameters) -> Result:
        """Compute a statement that has the markers of a metric."""

    def resolve(self, parameters: Parameters) -> Filters:
        """Parse parameters; ``as_of`` is filled in with that of the data (naive UTC)."""

    def derive(
        self,
        metric: str,
        columns: Mapping[str, str],
        rows: Sequence[Sequence[Any]],
        sources: Sequence[Result],
        own: Mapping[str, Any] | None = None,
    ) -> Result:
        """Return rows that a study computed as a result."""

    def pinned(self) -> Answering:
        """Return a database on which all calls read the state at the first one."""

    def _count_other_calls(self, filters: Filters) -> int:
        """Count the calls at the receipt URL that were no receipts."""
