"""How many calls at the receipt URL were no receipts: they are in the quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dlr_analytics.analysis.filters import Filters, Parameters
from dlr_analytics.analysis.query import Query, load
from dlr_analytics.store import quarantine
from dlr_analytics.store.quarantine import QuarantineEntry

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
    return count_other_calls(self.quarantined(), filters)


def quarantined(self: Database) -> Iterator[QuarantineEntry]:
    """Read every entry of the quarantine.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> {entry.reason for entry in dlr.open("data/sample").quarantined()} >= {"no message ID"}
    True
    """
    return quarantine.entries(self.data, self._snapshots.files())


def count_other_calls(quarantined: Iterable[QuarantineEntry], filters: Filters) -> int:
    """Count those that arrived in a period; none with ``where`` or ``by``.

    Examples
    --------
    >>> import datetime as dt
    >>> entry = QuarantineEntry(dt.datetime(2026, 11, 24, 8), "no message ID", "{}")
    >>> count_other_calls([entry], Filters())
    0
    """
    if filters.where is not None or filters.by:
        return 0
    return sum(
        1
        for entry in quarantined
        if entry.is_other_call
        and (filters.since is None or entry.arrived_at >= filters.since)
        and (filters.until is None or entry.arrived_at < filters.until)
        and (filters.as_of is None or entry.arrived_at <= filters.as_of)
    )
