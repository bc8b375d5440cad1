"""``compare``: one period against earlier ones, against plain Python and scipy."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from decimal import Decimal
from statistics import fmean, stdev
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from dlr_analytics.analysis.filters import ALL_CHANNELS, Filters
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.studies.compare import COLUMNS, judged
from dlr_analytics.analysis.studies.periods import Period, earlier_periods, relation
from dlr_analytics.errors import UnknownName, UnreadableValue, UsageError
from tests.support.message_tables import Message, connection_over, database_over, message

AS_OF = dt.datetime(2026, 11, 24, 5)
WEEK = dt.timedelta(days=7)
LATEST = dt.datetime(2026, 11, 23, 12)

Row = dict[str, Any]


def sent(weeks_ago: int, outcome: str = "delivered", **columns: Any) -> Message:
    """A message of the period in question, or of an earlier one."""
    return message(outcome, message_time=LATEST - weeks_ago * WEEK, **columns)


def compared(messages: list[Message], *arguments: Any, **asking: Any) -> list[Row]:
    result = database_over(messages, AS_OF).compare(*arguments, **asking)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]


def oracle(messages: list[Message], periods: int) -> dict[Any, Row]:
    """The row of each country, without the adjustment."""
    groups: dict[Any, dict[int, list[Message]]] = defaultdict(lambda: defaultdict(list))
    for each in messages:
        ago = (LATEST - each["message_time"]) // WEEK
        if ago <= periods:
            groups[each.get("country")][ago].append(each)
    return {name: _expected(found) for name, found in groups.items()}


def _expected(found: dict[int, list[Message]]) -> Row:
    rates = {
        ago: fmean(each["expected"] for each in group)
        for ago, group in found.items()
        if all(each["expected"] is not None for each in group)
    }
    earlier = [rate for ago, rate in rates.items() if ago]
    row: Row = {
        "messages": len(found.get(0, [])),
        "value": rates.get(0),
        "usual": fmean(earlier) if earlier else None,
        "periods": len(earlier),
        "p": None,
    }
    if len(earlier) >= 5 and 0 in rates:
        now = found[0]
        before = [each for ago in rates if ago for each in found[ago]]
        pooled = (math.fsum(each["expected"] for each in before) + 1) / (len(before) + 2)
        sampling = pooled * (1 - pooled) * (1 / len(now) + 1 / len(before))
        unsure = sum(each.get("expected_se") or 0 for each in now) / len(now)
        spread = stdev(earlier) ** 2 * (1 + 1 / len(earlier))
        se = math.sqrt(max(spread, sampling) + unsure**2)
        row["difference"] = rates[0] - fmean(earlier)
        row["p"] = 2 * stats.t.sf(abs(row["difference"]) / se, len(earlier) - 1)
        half = stats.t.isf(0.025, len(earlier) - 1) * se
        row["low"], row["high"] = row["difference"] - half, row["difference"] + half
    return row


MESSAGES = st.builds(
    lambda ago, kind, country, copies: [sent(ago, **kind, country=country) for _ in range(copies)],
    st.integers(0, 8),
    st.sampled_from(
        [
            {"outcome": "delivered"},
            {"outcome": "failed"},
            {"outcome": "pending", "expected": 0.25, "expected_se": 0.125},
            {"outcome": "pending"},
        ]
    ),
    st.sampled_from(["GB", "DE", None]),
    st.sampled_from([1, 2, 5, 50]),
)


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@given(st.lists(MESSAGES, max_size=40), st.integers(5, 8))
def test_each_group_is_what_plain_python_and_scipy_make_of_it(
    piles: list[list[Message]], periods: int
) -> None:
    must_agree([each for pile in piles for each in pile], periods)


WEEKS = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 8), st.integers(0, 4)), min_size=6, max_size=9
)


@settings(max_examples=15, deadline=None)
@given(st.lists(WEEKS, min_size=1, max_size=2))
def test_with_enough_history_interval_and_p_are_those_of_the_formula(
    histories: list[list[tuple[int, int, int]]],
) -> None:
    pending = {"outcome": "pending", "expected": 0.25, "expected_se": 0.5}
    kinds: tuple[Row, ...] = ({"outcome": "delivered"}, {"outcome": "failed"}, pending)
    must_agree(
        [
            sent(ago, **kind, country=country)
            for country, weeks in zip(("GB", "DE"), histories, strict=False)
            for ago, counts in enumerate(weeks)
            for kind, count in zip(kinds, counts, strict=True)
            for _ in range(count)
        ],
        periods=8,
    )


def must_agree(messages: list[Message], periods: int) -> None:
    """The rows by country are those of the oracle."""
    expected = oracle(messages, periods)
    rows = compared(messages, by="country", periods=periods)
    assert {row["country"] for row in rows} == expected.keys()
    for row in rows:
        for name, value in expected[row["country"]].items():
            assert row[name] == pytest.approx(value, abs=1e-9), name
    tested = [row for row in rows if row["p"] is not None]
    assert {row["tested"] for row in rows} <= {len(tested)}
    if tested:
        adjusted = multipletests([row["p"] for row in tested], method="fdr_bh")[1]
        assert [row["p_adjusted"] for row in tested] == pytest.approx(list(adjusted))


@settings(max_examples=10, deadline=None)
@given(st.lists(MESSAGES, max_size=30))
def test_the_smallest_adjusted_p_is_first_and_the_verdict_follows_from_it(
    piles: list[list[Message]],
) -> None:
    rows = compared([each for pile in piles for each in pile], by="country", periods=5)
    ps = [math.inf if row["p_adjusted"] is None else row["p_adjusted"] for row in rows]
    assert ps == sorted(ps)
    for row, p in zip(rows, ps, strict=True):
        verdict = "too few" if p == math.inf else "changed" if p < 0.05 else "within noise"
        assert row["verdict"] == verdict


def steady(weeks: int = 12, first: int = 0, **columns: Any) -> list[Message]:
    """Nine of ten delivered in each of the periods from the first on, within a point."""
    return [
        sent(ago, "failed" if n % 10 == 0 or n == ago else "delivered", **columns)
        for ago in range(first, weeks + 1)
        for n in range(1, 201)
    ]


def test_a_fall_is_a_change_and_its_interval_is_below_zero() -> None:
    now = [sent(0, "failed" if n % 2 else "delivered") for n in range(200)]
    (row,) = compared(steady(first=1) + now)
    assert (row["verdict"], row["periods"], row["tested"]) == ("changed", 12, 1)
    assert row["low"] < row["difference"] < row["high"] < 0


def test_the_columns_are_those_that_are_explained() -> None:
    result = database_over(steady(), AS_OF).compare(by="country")
    assert result.columns == ("country", *COLUMNS)
    assert result.own["period"] == (dt.datetime(2026, 11, 17), dt.datetime(2026, 11, 24))


@pytest.mark.parametrize("weeks", [0, 1, 4])
def test_with_little_history_there_are_too_few(weeks: int) -> None:
    (row,) = compared(steady(weeks))
    assert (row["verdict"], row["periods"], row["tested"]) == ("too few", weeks, 0)
    assert row["p"] is row["low"] is row["high"] is row["p_adjusted"] is None
    assert row["value"] is not None
    assert (row["usual"] is None) == (weeks == 0)


def test_a_group_without_messages_now_is_listed_and_too_few() -> None:
    (row,) = compared(steady(first=1))
    assert (row["messages"], row["value"], row["difference"]) == (0, None, None)
    assert (row["periods"], row["verdict"]) == (12, "too few")


def test_where_all_groups_are_new_none_is_tested() -> None:
    rows = compared([sent(0, country=name) for name in ("GB", "DE")], by="country")
    assert [(row["country"], row["verdict"], row["tested"]) for row in rows] == [
        ("DE", "too few", 0),
        ("GB", "too few", 0),
    ]


def test_one_group_is_adjusted_for_no_other() -> None:
    messages = [
        sent(ago, outcome) for ago in range(9) for outcome in ["delivered"] * 30 + ["failed"]
    ]
    (row,) = compared(messages)
    assert (row["tested"], row["verdict"]) == (1, "within noise")
    assert row["p_adjusted"] == row["p"]


def test_of_no_messages_there_is_no_row() -> None:
    assert compared([]) == compared([], by="country") == []


def test_what_is_pending_without_an_estimate_makes_the_figure_unknown() -> None:
    (row,) = compared([*steady(), sent(0, "pending")])
    assert (row["messages"], row["value"], row["verdict"]) == (201, None, "too few")


# prices


def priced(weeks_ago: int, price: str | None = "0.0333", **columns: Any) -> Message:
    amount = None if price is None else Decimal(price)
    return sent(weeks_ago, price=amount, **columns)


@settings(max_examples=15, deadline=None)
@given(
    st.decimals("0.00000001", "9999", places=8),
    st.lists(st.integers(1, 40), min_size=9, max_size=9),
)
def test_equal_prices_are_no_difference_at_all(price: Decimal, counts: list[int]) -> None:
    messages = [priced(ago, str(price)) for ago, n in enumerate(counts) for _ in range(n)]
    (row,) = compared(messages, "cost_per_message")
    assert (row["difference"], row["p"], row["verdict"]) == (0.0, 1.0, "within noise")
    assert row["value"] == row["usual"] == pytest.approx(float(price), rel=1e-12)


def test_another_price_is_a_change_and_a_tenth_of_a_per_cent_is_not() -> None:
    earlier = [priced(ago) for ago in range(1, 13) for _ in range(3)]
    (row,) = compared([*earlier, priced(0, "0.0350")], "cost_per_message")
    assert (row["verdict"], row["value"]) == ("changed", 0.035)
    (row,) = compared([*earlier, priced(0, "0.03331")], "cost_per_message")
    assert row["verdict"] == "within noise"


def test_what_was_free_and_costs_now_has_changed() -> None:
    earlier = [priced(ago, "0") for ago in range(1, 13)]
    (row,) = compared([*earlier, priced(0)], "cost_per_message")
    assert (row["p"], row["verdict"]) == (0.0, "changed")
    (row,) = compared([*earlier, priced(0, "0")], "cost_per_message")
    assert (row["p"], row["verdict"]) == (1.0, "within noise")


def test_messages_without_a_price_are_left_out() -> None:
    messages = [priced(ago, price) for ago in range(7) for price in ("0.02", None, None)]
    (row,) = compared([*messages, priced(7, None)], "cost_per_message")
    assert (row["messages"], row["periods"], row["value"]) == (1, 6, 0.02)


def test_several_currencies_are_an_error_unless_they_are_groups() -> None:
    messages = [priced(ago, currency=code) for ago in (0, 9) for code in ("EUR", "USD")]
    with pytest.raises(UsageError, match="prices are in EUR and USD; add currency to by"):
        compared(messages, "cost_per_message")
    with pytest.raises(UsageError, match="EUR and USD"):
        compared(
            [priced(0, country="GB"), priced(3, currency="USD")], "cost_per_message", by="country"
        )
    assert len(compared(messages, "cost_per_message", by="currency")) == 2
    assert len(compared(messages, "cost_per_message", where="currency = 'EUR'")) == 1
    assert len(compared(messages)) == 1


def test_a_currency_of_messages_between_the_periods_does_not_matter() -> None:
    day = dt.timedelta(days=1)
    messages = [
        priced(0),
        priced(1),
        priced(0, currency="USD") | {"message_time": LATEST - 2 * day},
    ]
    asked = {"since": "2026-11-23", "until": "2026-11-24"}
    assert len(compared(messages, "cost_per_message", **asked)) == 1


# what is asked


@pytest.mark.parametrize("periods", [4, 53, 0, -1, 7.5, "12", None])
def test_the_number_of_periods_is_from_5_to_52(periods: Any) -> None:
    with pytest.raises(UnreadableValue, match="give a whole number from 5 to 52"):
        compared([], periods=periods)


def test_an_unknown_figure_is_named_with_the_nearest_one() -> None:
    with pytest.raises(
        UnknownName, match="unknown figure 'delivery-rate'; did you mean 'delivery_"
    ):
        compared([], "delivery-rate")


def test_it_takes_no_unit() -> None:
    with pytest.raises(UnknownName, match="unknown keyword 'unit'"):
        compared([], unit="sms")


def test_a_message_counts_in_the_period_that_it_was_sent_in_by_the_clock_of_tz() -> None:
    """Midnight in London is 23:00 UTC in summer: 23:30 UTC is of the day, and week, that begins."""
    monday = dt.datetime(2026, 7, 6)
    times = [monday - dt.timedelta(minutes=30), monday + dt.timedelta(days=7, minutes=-30)]
    messages = [message(message_time=time) for time in times]
    asked = {"since": "2026-07-06", "until": "2026-07-13"}
    (row,) = compared(messages, **asked, tz="Europe/London")
    assert (row["messages"], row["periods"]) == (1, 0)
    (row,) = compared(messages, **asked)
    assert (row["messages"], row["periods"]) == (1, 1)


def test_by_hour_of_the_day_or_any_bucket_groups_are_those_of_the_messages() -> None:
    rows = compared(steady(6), by=["country", "day"])
    assert len(rows) == 7
    assert {row["verdict"] for row in rows} == {"too few"}


# the statement


def test_counts_with_weights_are_what_their_messages_are() -> None:
    """So that the truth of the verdicts can be tested on a hundred networks, by counts."""
    messages = steady(country="GB") + steady(6, country="DE")
    periods = [Period(dt.datetime(2026, 11, 17), dt.datetime(2026, 11, 24))]
    periods += earlier_periods(periods[0], 12, "UTC")
    query = load("compare").with_values(periods=relation(periods))
    connection = connection_over(messages)
    connection.execute(
        "create or replace temp table counts as select country, message_time, count(*) as n,"
        " sum(expected) as x, currency from messages group by all"
    )
    weighed = query.with_values(
        figure="x as value, n as weight, 0 as value_se, currency as priced_in"
    )
    texts = [
        query.statement(Filters(by=("country",), channel=ALL_CHANNELS), ["country"]),
        weighed.statement(Filters(by=("country",), channel=ALL_CHANNELS), ["country"]).replace(
            "from messages", "from counts"
        ),
    ]
    one, other = (
        [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
        for found in map(connection.sql, texts)
    )
    assert len(one) == 2
    for a, b in zip(judged(one), judged(other), strict=True):
        assert {name: a[name] for name in COLUMNS} == pytest.approx(
            {name: b[name] for name in COLUMNS}
        )
