"""``delivery-rate``: counts by outcome, the rate of recent days, its interval and its bounds."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from dlr_analytics.vocabulary import OUTCOMES
from tests.support.message_tables import message, metric_rows, only

Z = 1.959963984540054


def wilson(rate: float, size: float) -> tuple[float, float]:
    """The interval as the textbook writes it."""
    middle = rate + Z**2 / (2 * size)
    half = Z * math.sqrt(rate * (1 - rate) / size + Z**2 / (4 * size**2))
    return (middle - half) / (1 + Z**2 / size), (middle + half) / (1 + Z**2 / size)


def test_each_message_counts_in_its_outcome_and_the_seven_add_up() -> None:
    messages = [message(outcome) for n, outcome in enumerate(OUTCOMES, 1) for _ in range(n)]
    row = only(metric_rows("delivery-rate", messages))
    assert {name: row[name] for name in OUTCOMES} == {o: n for n, o in enumerate(OUTCOMES, 1)}
    assert row["messages"] == sum(row[name] for name in OUTCOMES) == 28


def test_settled_is_all_but_pending() -> None:
    row = only(metric_rows("delivery-rate", [message("pending"), message("silent"), message()]))
    assert (row["settled"], row["pending"]) == (2, 1)


def test_where_nothing_is_pending_the_rate_is_delivered_over_messages_exactly() -> None:
    row = only(metric_rows("delivery-rate", [message()] * 2 + [message("failed")]))
    assert row["delivery_rate"] == row["success_ratio"] == row["best_case"] == 2 / 3


def test_a_pending_message_counts_by_what_is_expected_of_it() -> None:
    row = only(metric_rows("delivery-rate", [message(), message("pending", expected=0.25)]))
    assert row["delivery_rate"] == 0.625
    assert (row["success_ratio"], row["best_case"]) == (0.5, 1.0)


def test_the_rate_is_null_with_its_interval_where_one_message_cannot_be_foreseen() -> None:
    row = only(
        metric_rows(
            "delivery-rate", [message(), message("pending"), message("pending", expected=1)]
        )
    )
    assert row["delivery_rate"] is row["ci_low"] is row["ci_high"] is None
    assert (row["success_ratio"], row["best_case"]) == (1 / 3, 1.0)


def test_a_share_of_nothing_is_null_and_there_is_still_one_row() -> None:
    row = only(metric_rows("delivery-rate", []))
    assert row["messages"] == row["settled"] == row["pending"] == 0
    shares = ("delivery_rate", "ci_low", "ci_high", "success_ratio", "best_case", "dlr_ratio")
    assert [row[name] for name in shares] == [None] * 6


def test_the_interval_of_8_in_10_is_the_one_in_print() -> None:
    row = only(metric_rows("delivery-rate", [message()] * 8 + [message("failed")] * 2))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.4901625, 0.9433178), abs=1e-7)


def test_an_unsure_foresight_shrinks_the_sample() -> None:
    pending = [message("pending", expected=0.5, expected_se=0.2) for _ in range(10)]
    row = only(metric_rows("delivery-rate", [message() for _ in range(10)] + pending))
    rate, se = 0.75, 10 * 0.2 / 20
    size = 20 / (1 + se**2 / (rate * (1 - rate) / 20))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(wilson(rate, size), rel=1e-12)


@pytest.mark.parametrize("outcome", ["delivered", "failed"])
def test_a_rate_of_0_or_1_has_the_interval_of_all_messages(outcome: str) -> None:
    row = only(metric_rows("delivery-rate", [message(outcome)] * 5))
    expected = wilson(row["delivery_rate"], 5)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(expected, abs=1e-12)
    assert 0 <= row["ci_low"] <= row["ci_high"] <= 1


def test_dlr_ratio_counts_messages_with_a_final_status() -> None:
    outcomes = ("delivered", "failed", "expired", "rejected", "unknown", "silent", "pending")
    row = only(metric_rows("delivery-rate", [message(outcome) for outcome in outcomes]))
    assert row["dlr_ratio"] == 4 / 7


@settings(max_examples=40, deadline=None)
@forall(
    st.lists(st.tuples(st.sampled_from(OUTCOMES), st.floats(0, 1), st.floats(0, 0.5)), min_size=1)
)
def test_the_rate_lies_in_its_interval_and_between_its_bounds(
    kinds: list[tuple[str, float, float]],
) -> None:
    messages = [
        message(kind, expected=share, expected_se=error) if kind == "pending" else message(kind)
        for kind, share, error in kinds
    ]
    row = only(metric_rows("delivery-rate", messages))
    counts = Counter(kind for kind, _, _ in kinds)
    assert all(row[outcome] == counts[outcome] for outcome in OUTCOMES)
    assert row["delivery_rate"] == pytest.approx(sum(m["expected"] for m in messages) / len(kinds))
    for low, high in (("ci_low", "ci_high"), ("success_ratio", "best_case")):
        assert row[low] - 1e-9 <= row["delivery_rate"] <= row[high] + 1e-9
