"""The column of a table that compares with the period before."""

from __future__ import annotations

from dlr_analytics.presentation.table import POINTS, TEXT, Column, Value
from dlr_analytics.report.changes import Change
from dlr_analytics.report.model import Report


def is_compared(report: Report) -> bool:
    """Whether the report has a period before to compare with."""
    return report.former is not None and report.former.comparable


def change_columns(report: Report) -> tuple[Column, ...]:
    """Return the heads of what :func:`changed` returns: none without a period before."""
    if not is_compared(report):
        return ()
    return Column("Change, points", POINTS), Column("More than chance", TEXT)


def changed(change: Change | None, report: Report) -> tuple[Value, ...]:
    """Return the values of :func:`change_columns`."""
    if not is_compared(report):
        return ()
    if change is None:
        return None, None
    return change.difference, "yes" if change.firm else "no"


def change_caption(report: Report) -> str:
    """Say what changes are against, for a caption; empty without a period before."""
    former = report.former
    if former is None or not former.comparable:
        return ""
    return f" · change against the {before(report)} before, bold where it is more than chance"


def before(report: Report) -> str:
    """Name the length of the period before: ``30 days``, or ``day``."""
    days = (report.period.last - report.period.first).days + 1
    return f"{days} days" if days > 1 else "day"
