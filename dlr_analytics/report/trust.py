"""What the last section says, for every format alike: how far to trust the figures above it."""

from __future__ import annotations

from dlr_analytics.presentation.table import CODE, SHARE, TEXT, Column, Table, Value
from dlr_analytics.report.contents import MOST_NAMED, NO_CODE
from dlr_analytics.report.model import Coverage, Report


def quality(report: Report) -> Table:
    """What the figures rest on."""
    return Table(
        "How far to trust these figures",
        "What was read in this period, and how many messages show what is wrong or missing",
        (
            Column("What", TEXT),
            Column("Count"),
            Column("Share, %", SHARE),
            Column("What it does", TEXT),
            Column("Example", CODE),
        ),
        tuple(
            (r.what, r.count, r.count / r.of if r.of else None, r.effect, r.example)
            for r in report.quality
        ),
    )


def coverage(report: Report) -> Table:
    """How far receipts tell what became of messages, network by network."""
    return Table(
        "Which networks can be compared",
        "Share of the messages sent more than 72 h before “as of”, % · comparable: the carrier "
        "told the end of at least 90%",
        (
            Column("Network", CODE),
            Column("Operator", TEXT),
            Column("Country", TEXT),
            Column("Verdict", TEXT),
            Column("Answered, %", SHARE),
            Column("Timed out, %", SHARE),
            Column("Unknown, %", SHARE),
            Column("Silent, %", SHARE),
            Column("Only accepted, %", SHARE),
            Column("Messages"),
        ),
        tuple(_coverage_row(each) for each in report.coverage),
    )


def _coverage_row(each: Coverage) -> tuple[Value, ...]:
    shares = (each.answered, each.timed_out, each.unknown, each.silent, each.accepted_only)
    return (
        each.code or NO_CODE,
        each.network,
        each.country_name,
        each.verdict,
        *shares,
        each.mature,
    )


def coverage_note(report: Report) -> str:
    """Which networks are named as not comparable."""
    named = [each for each in report.coverage if each.incomparable]
    if not named:
        return "No network with 100 such messages is too poorly covered to compare."
    listed = [f"{each.code or NO_CODE} ({each.verdict})" for each in named[:MOST_NAMED]]
    more = f" and {len(named) - len(listed)} more" if len(named) > len(listed) else ""
    return f"Not to be compared with others: {', '.join(listed)}{more}."
