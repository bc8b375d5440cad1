"""``cost``: sums of decimals over messages, one row a currency, quotients exact and half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from dlr_analytics.vocabulary import OUTCOMES
from tests.support.message_tables import message, metric_rows, only

D = Decimal
EIGHT_PLACES = D("0.00000001")
MONEY = st.decimals("-99999", "99999", places=8) | st.decimals(0, "0.1", places=8)


def quotient(total: Decimal, count: int) -> Decimal | None:
    """Divided in decimals of any length, then rounded half up."""
    if not count:
        return None
    with localcontext(Context(prec=60)):
        return (total / count).quantize(EIGHT_PLACES, ROUND_HALF_UP)


def test_cost_is_the_exact_sum_of_prices() -> None:
    row = only(metric_rows("cost", [message(price=D("0.1")), message(price=D("0.2")), message()]))
    assert (row["messages"], row["priced"], row["cost"]) == (3, 2, D("0.30000000"))


def test_quotients_are_rounded_half_up_at_the_eighth_place() -> None:
    rows = [message(price=D("0.00000001")), message("failed", price=D(0))]
    assert only(metric_rows("cost", rows))["cost_per_message"] == D("0.00000001")
    rows = [message(price=D("0.00000001"))] + [message("failed", price=D(0))] * 2
    assert only(metric_rows("cost", rows))["cost_per_message"] == D("0E-8")


@pytest.mark.thorough
@settings(max_examples=50, deadline=None)
@forall(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.none() | MONEY), min_size=1, max_size=40))
def test_quotients_are_those_of_python_s_decimals(
    kinds: list[tuple[str, Decimal | None]],
) -> None:
    row = only(metric_rows("cost", [message(kind, price=price) for kind, price in kinds]))
    prices = [price for _, price in kinds if price is not None]
    delivered = sum(kind == "delivered" for kind, _ in kinds)
    wasted = [p for kind, p in kinds if p is not None and kind not in ("delivered", "pending")]
    total = sum(prices, D(0))
    assert row["priced"] == len(prices)
    assert row["cost"] == (total if prices else None)
    assert row["cost_per_message"] == quotient(total, len(prices))
    assert row["cost_per_delivered"] == (quotient(total, delivered) if prices else None)
    assert row["wasted"] == (sum(wasted, D(0)) if prices else None)


@pytest.mark.parametrize("price", [D("9999999999.99999999"), D("-9999999999.99999999")])
def test_the_largest_price_there_is_divides_exactly(price: Decimal) -> None:
    row = only(metric_rows("cost", [message(price=price)] * 3))
    assert (row["cost"], row["cost_per_message"]) == (3 * price, price)


def test_money_is_decimal_to_eight_places() -> None:
    row = only(metric_rows("cost", [message(price=D(1))]))
    for name in ("cost", "cost_per_message", "cost_per_delivered", "wasted"):
        assert isinstance(row[name], Decimal)
        assert row[name].as_tuple().exponent == -8


def test_wasted_is_what_is_settled_and_was_not_delivered() -> None:
    rows = [message(outcome, price=D(1)) for outcome in OUTCOMES]
    assert only(metric_rows("cost", rows))["wasted"] == 5


def test_nothing_wasted_is_zero_and_nothing_priced_is_null() -> None:
    assert only(metric_rows("cost", [message(price=D(1))]))["wasted"] == 0
    row = only(metric_rows("cost", [message()]))
    assert (row["messages"], row["priced"]) == (1, 0)
    assert (
        row["cost"] is row["cost_per_message"] is row["cost_per_delivered"] is row["wasted"] is None
    )


def test_the_price_of_one_delivered_is_null_where_none_was() -> None:
    row = only(metric_rows("cost", [message("failed", price=D(1))]))
    assert (row["cost"], row["cost_per_message"], row["cost_per_delivered"]) == (1, 1, None)


def test_currencies_are_never_added() -> None:
    rows = [message(price=D(1)), message(price=D(2), currency="USD"), message(currency="USD")]
    found = metric_rows("cost", rows)
    assert [(r["currency"], r["messages"], r["cost"]) for r in found] == [
        ("EUR", 1, 1),
        ("USD", 2, 2),
    ]


def test_currencies_are_told_apart_within_each_group() -> None:
    rows = [
        message(price=D(1), country=c, currency=x) for c in ("GB", "DE") for x in ("USD", "EUR")
    ]
    found = metric_rows("cost", rows, by="country")
    assert [(row["country"], row["currency"]) for row in found] == [
        ("DE", "EUR"),
        ("DE", "USD"),
        ("GB", "EUR"),
        ("GB", "USD"),
    ]


def test_by_currency_the_column_appears_once_and_first() -> None:
    rows = [message(price=D(1), currency="USD", country="GB")]
    found = only(metric_rows("cost", rows, by="currency,country"))
    assert list(found)[:4] == ["currency", "country", "messages", "priced"]
    assert list(found).count("currency") == 1


def test_of_nothing_there_is_one_row_in_the_currency_of_the_settings() -> None:
    row = only(metric_rows("cost", []))
    assert (row["messages"], row["priced"], row["currency"]) == (0, 0, "EUR")
    assert (
        row["cost"] is row["cost_per_message"] is row["cost_per_delivered"] is row["wasted"] is None
    )
