"""Data quality: what was read, what is missing, which networks are comparable."""

from __future__ import annotations

from dlr_analytics.presentation.table import CODE, SHARE, TEXT, Column, Table, Value
from dlr_analytics.report.model import Coverage, Report
from dlr_analytics.report.sections.networks import MOST_NAMED, NO_CODE


def tables(report: Report) -> tuple[Table, ...]:
    """Return the properties of the data, then the coverage of each network."""
    return _quality(report), _coverage(report)


def _quality(report: Report) -> Table:
    return Table(
        "Data quality",
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


def _coverage(report: Report) -> Table:
    return Table(
        "Coverage",
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
        tuple(map(_coverage_row, report.coverage)),
        note=_coverage_note(report),
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


def _coverage_note(report: Report) -> str:
    """Which networks cannot be compared."""
    named = [each for each in report.coverage if each.incomparable]
    if not named:
        return "No network with 100 such messages is too poorly covered to compare."
    listed = [f"{each.code or NO_CODE} ({each.verdict})" for each in named[:MOST_NAMED]]
    more = f" and {len(named) - len(listed)} more" if len(named) > len(listed) else ""
    return f"Not to be compared with others: {', '.join(listed)}{more}."
