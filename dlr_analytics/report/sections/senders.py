"""The delivery rate by sender, its change, main cause and cost of undelivered."""

from __future__ import annotations

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import MONEY, SHARE, TEXT, Column, Table, Value
from dlr_analytics.report.gather.reasons import meaning_of
from dlr_analytics.report.model import Report, Sender
from dlr_analytics.report.sections.changed import change_caption, change_columns, changed

OTHERS = "Other senders, or none"


def tables(report: Report) -> tuple[Table, ...]:
    """Return a row for each of the senders with most messages, and one for all others."""
    currencies = [spending.currency for spending in report.spending]
    return (
        Table(
            "Senders",
            "Delivery rate by sender",
            f"Ordered by undelivered messages{change_caption(report)}",
            (
                Column("Sender", TEXT),
                Column("Rate, %", SHARE),
                *change_columns(report),
                Column("Undelivered"),
                Column("Messages"),
                Column("Main cause", TEXT),
                *(Column(f"Paid for undelivered, {_sign(each)}", MONEY) for each in currencies),
            ),
            tuple(_row(sender, report, currencies) for sender in report.senders),
            marks="by day: settled days, all rows over the same 12 points",
        ),
    )


def _sign(currency: str) -> str:
    return formats.currency_sign(currency)


def _row(sender: Sender, report: Report, currencies: list[str]) -> tuple[Value, ...]:
    tally, wasted = sender.tally, dict(sender.wasted)
    return (
        sender.name or OTHERS,
        tally.rate,
        *changed(sender.change, report),
        tally.undelivered,
        tally.messages,
        main_cause(sender),
        *(wasted.get(currency) for currency in currencies),
    )


def main_cause(sender: Sender) -> str | None:
    """Name the most frequent err-code of undelivered messages, with its share of them."""
    if sender.cause is None or not sender.tally.undelivered:
        return None
    code, messages = sender.cause
    share = formats.rate(messages / sender.tally.undelivered, 0)
    if code is None:
        return f"no err-code, {share}"
    meaning = meaning_of(code)[0]
    return f"{code} {meaning[:1].lower()}{meaning[1:]}, {share}"
