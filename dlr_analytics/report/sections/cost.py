"""The cost of messages by country, in a table for each currency."""

from __future__ import annotations

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import MONEY, PER_THOUSAND, TEXT, Column, Table
from dlr_analytics.report.model import Report, Spending


def tables(report: Report) -> tuple[Table, ...]:
    """Return a table for each currency; without prices, one without rows."""
    if not report.spending:
        caption = "No message of this period carries a price."
        return (Table("Cost", "What it cost", caption, (), ()),)
    alone = len(report.spending) == 1
    return tuple(
        _table(spending, f"Cost {number}" if number > 1 else "Cost", alone=alone)
        for number, spending in enumerate(report.spending, start=1)
    )


def _table(spending: Spending, name: str, *, alone: bool) -> Table:
    whole, sign = spending.whole, formats.currency_sign(spending.currency)
    total = formats.money_exact(whole.cost, spending.currency)
    wasted = formats.money_exact(whole.wasted, spending.currency)
    return Table(
        name,
        "What it cost" if alone else f"What it cost in {spending.currency}",
        f"{total} for {formats.counted(whole.priced, 'priced message')} · "
        f"undelivered messages cost money too: {wasted}",
        (
            Column("Country", TEXT),
            Column(f"Cost, {sign}", MONEY, bar=True),
            Column(f"{sign} per 1,000", PER_THOUSAND),
            Column(f"{sign} per 1,000 delivered", PER_THOUSAND),
            Column(f"For undelivered, {sign}", MONEY),
        ),
        tuple(
            (b.label, b.cost, b.per_message, b.per_delivered, b.wasted) for b in spending.countries
        ),
    )
