"""The sentences of the notebooks agree with the rows that they are about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from dlr_analytics.notebook.findings import largest_fall, summary

Make = Callable[..., Any]
Row = dict[str, Any]


def change(
    code: str | None, day: int, before: float, value: float, messages: int
) -> dict[str, Any]:
    """A row of ``changes``."""
    at = dt.datetime(2026, 11, day, 9)
    hours = dt.timedelta(hours=2)
    return {
        "network_code": code,
        "changed_at": at,
        "earliest": at - hours,
        "latest": at + hours,
        "value_before": before,
        "value": value,
        "difference": value - before,
        "messages_before": 1000,
        "messages": messages,
    }


def test_the_fall_with_the_most_lost_deliveries_is_the_largest(answer: Make) -> None:
    rows = [
        change("23410", 3, 0.95, 0.20, 10),
        change("26202", 5, 0.95, 0.85, 1000),
        change("26202", 9, 0.85, 0.96, 2000),
        change("23415", 6, 0.80, 0.95, 5000),
        change(None, 6, 0.95, 0.10, 9000),
    ]
    fall = largest_fall(answer("changes", rows, ("network_code",)))
    assert fall.network_codes == ("26202",)
    assert fall.limits == {
        "since": dt.datetime(2026, 11, 5, 9, tzinfo=dt.UTC),
        "until": dt.datetime(2026, 11, 9, 9, tzinfo=dt.UTC),
    }
    assert fall.sentence == (
        "From 5 Nov 2026, 09:00 (UTC; between 5 Nov 2026, 07:00 and 5 Nov 2026, 11:00) network"
        " 26202 delivered 85.0% of 1,000 messages, before 95.0%: until 9 Nov 2026, 09:00."
    )


def test_a_fall_that_goes_on_has_no_end_and_its_times_are_of_the_zone(answer: Make) -> None:
    rows = [change("26202", 3, 0.5, 0.9, 10), change("26202", 5, 0.9, 0.7, 100)]
    fall = largest_fall(answer("changes", rows, ("network_code",), tz="Asia/Kolkata"))
    assert list(fall.limits) == ["since"]
    assert "From 5 Nov 2026, 14:30 (Asia/Kolkata;" in fall.sentence
    assert fall.sentence.endswith("before 90.0%: it has not ended.")


def test_rises_alone_are_no_fall(answer: Make) -> None:
    fall = largest_fall(answer("changes", [change("26202", 3, 0.5, 0.9, 10)], ("network_code",)))
    assert (fall.network_codes, fall.limits) == ((), {})


def test_a_summary_has_rate_interval_and_what_is_pending(answer: Make, rate_row: Make) -> None:
    said = summary(answer("delivery-rate", [rate_row(1000, 0.9, pending=20)]), "Acme")
    assert said[0].startswith("Acme sent 1,000 messages in this time. ")
    assert "% of them arrived (95% interval " in said[0]
    assert said[1].startswith("Of 20 messages it is not known yet")


def test_a_summary_without_a_rate_says_so(answer: Make, rate_row: Make) -> None:
    said = summary(answer("delivery-rate", [rate_row(10, None)]), "<b>Acme")
    assert said == (
        "<b>Acme sent 10 messages in this time. How many arrive cannot be estimated yet.",
    )
