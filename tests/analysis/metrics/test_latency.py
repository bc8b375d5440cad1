"""``latency``: exact percentiles by push, estimates by the carrier's time, and their bounds."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from tests.support.message_tables import NOON, Message, message, metric_rows, only
from tests.support.oracles.messages import floor_seconds

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


@pytest.mark.thorough
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
    assert (row["push_measured"], row["push_p50_s"], row["push_within_10s"]) == (2, -3, 1.0)


@pytest.mark.parametrize(("fraction", "cut"), [(0, 1), (0.5, 2), (0.000001, 2)])
@pytest.mark.parametrize("limit", [10, 30, 60])
def test_a_push_proves_what_is_within_the_limit_whatever_its_two_times_have_lost(
    limit: int, fraction: float, cut: int
) -> None:
    sent = NOON + dt.timedelta(seconds=fraction)
    pushes = (limit - cut, limit - cut + 1)
    rows = [message(push_latency_s=seconds, sent_at=sent) for seconds in pushes]
    assert only(metric_rows("latency", [*rows, message()]))[f"push_within_{limit}s"] == 0.5


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
    counts = ("messages", "delivered", "measured", "contradicted", "push_measured", "from_accepted")
    assert [row[name] for name in counts] == [0] * 6
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


def carried(
    seconds: Iterable[float], count: int, took: float | Callable[[int], float] = 5, **columns: Any
) -> list[Message]:
    """So many messages sent at these seconds of a minute in turn, and how long delivery took."""
    seconds = list(seconds)
    rows = []
    for number in range(count):
        after = took if isinstance(took, int | float) else took(number)
        sent = NOON + dt.timedelta(seconds=seconds[number % len(seconds)])
        scts = (sent + dt.timedelta(seconds=after)).replace(second=0, microsecond=0)
        rows.append(message(sent_at=sent, latency_s=floor_seconds(scts, sent)) | columns)
    return rows


ESTIMATES = [f"{name}{margin}" for margin in ("", "_margin") for name in (
    *("p50_s", "p90_s", "p95_s", "p99_s"), *("within_10s", "within_30s", "within_60s")
)]  # fmt: skip
ESTIMATES = [re.sub("_s_margin$", "_margin_s", name) for name in ESTIMATES]


def nulls(row: dict[str, Any]) -> set[str]:
    """Those estimates and margins that are NULL."""
    return {name for name in ESTIMATES if row[name] is None}


@pytest.mark.parametrize(
    ("seconds", "count", "known"),
    [
        (range(60), 999, False),
        (range(60), 199, False),
        (range(60), 200, True),
        (range(49), 1000, False),
        (range(50), 1000, True),
        ((n / 2 for n in range(98)), 1000, False),
    ],
)
def test_estimates_need_200_messages_and_50_send_seconds_and_p99_a_thousand(
    seconds: Iterable[float], count: int, known: bool
) -> None:
    row = only(metric_rows("latency", carried(seconds, count)))
    assert row["measured"] == count
    p99 = {"p99_s", "p99_margin_s"}
    if count == 999:
        assert nulls(row) == p99
    else:
        assert nulls(row) == ((p99 if count < 1000 else set()) if known else set(ESTIMATES))


@pytest.mark.parametrize(
    ("latency_s", "push_latency_s", "contradicted"),
    [(-61, None, 1), (-60, None, 0), (7, 5, 1), (6, 5, 0), (-61, 5, 1), (300, None, 0)],
)
def test_contradicted_counts_minutes_of_scts_that_ended_before_sending_or_began_after_the_push(
    latency_s: int, push_latency_s: int | None, contradicted: int
) -> None:
    row = message(latency_s=latency_s, push_latency_s=push_latency_s)
    result = only(metric_rows("latency", [row, message(push_latency_s=1)]))
    assert (result["measured"], result["contradicted"]) == (1, contradicted)


@pytest.mark.parametrize(("contradicted", "known"), [(20, True), (21, False)])
def test_above_2_percent_contradicted_nothing_is_estimated(contradicted: int, known: bool) -> None:
    rows = carried(range(60), 1000)
    for row in rows[:contradicted]:
        row["latency_s"] = -61
    row = only(metric_rows("latency", rows))
    assert row["contradicted"] == contradicted
    assert nulls(row) == (set() if known else set(ESTIMATES))


def misleading(push: int | None = 3) -> list[Message]:
    """Most sent in five seconds of the minute and fast: the curve sees mostly the slow others."""
    fast = carried(range(5), 800, 2, push_latency_s=push)
    return fast + carried(range(5, 60), 220, lambda n: 30 + n % 11, push_latency_s=push and 41)


def test_a_percentile_whose_margin_lies_beyond_the_push_is_null() -> None:
    row = only(metric_rows("latency", misleading()))
    assert (row["push_p50_s"], row["push_p90_s"]) == (3, 41)
    assert nulls(row) == {"p50_s", "p50_margin_s"}
    assert row["p90_s"] <= 43
    alone = only(metric_rows("latency", misleading(push=None)))
    assert alone["p50_s"] > 5


@pytest.mark.parametrize(("unmeasured", "bounded"), [(53, True), (54, False)])
def test_the_push_bounds_estimates_where_95_percent_of_the_pushed_are_measured(
    unmeasured: int, bounded: bool
) -> None:
    rows = misleading() + [message(push_latency_s=3) for _ in range(unmeasured)]
    row = only(metric_rows("latency", rows))
    assert row["push_within_10s"] == (800 + unmeasured) / (1020 + unmeasured)
    assert (row["p50_s"] is None) is bounded
    assert row["within_10s"] == (row["push_within_10s"] if bounded else 0)
    proven = row["push_within_10s"]
    assert not bounded or row["within_10s_margin"] >= proven - 0.02


def test_messages_measured_but_not_pushed_do_not_make_the_others_measured() -> None:
    rows = carried(range(60), 1000, 40) + [message(push_latency_s=3) for _ in range(500)]
    row = only(metric_rows("latency", rows))
    assert (row["push_p50_s"], row["push_within_10s"]) == (3, 1)
    assert abs(row["p50_s"] - 40) <= row["p50_margin_s"]
    assert row["within_10s"] == 0


@pytest.mark.parametrize("pushed_s", [None, 5])
def test_where_all_took_5_s_each_percentile_is_there_and_none_beyond_the_push(
    pushed_s: int | None,
) -> None:
    rows = carried(range(60), 1200, push_latency_s=pushed_s)
    row = only(metric_rows("latency", rows))
    window = 0.6 * (5 + 5) / 1200**0.2
    for percent in (50, 90, 95, 99):
        assert abs(row[f"p{percent}_s"] - 5) <= min(window + 1, 2 if pushed_s else 9)
    assert [row[f"within_{limit}s"] for limit in (10, 30, 60)] == [1, 1, 1]


@pytest.mark.parametrize("slow_of_10", [1, 5])
def test_a_percentile_on_a_cliff_has_a_margin_over_most_of_it(slow_of_10: int) -> None:
    slow = random.Random(1)
    rows = carried(range(60), 3000, lambda _: 45 if slow.random() * 10 < slow_of_10 else 5)
    row = only(metric_rows("latency", rows))
    at, margin = ((row["p50_s"], row["p50_margin_s"]), (row["p90_s"], row["p90_margin_s"]))[
        slow_of_10 == 1
    ]
    assert at - margin <= 8
    assert at + margin >= 42
    assert abs(row["within_10s"] - (1 - slow_of_10 / 10)) <= row["within_10s_margin"]


@pytest.mark.parametrize("took", [150, 400, 5000])
def test_from_two_minutes_on_a_percentile_is_the_plain_one_and_half_a_minute(took: int) -> None:
    rows = carried(range(60), 1000, lambda number: took + number % 200)
    row = only(metric_rows("latency", rows))
    for percent in (90, 95, 99) if took == 150 else (50, 90, 95, 99):
        plain = percentile([each["latency_s"] for each in rows], Fraction(percent, 100))
        assert row[f"p{percent}_s"] == plain + 30
        assert 30 <= row[f"p{percent}_margin_s"] <= 60
    assert row["within_60s"] == 0


def test_send_times_with_fractions_are_no_later_than_those_without() -> None:
    whole = only(metric_rows("latency", carried(range(60), 6000, 20)))
    halves = carried([second + 0.5 for second in range(60)], 6000, 20)
    assert abs(only(metric_rows("latency", halves))["p50_s"] - whole["p50_s"]) <= 0.5


def test_a_group_whose_by_is_null_has_its_estimates_by_the_carrier_s_time() -> None:
    rows = carried(range(60), 240, country="GB") + carried(range(60), 240, country=None)
    result = metric_rows("latency", rows, by="country")
    assert [(one["country"], one["measured"]) for one in result] == [("GB", 240), (None, 240)]
    assert [abs(one["p50_s"] - 5) < 2 for one in result] == [True, True]


def test_estimates_are_of_their_group_alone() -> None:
    rows = carried(range(60), 300, 5, country="GB") + carried(range(60), 300, 200, country="DE")
    rows += carried(range(60), 150, 40, country="FR")
    result = {row["country"]: row for row in metric_rows("latency", rows, by="country")}
    assert abs(result["GB"]["p50_s"] - 5) < 2
    assert 140 <= result["DE"]["p50_s"] <= 231
    assert nulls(result["FR"]) == set(ESTIMATES)


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@forall(
    st.lists(st.floats(0, 300), min_size=1, max_size=6),
    st.lists(st.integers(0, 20), min_size=6, max_size=6),
    st.sampled_from([200, 700, 1000]),
)
def test_percentiles_and_shares_rise_and_are_within_what_is_proven(
    took: list[float], late: list[int], count: int
) -> None:
    rows = carried(range(60), count, lambda number: took[number * 7 % len(took)])
    for number, row in enumerate(rows):
        arrived = int(took[number * 7 % len(took)])
        row["push_latency_s"] = arrived + late[number % 6]
    row = only(metric_rows("latency", rows))
    percentiles = [row[f"p{p}_s"] for p in (50, 90, 95, 99) if row[f"p{p}_s"] is not None]
    assert percentiles == sorted(percentiles)
    shares = [row[f"within_{limit}s"] for limit in (10, 30, 60)]
    assert shares == sorted(shares)
    for percent in (50, 90, 95, 99):
        estimate = row[f"p{percent}_s"]
        assert estimate is None or 0 <= estimate <= row[f"push_p{percent}_s"] + 2
    for limit, share in zip((10, 30, 60), shares, strict=True):
        assert row[f"push_within_{limit}s"] <= share <= 1
        assert row[f"within_{limit}s_margin"] >= 0
