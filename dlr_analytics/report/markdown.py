"""The report as Markdown: the same words and tables, for a wiki, a ticket or a diff."""

from __future__ import annotations

from collections.abc import Iterator

from dlr_analytics.presentation import formats, markdown
from dlr_analytics.presentation.markdown import code, escaped, with_code
from dlr_analytics.presentation.table import CODE, Column, Table, Value
from dlr_analytics.report import contents, headline, trust
from dlr_analytics.report.definitions import DEFINITIONS
from dlr_analytics.report.model import Report


def render(report: Report) -> str:
    """Write the report as Markdown with tables.

    Returns
    -------
    str
        CommonMark with GitHub's tables. Whatever could be markup in a value is escaped.
    """
    return "\n\n".join(_parts(report)) + "\n"


def _parts(report: Report) -> Iterator[str]:
    yield headline.KICKER
    yield f"# {escaped(headline.finding(report))}"
    if not report.tally.messages:
        yield with_code(headline.remedy(report))
        return
    yield escaped(headline.basis(report))
    yield "\n".join(_card(card) for card in headline.cards(report))
    for table in tables(report):
        yield from _section(table)
        if table.title == contents.latency(report).title:
            yield escaped(contents.latency_note(report))
        if table.title == trust.coverage(report).title:
            yield escaped(trust.coverage_note(report))
    yield "## Definitions"
    for term, meaning in DEFINITIONS.items():
        yield f"**{escaped(term)}**: {escaped(meaning)}"
    yield f"{escaped(headline.MADE_BY)} {code(report.command)}"


def _card(card: headline.Card) -> str:
    notes = "".join(f"; {note}" for note in card.notes)
    return f"- {card.name}: **{escaped(card.text)}**{escaped(notes)}"


def tables(report: Report) -> Iterator[Table]:
    """The tables of the report in their order, those left out that would say nothing."""
    yield contents.ended(report)
    if report.undelivered:
        yield contents.undelivered(report)
    yield contents.by_day(report)
    yield contents.networks(report)
    if report.reasons:
        yield contents.errors(report)
    if report.latency.whole.measured:
        yield contents.latency(report)
    for spending in report.spending:
        yield contents.cost(spending, alone=len(report.spending) == 1)
    yield trust.quality(report)
    yield trust.coverage(report)


def _section(table: Table) -> Iterator[str]:
    yield f"## {escaped(table.title)}"
    if table.caption:
        yield escaped(table.caption)
    yield written(table)


def written(table: Table) -> str:
    """Write a table in GitHub's form, figures to the right."""
    rows = [
        [_cell(column, value) for column, value in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    heads = [column.head for column in table.columns]
    return "\n".join(markdown.table(heads, rows, [c.kind.figure for c in table.columns]))


def _cell(column: Column, value: Value) -> str:
    text = column.kind.write(value)
    if column.kind is CODE and text != formats.MISSING:
        return code(text)
    return escaped(text)
