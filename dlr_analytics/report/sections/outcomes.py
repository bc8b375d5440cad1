"""How messages ended: the seven outcomes, which add up."""

from __future__ import annotations

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import SHARE, TEXT, Column, Table
from dlr_analytics.report.model import Report
from dlr_analytics.vocabulary import OUTCOMES


def tables(report: Report) -> tuple[Table, ...]:
    """Return the number and share of messages of each outcome."""
    tally = report.tally
    counts = [(outcome.capitalize(), getattr(tally, outcome)) for outcome in OUTCOMES]
    return (
        Table(
            "Outcomes",
            f"How {formats.counted(tally.messages, 'message')} ended",
            "",
            (Column("Outcome", TEXT), Column("Messages"), Column("Share, %", SHARE)),
            tuple((name, n, n / tally.messages if tally.messages else None) for name, n in counts),
        ),
    )
