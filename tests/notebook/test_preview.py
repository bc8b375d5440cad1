"""What of a result is seen first, in which order, and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dlr_analytics.notebook.preview import preview

Make = Callable[..., Any]


def column(result: Any, head: str) -> tuple[str, ...]:
    """The texts below a head."""
    seen = preview(result)
    return next(c.texts for c in (*seen.by, *seen.columns) if c.head.replace("\xa0", " ") == head)


def heads(result: Any) -> list[str]:
    """All heads in order."""
    seen = preview(result)
    return [c.head.replace("\xa0", " ") for c in (*seen.by, *seen.columns)]


def test_the_title_names_metric_and_by(answer: Make, rate_row: Make) -> None:
    row = rate_row(10, 0.9, network_code="23410", country="GB", day=date(2026, 11, 1))
    by = ("network_code", "country", "day")
    titles = [preview(answer("delivery-rate", [row], by[:n])).title for n in range(4)]
    assert titles == [
        "Delivery rate",
        "Delivery rate by network code",
        "Delivery rate by network code and country",
        "Delivery rate by network code, country and day",
    ]


def test_the_caption_says_how_many_from_when_to_when_and_as_of_when(
    answer: Make, rate_row: Make
) -> None:
    result = answer("delivery-rate", [rate_row(1200, 0.9)])
    assert preview(result).caption == (
        "1,200 messages sent 25 October to 23 November 2026 (UTC) · as of 24 Nov 2026, 05:00"
    )


def test_the_caption_tells_clocks_of_the_time_zone_asked_for(answer: Make, rate_row: Make) -> None:
    result = answer("delivery-rate", [rate_row(1200, 0.9)], tz="Pacific/Auckland")
    assert preview(result).caption == (
        "1,200 messages sent 25 October to 24 November 2026 (Pacific/Auckland)"
        " · as of 24 Nov 2026, 18:00"
    )


def test_categories_come_by_undelivered_and_the_caption_says_so(
    answer: Make, rate_row: Make
) -> None:
    rows = [rate_row(100, 0.9, sender="Few"), rate_row(9000, 0.9, sender="Many")]
    result = answer("delivery-rate", rows, ("sender",))
    assert column(result, "sender") == ("Many", "Few")
    assert preview(result).caption.endswith(" · ordered by undelivered")


def test_days_stay_in_order_of_time(answer: Make, rate_row: Make) -> None:
    rows = [rate_row(n, 0.5, day=date(2026, 11, n)) for n in (1, 2, 3)]
    result = answer("delivery-rate", rows, ("day",))
    assert column(result, "day") == ("1 Nov 2026", "2 Nov 2026", "3 Nov 2026")
    assert preview(result).caption.endswith(" · ordered by day")


def test_ten_rows_are_seen_and_the_rest_counted(answer: Make, rate_row: Make) -> None:
    rows = [rate_row(n, 0.5, day=date(2026, 10, 1) + timedelta(n)) for n in range(1, 31)]
    seen = preview(answer("delivery-rate", rows, ("day",)))
    assert len(seen.by[0].texts) == len(seen.tallies) == 10
    assert seen.more_rows == 20


def test_a_rate_stands_with_its_interval_and_counts(answer: Make, rate_row: Make) -> None:
    result = answer("delivery-rate", [rate_row(1000, 0.9, sender="A")], ("sender",))
    assert heads(result) == [
        "sender",
        "delivery_rate %",
        "ci_low – ci_high %",
        "messages",
        "delivered",
        "pending",
    ]
    assert preview(result).more_columns == 9
    assert column(result, "delivery_rate %") == ("90.0",)


def test_where_messages_are_pending_the_bounds_stand_beside_the_rate(
    answer: Make, rate_row: Make
) -> None:
    result = answer("delivery-rate", [rate_row(1000, 0.9, 100)])
    assert column(result, "success_ratio – best_case %") == ("81.0 – 91.0",)


def test_a_rate_that_is_not_known_is_missing_and_not_zero(answer: Make, rate_row: Make) -> None:
    result = answer("delivery-rate", [rate_row(50, None, 50)])
    assert column(result, "delivery_rate %") == ("–",)
    assert column(result, "ci_low – ci_high %") == ("–",)


def test_percentiles_that_no_row_has_are_left_out(answer: Make) -> None:
    row: dict[str, Any] = {
        "messages": 5,
        "push_measured": 4,
        "from_accepted": 1,
        "p50_s": None,
        "p90_s": None,
    }
    row |= {"p95_s": None, "push_p50_s": 22.0, "push_p90_s": 360.0, "push_p95_s": 5400.0}
    row |= {"within_10s": 0.25, "within_10s_margin": 0.06, "push_within_10s": 0.2}
    result = answer("latency", [row])
    assert heads(result)[:3] == ["push_p50_s", "push_p90_s", "push_p95_s"]
    assert column(result, "push_p90_s") == ("6 min",)
    assert column(result, "push_within_10s %") == ("20.0",)
    assert column(result, "within_10s ± within_10s_margin %") == ("25.0 ± 6.0",)


def test_a_percentile_by_the_carriers_clock_stands_with_its_margin(answer: Make) -> None:
    row: dict[str, Any] = {
        "messages": 5,
        "push_measured": 4,
        "p50_s": 6.0,
        "p50_margin_s": 6.0,
        "p90_s": 11.0,
    }
    result = answer("latency", [row | {"p90_margin_s": None, "push_p50_s": 9.0}])
    assert column(result, "p50_s ± p50_margin_s") == ("6 s ± 6 s",)
    assert column(result, "p90_s ± p90_margin_s") == ("11 s ± –",)


def test_money_is_ordered_within_its_currency(answer: Make) -> None:
    rows = [
        {"sender": name, "messages": 1, "currency": currency, "cost": Decimal(cost)}
        for name, currency, cost in (("A", "GBP", "9"), ("B", "EUR", "2"), ("C", "EUR", "0.004"))
    ]
    result = answer("cost", rows, ("sender",))
    assert column(result, "sender") == ("B", "C", "A")
    assert column(result, "cost") == ("2.00", "<0.01", "9.00")


def test_an_empty_result_has_heads_and_no_rows(answer: Make, rate_row: Make) -> None:
    result = answer("delivery-rate", [], ("day",), tuple(rate_row(1, 1.0)))
    assert heads(result)[:2] == ["day", "delivery_rate %"]
    assert column(result, "day") == ()
    assert preview(result).caption == "no messages · as of 24 Nov 2026, 05:00 (UTC)"


def test_a_statement_of_ones_own_is_shown_as_it_came(answer: Make) -> None:
    result = answer("sql", [{"share": 0.25, "network_code": "23410", "problems": ["a", "b"]}])
    assert heads(result) == ["share", "network_code", "problems"]
    assert [column(result, head) for head in heads(result)] == [("0.25",), ("23410",), ("a, b",)]


# studies


@pytest.fixture
def compared(answer: Make) -> Callable[..., Any]:
    """A result of ``compare`` with these values, usually 0.04."""

    def make(*values: float, figure: str = "delivery_rate") -> Any:
        rows = [
            {
                "day": date(2026, 11, 30 - at),
                "messages": 10 + at,
                "value": value,
                "usual": 0.04,
                "difference": value - 0.04,
                "low": None,
                "high": None,
                "periods": 3,
                "p": None,
                "p_adjusted": None,
                "tested": 0,
                "verdict": "too few",
            }
            for at, value in enumerate(values)
        ]
        return replace(answer("compare", rows, ("day",)), own={"figure": figure})

    return make


def test_a_rate_is_in_per_cent_and_its_difference_in_points(compared: Make) -> None:
    result = compared(0.01, 0.05, 0.0404)
    assert {"value %", "usual %", "difference points"} <= set(heads(result))
    assert column(result, "value %") == ("1.0", "5.0", "4.0")
    assert column(result, "difference points") == ("−3.0", "+1.0", "+<0.1")


def test_a_price_has_the_decimals_it_needs_and_its_difference_a_sign(compared: Make) -> None:
    result = compared(0.0333, 0.04, 0.040001, figure="cost_per_message")
    assert column(result, "value") == ("0.0333", "0.0400", "0.040001")
    assert column(result, "difference") == ("−0.0067", "0.0000", "+0.000001")


def test_the_rows_of_a_study_keep_their_order(compared: Make) -> None:
    seen = preview(compared(0.01, 0.05))
    assert "ordered by" not in seen.caption
    assert seen.by[0].texts == ("30 Nov 2026", "29 Nov 2026")
