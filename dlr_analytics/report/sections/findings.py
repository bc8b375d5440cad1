"""At most five findings, those with most lost messages first."""

from __future__ import annotations

from typing import Any

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import CODE, POINTS, TEXT, Column, Table, Value
from dlr_analytics.report.changes import Finding, Loss
from dlr_analytics.report.model import Report
from dlr_analytics.report.svg.evidence import price_step, rate_course
from dlr_analytics.report.words import sentences
from dlr_analytics.report.words.dimensions import capitalized, words_of

_NAME = "What stands out"


def tables(report: Report) -> tuple[Table, ...]:
    """Return a row for each finding, or a sentence on what was examined."""
    looked_at = report.examined
    own = [(words_of(name), number) for name, number in looked_at.own]
    numbers = [
        formats.counted(looked_at.networks, "network"),
        formats.counted(looked_at.senders, "sender"),
        *(f"{formats.counted(number, 'value')} of {name}" for name, number in own),
    ]
    examined = f"{_listed(numbers)} were examined"
    if not report.findings:
        nothing = _listed([f"no {noun}" for noun in ("network", "sender", *dict(own))])
        caption = f"{capitalized(nothing)} stands out by more than chance: {examined}."
        return (Table(_NAME, _NAME, caption, (), ()),)
    return (
        Table(
            _NAME,
            _NAME,
            "Ordered by messages lost: the deliveries missing against the usual rate before · "
            f"{examined}; the others show no more than chance",
            (
                Column("No."),
                Column("Finding", TEXT),
                Column("Why", TEXT),
                Column("What to do", TEXT),
                Column("To list them", CODE),
                Column("Messages lost"),
                Column("Points", POINTS),
                Column("Money", TEXT),
            ),
            tuple(_row(number, each) for number, each in enumerate(report.findings, start=1)),
        ),
    )


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _row(number: int, finding: Finding) -> tuple[Value, ...]:
    lost, points = None, None
    if isinstance(finding, Loss):
        lost, points = round(finding.lost), -finding.points
    return (
        number,
        sentences.statement(finding),
        sentences.cause(finding),
        sentences.advice(finding),
        finding.call,
        lost,
        points,
        sentences.money(finding) or None,
    )


def graphics(report: Report) -> dict[str, Any]:
    """Return the ``evidence`` of each finding: the course of a rate or price."""
    days = len(report.days)
    return {
        "evidence": [
            rate_course(each, days) if isinstance(each, Loss) else price_step(each, report.period)
            for each in report.findings
        ]
    }
