"""How messages ended: the seven outcomes, which add up."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

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


MOVED: Final = 0.01
"""The least change of an outcome's share that the page names."""


class Was(NamedTuple):
    """The share of an outcome in the period before, and whether it is ``better`` now."""

    share: float
    kind: str


def graphics(report: Report) -> dict[str, Any]:
    """Return former shares (``was``), and the names of outcomes that do not occur."""
    tally, former = report.tally, report.former
    absent = [outcome for outcome in OUTCOMES if not getattr(tally, outcome)]
    names = " or ".join(filter(None, [", ".join(absent[:-1]), *absent[-1:]]))
    was: dict[str, Was] = {}
    if report.change is not None and former is not None:
        for outcome, messages in former.outcomes:
            share = messages / former.messages
            more = getattr(tally, outcome) / tally.messages - share
            if abs(more) >= MOVED and outcome not in ("delivered", "pending"):
                kind = "worse" if more > 0 else "better"
                was[outcome.capitalize()] = Was(share, kind if report.change.firm else "ci")
    return {"was": was, "none": names}
