"""The delivery rate by sender and by own dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import MONEY, SHARE, TEXT, Column, Table, Value
from dlr_analytics.report.gather.reasons import meaning_of
from dlr_analytics.report.model import Group, Report
from dlr_analytics.report.sections.changed import change_caption, change_columns, changed
from dlr_analytics.report.words.dimensions import capitalized, words_of


def sender_tables(report: Report) -> tuple[Table, ...]:
    """Return a row for each of the senders with most messages, and one for all others."""
    return (_table(report, "Senders", "sender", "Other senders, or none", report.senders),)


def sender_graphics(report: Report) -> dict[str, Any]:
    """Return what the page draws beside the table."""
    return {"anchor": "senders", "groups": [report.senders]}


def own_tables(report: Report) -> tuple[Table, ...]:
    """Return a table for each own dimension, with a row for each value as for senders."""
    return tuple(
        _table(
            report,
            f"By {words_of(each.name)}",
            words_of(each.name),
            "Other values, or none",
            each.groups,
        )
        for each in report.own
    )


def own_graphics(report: Report) -> dict[str, Any]:
    """Return what the page draws beside the tables."""
    return {"anchor": "own", "groups": [each.groups for each in report.own]}


def _table(report: Report, name: str, noun: str, others: str, groups: Sequence[Group]) -> Table:
    currencies = [spending.currency for spending in report.spending]
    return Table(
        name,
        f"Delivery rate by {noun}",
        f"Ordered by undelivered messages{change_caption(report)}",
        (
            Column(capitalized(noun), TEXT),
            Column("Rate, %", SHARE),
            *change_columns(report),
            Column("Undelivered"),
            Column("Messages"),
            Column("Main cause", TEXT),
            *(Column(f"Paid for undelivered, {_sign(each)}", MONEY) for each in currencies),
        ),
        tuple(_row(group, others, report, currencies) for group in groups),
        marks="by day: settled days, all rows over the same 12 points",
    )


def _sign(currency: str) -> str:
    return formats.currency_sign(currency)


def _row(group: Group, others: str, report: Report, currencies: list[str]) -> tuple[Value, ...]:
    tally, wasted = group.tally, dict(group.wasted)
    return (
        group.name or others,
        tally.rate,
        *changed(group.change, report),
        tally.undelivered,
        tally.messages,
        main_cause(group),
        *(wasted.get(currency) for currency in currencies),
    )


def main_cause(group: Group) -> str | None:
    """Name the most frequent err-code of undelivered messages, with its share of them."""
    if group.cause is None or not group.tally.undelivered:
        return None
    code, messages = group.cause
    share = formats.rate(messages / group.tally.undelivered, 0)
    if code is None:
        return f"no err-code, {share}"
    meaning = meaning_of(code)[0]
    return f"{code} {meaning[:1].lower()}{meaning[1:]}, {share}"
