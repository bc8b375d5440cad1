"""The report as Markdown: the same words and tables, for a wiki, a ticket or a diff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import CODE, Column, Table, Value
from dlr_analytics.report import contents, headline, trust
from dlr_analytics.report.definitions import DEFINITIONS
from dlr_analytics.report.model import Report

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]|~&$])")


def render(report: Report) -> str:
    """Write the report as Markdown with tables.

    Returns
    -------
    str
        CommonMark with GitHub's tables. Whatever could be markup in a value is escaped.
    """
    return "\n\n".join(_parts(report)) + "\n"


def escaped(text: str) -> str:
    r"""Text that shows as it is, inside a table too.

    >>> print(escaped("<b>=1|2</b> [x](y)"))
    &lt;b>=1\|2&lt;/b> \[x\](y)
    """
    return _SPECIAL.sub(r"\\\1", text).replace("<", "&lt;")


def _parts(report: Report) -> Iterator[str]:
    yield headline.KICKER
    yield f"# {escaped(headline.finding(report))}"
    if not report.tally.messages:
        yield _with_code(headline.remedy(report))
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
    """A table in GitHub's form, figures to the right."""
    heads = [escaped(column.head) for column in table.columns]
    rules = ["---:" if column.kind.figure else "---" for column in table.columns]
    rows = [
        [_cell(column, value) for column, value in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, rules, *rows])


def _cell(column: Column, value: Value) -> str:
    text = column.kind.write(value)
    if column.kind is CODE and text != formats.MISSING:
        return code(text)
    return escaped(text)


def _with_code(sentence: str) -> str:
    """A sentence of ours, with what stands in backticks as code."""
    parts = enumerate(sentence.split("`"))
    return "".join(code(part) if odd % 2 else escaped(part) for odd, part in parts)


def code(text: str) -> str:
    """Text of a machine as it is. Code spans know no escapes: what would end one is replaced.

    >>> print(code("dlr `x` | y"))
    `dlr 'x' ¦ y`
    """
    return f"`{text.replace('`', chr(39)).replace('|', '¦')}`"
