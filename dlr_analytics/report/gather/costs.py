"""The cost of messages, separately for each currency."""

from __future__ import annotations

from collections.abc import Mapping

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.gather.places import country_name
from dlr_analytics.report.model import Bill, Spending


def spending(metrics: PeriodMetrics, names: Mapping[str, str]) -> tuple[Spending, ...]:
    """Return the cost in each currency, that of most priced messages first.

    Without prices it is empty.

    Parameters
    ----------
    metrics : PeriodMetrics
        The metrics of the period.
    names : mapping
        Countries by ISO 3166 alpha-2 code.
    """
    priced = [row for row in metrics.rows("cost") if row["cost"] is not None]
    priced.sort(key=lambda row: (-row["priced"], row["currency"]))
    by_country = [row for row in metrics.rows("cost", "country") if row["cost"] is not None]
    return tuple(_block(whole, by_country, names) for whole in priced)


def _block(whole: Row, by_country: list[Row], names: Mapping[str, str]) -> Spending:
    rows = [row for row in by_country if row["currency"] == whole["currency"]]
    bills = [
        _bill(country_name(row, names), row)
        for row in sorted(rows, key=lambda row: (-row["cost"], row["country"] or ""))
    ]
    return Spending(sanitize(whole["currency"], 8), _bill("All countries", whole), tuple(bills))


def _bill(label: str, row: Row) -> Bill:
    return Bill(
        label,
        row["priced"],
        row["cost"],
        row["cost_per_message"],
        row["cost_per_delivered"],
        row["wasted"],
    )
