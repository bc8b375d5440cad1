"""Write a report as Markdown, for a wiki, a ticket or a diff."""

from __future__ import annotations

from collections.abc import Iterator

from dlr_analytics.presentation import formats, markdown
from dlr_analytics.presentation.markdown import code, escaped, paragraph, with_code
from dlr_analytics.presentation.table import CODE, Column, Table, Value
from dlr_analytics.report import headline
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.registry import tables


def render(report: Report) -> str:
    """Render a report as Markdown.

    Returns
    -------
    str
        CommonMark with GitHub's tables. All values are escaped.
    """
    return "\n\n".join(_parts(report)) + "\n"


def _parts(report: Report) -> Iterator[str]:
    yield paragraph(headline.kicker(report))
    yield f"# {escaped(headline.finding(report))}"
    if report.tally.messages:
        yield escaped(headline.scope(report))
        yield "\n".join(_card(card) for card in headline.cards(report))
    else:
        yield with_code(headline.remedy(report))
    for table in tables(report):
        yield from _section(table)


def _card(card: headline.Card) -> str:
    notes = "".join(f"; {note}" for note in card.notes)
    return f"- {card.name}: **{escaped(card.text)}**{escaped(notes)}"


def _section(table: Table) -> Iterator[str]:
    yield f"## {escaped(table.title)}"
    if not table.rows:
        yield with_code(table.caption)
        return
    if table.caption:
        yield escaped(table.caption)
    yield written(table)
    if table.note:
        yield with_code(table.note)


def written(table: Table) -> str:
    """Write a table, numbers aligned right."""
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
