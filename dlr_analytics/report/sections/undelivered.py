"""The undelivered messages one by one, where they are few."""

from __future__ import annotations

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import CODE, MOMENT, TEXT, Column, Table
from dlr_analytics.report.model import Report


def tables(report: Report) -> tuple[Table, ...]:
    """Return a row for each undelivered message."""
    return (
        Table(
            "Undelivered",
            f"The {formats.counted(len(report.undelivered), 'undelivered message')}",
            "Listed one by one below 20",
            (
                Column(f"Sent ({report.period.tz})", MOMENT),
                Column("Message", CODE),
                Column("Outcome", TEXT),
                Column("err-code", TEXT),
            ),
            tuple(
                (m.message_time, m.message_id, m.outcome, _err_code(m.err_code, m.meaning))
                for m in report.undelivered
            ),
        ),
    )


def _err_code(code: int | None, meaning: str) -> str | None:
    if code is None:
        return None
    return f"{code}, {meaning[:1].lower()}{meaning[1:]}" if meaning else str(code)
