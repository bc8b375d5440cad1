"""``latency``: exact percentiles by the push of the receipt, and what they rest on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from tests.support.message_tables import NOON, Message, message, metric_rows, only

SHARES = {
    "push_p50_s": Fraction(50, 100),
    "push_p90_s": Fraction(90, 100),
    "push_p95_s": Fraction(95, 100),
    "push_p99_s": Fraction(99, 100),
}


def percentile(values: list[int], share: Fraction) -> int:
    """The smallest value with at least that share of the values at or below it."""
    return next(
        value
        for value in sorted(values)
        if Fraction(sum(other <= value for other in values), len(values)) >= share
    )


@settings(max_examples=40, deadline=None)
@forall(st.lists(st.integers(-100, 300_000) | st.integers(0, 5), min_size=1, max_size=250))
def test_a_push_percentile_is_the_smallest_value_with_that_share_at_or_below(
    seconds: list[int],
) -> None:
    row = only(metric_rows("latency", [message(push_latency_s=value) for value in seconds]))
    assert {name: row[name] for name in SHARES} == {
        name: percentile(seconds, share) for name, share in SHARES.items()
    }


def test_of_a_hundred_the_ninetieth_is_p90_and_the_ninety_ninth_p99() -> None:
    row = only(metric_rows("latency", [message(push_latency_s=n) for n in range(1, 101)]))
    assert [row[name] for name in SHARES] == [50, 90, 95, 99]


def test_messages_without_a_push_latency_move_no_percentile() -> None:
    rows = [message(push_latency_s=7)] + [message("failed"), message(), message("pending")] * 5
    row = only(metric_rows("latency", rows))
    assert (row["messages"], row["delivered"], row["push_measured"]) == (16, 6, 1)
    assert [row[name] for name in SHARES] == [7] * 4


def test_negative_latencies_stay_and_count() -> None:
    row = only(metric_rows("latency", [message(push_latency_s=-3), message(push_latency_s=5)]))
    assert (row["push_measured"], row["push_p50_s"], row["within_10s"]) == (2, -3, 1.0)


@pytest.mark.parametrize("seconds", [10, 30, 60])
def test_within_counts_what_was_pushed_by_that_second_and_no_later(seconds: int) -> None:
    rows = [message(push_latency_s=seconds), message(push_latency_s=seconds + 1), message()]
    assert only(metric_rows("latency", rows))[f"within_{seconds}s"] == 0.5


def test_measured_counts_latency_s_and_push_measured_push_latency_s() -> None:
    rows = [message(latency_s=1), message(latency_s=2, push_latency_s=3), message()]
    row = only(metric_rows("latency", rows))
    assert (row["measured"], row["push_measured"]) == (2, 1)


def test_from_accepted_counts_what_is_measured_either_way_on_the_stand_in() -> None:
    rows = [
        message(latency_s=1, sent_at_source="accepted"),
        message(push_latency_s=1, sent_at_source="accepted"),
        message(latency_s=1, push_latency_s=1, sent_at_source="accepted"),
        message(sent_at_source="accepted"),
        message(push_latency_s=1, sent_at_source="sends"),
    ]
    assert only(metric_rows("latency", rows))["from_accepted"] == 3


def test_of_nothing_there_is_one_row_of_zeros_and_nulls() -> None:
    row = only(metric_rows("latency", []))
    counts = ("messages", "delivered", "measured", "push_measured", "from_accepted")
    assert [row[name] for name in counts] == [0] * 5
    assert {row[name] for name in row.keys() - set(counts)} == {None}


def test_percentiles_are_told_apart_by_group() -> None:
    rows = [message(country="DE", push_latency_s=n) for n in (1, 2, 3)]
    rows += [message(country="GB", push_latency_s=n) for n in (10, 20, 30)]
    rows += [message(country="US")]
    found = metric_rows("latency", rows, by="country")
    assert [(row["country"], row["push_p50_s"]) for row in found] == [
        ("DE", 2),
        ("GB", 20),
        ("US", None),
    ]


def test_latency_by_a_latency_is_a_distribution() -> None:
    rows = [message(push_latency_s=n, latency_s=1) for n in (5, 5, 9)] + [message()]
    found = metric_rows("latency", rows, by="push_latency_s")
    assert [(row["push_latency_s"], row["messages"]) for row in found] == [
        (5, 2),
        (9, 1),
        (None, 1),
    ]


def sent_at(seconds: Iterable[float], count: int) -> list[Message]:
    """So many messages sent at these seconds of a minute in turn, delivered 5 s later."""
    seconds = list(seconds)
    sent = [NOON + dt.timedelta(seconds=seconds[n % len(seconds)]) for n in range(count)]
    return [message(sent_at=at, latency_s=(at.second + 5) // 60 * 60 - at.second) for at in sent]


@pytest.mark.parametrize(
    ("seconds", "count", "estimated"),
    [
        (range(60), 199, False),
        (range(60), 200, True),
        (range(49), 400, False),
        (range(50), 400, True),
        ((n / 2 for n in range(98)), 400, False),
    ],
)
def test_estimates_need_200_messages_and_50_send_seconds(
    seconds: Iterable[float], count: int, estimated: bool
) -> None:
    row = only(metric_rows("latency", sent_at(seconds, count)))
    assert row["measured"] == count
    assert (row["p50_s"] is not None) is estimated
    assert (row["p99_margin_s"] is not None) is estimated


def test_a_latency_of_5_s_that_all_share_is_found_to_half_a_second() -> None:
    row = only(metric_rows("latency", sent_at(range(60), 600)))
    assert [row[f"p{percent}_s"] for percent in (50, 90, 95, 99)] == [5.5] * 4


def test_a_group_whose_by_is_null_has_its_percentiles_by_the_carrier_s_time() -> None:
    def row(country: str | None, second: int) -> Message:
        passed = (
            60 if second + 5 >= 60 else 0
        )  # delivered 5 s after sending; scts is cut to minutes
        sent_at = NOON + dt.timedelta(seconds=second)
        return message(country=country, sent_at=sent_at, latency_s=passed - second)

    rows = [row(country, n % 60) for country in ("GB", None) for n in range(240)]
    found = metric_rows("latency", rows, by="country")
    assert [(one["country"], one["measured"]) for one in found] == [("GB", 240), (None, 240)]
    assert [abs(one["p50_s"] - 5) < 2 for one in found] == [True, True]
