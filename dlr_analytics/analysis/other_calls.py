"""How many calls at the receipt URL were no receipts: they are in the quarantine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dlr_analytics.analysis.filters import Filters, Parameters
from dlr_analytics.analysis.query import Query, load
from dlr_analytics.store import quarantine

if TYPE_CHECKING:
    from dlr_analytics.analysis.answering import Answering
    from dlr_analytics.analysis.database import Database


def quality_query(self: Answering, parameters: Parameters) -> Query:
    """The statement of ``quality``, with the number of these calls."""
    filters = self.resolve(parameters)
    if parameters.get("as_of") is None:  # calls may have come after the newest receipt
        filters = replace(filters, as_of=None)
    calls = self._count_other_calls(filters)
    return load("quality").with_values(calls=str(calls), elsewhere="true")


def calls_of(self: Database, filters: Filters) -> int:
    """Count those of a database, as :func:`count_other_calls` does."""
    return count_other_calls(self.data, filters)


def count_other_calls(data: Path, filters: Filters) -> int:
    """Count those that arrived in a period; none with ``where`` or ``by``.

    Examples
    --------
    >>> count_other_calls(Path("data/sample"), Filters())
    0
    """
    if filters.where is not None or filters.by:
        return 0
    return sum(
        1
        for entry in quarantine.entries(data)
        if entry.is_other_call
        and (filters.since is None or entry.arrived_at >= filters.since)
        and (filters.until is None or entry.arrived_at < filters.until)
        and (filters.as_of is None or entry.arrived_at <= filters.as_of)
    )
