"""The words and the axis floor of charts of delivery rates."""

from __future__ import annotations

from collections.abc import Sequence

from dlr_analytics.notebook.charts.timeline import Row
from dlr_analytics.presentation import formats
from dlr_analytics.report.svg.scale import lowest_for


def floor_of_most(rates: Sequence[float]) -> float:
    """The floor of an axis of rates that a few far below the others do not stretch.

    At most a fifth of the rates, but one of four, are left below the axis: where that makes the
    axis half as long, or less.

    Examples
    --------
    >>> floor_of_most([0.0, 0.93, 0.95, 0.91]), floor_of_most([0.6, 0.7, 0.8, 0.95])
    (0.9, 0.6)
    """
    ordered = sorted(rates)
    most = max(1, len(ordered) // 5) if len(ordered) >= 4 else 0
    floor = lowest_for(ordered)
    for left_out in range(1, most + 1):
        without = lowest_for(ordered[left_out:])
        if 2 * (1 - without) <= 1 - floor:
            floor = without
    return floor


def rate_words(row: Row) -> str:
    """The hover text of a delivery rate: interval, messages, and what is pending."""
    if not row.get("messages"):
        return "no messages"
    interval = formats.interval(row["ci_low"], row["ci_high"])
    rate = formats.rate(row["delivery_rate"])
    said = f"<b>{rate}</b> ({interval}) of {formats.count(row['messages'])}"
    if not row["pending"]:
        return said
    bounds = formats.interval(row["success_ratio"], row["best_case"])
    return f"{said}<br>{formats.count(row['pending'])} pending: {bounds} in the end"


def cut_words(floor: float) -> str:
    """What a subtitle says of an axis of rates."""
    return "axis does not start at zero" if floor > 0 else ""


def known(rows: Sequence[Row], column: str) -> list[float]:
    """The values of a column without its NULLs."""
    return [row[column] for row in rows if row.get(column) is not None]
