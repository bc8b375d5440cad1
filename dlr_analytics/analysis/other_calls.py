"""How many calls at the receipt URL were no receipts: they are in the quarantine."""

from __future__ import annotations

from pathlib import Path

from dlr_analytics.analysis.filters import Filters
from dlr_analytics.store import quarantine


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
