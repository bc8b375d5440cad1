"""The figures that studies compare: the delivery rate, and the cost per message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from dlr_analytics.analysis.query import Query
from dlr_analytics.errors import UnknownName, UsageError

RATE_FIGURE: Final = "delivery_rate"
PRICE_FIGURE: Final = "cost_per_message"

FIGURES: Final = (RATE_FIGURE, PRICE_FIGURE)


def of_figure(query: Query, figure: str) -> Query:
    """Return a study's statement for a figure: its blocks ``figure`` and ``floor``.

    Raises
    ------
    UnknownName
        If there is no such figure.
    """
    if figure not in FIGURES:
        raise UnknownName("figure", str(figure), FIGURES)
    if figure == RATE_FIGURE:
        return query
    priced = {
        "figure": "price as value,"
        " case when price is null then 0 else 1 end as weight,"
        " 0e0 as value_se,"
        " case when price is not null then currency end as priced_in"
    }
    if "/* set floor */" in query.text:
        priced["floor"] = "1e-6 * mean_rate * mean_rate"
    return query.with_values(**priced)


def must_be_one_currency(rows: Iterable[Mapping[str, Any]], by: tuple[str, ...]) -> None:
    """Check that prices of several currencies are not added.

    Raises
    ------
    UsageError
        If they would be: ``currency`` is not in ``by`` then.
    """
    if "currency" in by:
        return
    names = ("first_currency", "last_currency")
    found = sorted({row[name] for row in rows for name in names if row[name] is not None})
    if len(found) > 1:
        raise UsageError(
            f"cost_per_message: prices are in {' and '.join(found[:3])}",
            "add currency to by, or choose one with where",
        )
