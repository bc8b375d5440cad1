"""How well receipts cover the outcomes of each network's messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.gather.places import code_and_name, country_name
from dlr_analytics.report.model import COMPARABLE, TOO_FEW, Coverage

_LAST: Final = (COMPARABLE, TOO_FEW)


def coverage(metrics: PeriodMetrics, names: Mapping[str, str]) -> tuple[Coverage, ...]:
    """Return every network: first those that cannot be compared, then by messages.

    Parameters
    ----------
    metrics : PeriodMetrics
        The metrics of the period.
    names : mapping
        Countries by ISO 3166 alpha-2 code.
    """
    covered = [_coverage(row, names) for row in metrics.rows_by_network("coverage")]
    return tuple(sorted(covered, key=_by_verdict))


def _by_verdict(one: Coverage) -> tuple[int, int]:
    return (_LAST.index(one.verdict) if one.verdict in _LAST else -1), -one.mature


def _coverage(row: Row, names: Mapping[str, str]) -> Coverage:
    code, network = code_and_name(row)
    few = row["verdict"] == TOO_FEW
    shares = ("answered", "timed_out", "unknown", "silent", "accepted_only")
    return Coverage(
        country_name=country_name(row, names),
        code=code,
        network=network,
        mature=row["mature"],
        **{name: None if few else row[f"{name}_share"] for name in shares},
        verdict=row["verdict"],
    )
