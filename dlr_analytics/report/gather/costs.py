"""The cost of messages, separately for each currency."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.changes import Amounts
from dlr_analytics.report.gather.counts import Count, Money, Sums, grouped, summed
from dlr_analytics.report.gather.places import country_name, each
from dlr_analytics.report.model import Bill, Spending


def spending(counts: tuple[Count, ...], names: Mapping[str, str]) -> tuple[Spending, ...]:
    """Return the cost in each currency, that of most priced messages first.

    Without prices it is empty.

    Parameters
    ----------
    counts : tuple of Count
        The messages of the period.
    names : mapping
        Countries by ISO 3166 alpha-2 code.
    """
    of_countries = grouped(counts, lambda count: count.country)
    priced = [(name, money) for name, money in summed(counts).money.items() if money.priced]
    priced.sort(key=lambda pair: (-pair[1].priced, pair[0] or ""))
    return tuple(_block(name, whole, of_countries, names) for name, whole in priced)


def amounts(sums: Sums) -> tuple[Amounts, Amounts]:
    """Return the cost and what of it was paid for undelivered messages, by currency."""
    priced = {name: money for name, money in sums.money.items() if money.priced}
    ordered = sorted(priced.items(), key=lambda pair: (-pair[1].priced, pair[0] or ""))
    named = [(sanitize(name or "", 8), money) for name, money in ordered]
    cost = tuple((name, money.cost) for name, money in named)
    return cost, tuple((name, money.wasted) for name, money in named)


def _block(
    currency: str | None,
    whole: Money,
    of_countries: Mapping[str | None, Sums],
    names: Mapping[str, str],
) -> Spending:
    rows = [
        (country, sums.money[currency])
        for country, sums in of_countries.items()
        if currency in sums.money and sums.money[currency].priced
    ]
    rows.sort(key=lambda pair: (-pair[1].cost, pair[0] or ""))
    bills = [_bill(country_name({"country": country}, names), money) for country, money in rows]
    return Spending(sanitize(currency or "", 8), _bill("All countries", whole), tuple(bills))


def _bill(label: str, money: Money) -> Bill:
    cost: Decimal = money.cost
    per_message, per_delivered = each(cost, money.priced), each(cost, money.delivered)
    return Bill(label, money.priced, cost, per_message, per_delivered, money.wasted)
