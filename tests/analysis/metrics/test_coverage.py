"""``coverage``: what is known of messages old enough to know, and the verdict that follows."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.support.message_tables import AS_OF, NOON, Message, message, metric_rows, only

HOUR = dt.timedelta(hours=1)


def timed_out(after: float = 72) -> Message:
    """A message that Vonage itself called expired."""
    return message("expired", final_at=NOON + after * HOUR)


def accepted() -> Message:
    """A message of which ``accepted`` is all that is known."""
    return message("silent", status="accepted")


def test_shares_are_of_the_mature() -> None:
    rows = [message(), message("silent"), message("failed"), message("unknown")]
    young = [message(message_time=AS_OF - HOUR), message("pending", message_time=AS_OF - HOUR)]
    row = only(metric_rows("coverage", rows + young))
    assert (row["messages"], row["mature"]) == (6, 4)
    assert (row["answered_share"], row["final_share"]) == (0.5, 0.5)
    assert (row["silent_share"], row["unknown_share"]) == (0.25, 0.25)


def test_without_a_mature_message_shares_are_null() -> None:
    row = only(metric_rows("coverage", [message(message_time=AS_OF - HOUR)]))
    assert row["mature"] == 0
    assert {value for name, value in row.items() if name.endswith("_share")} == {None}
    assert row["verdict"] == "too few"


def test_four_shares_make_the_whole() -> None:
    rows = [message(), message("silent"), accepted(), timed_out(), message("unknown")]
    row = only(metric_rows("coverage", rows))
    names = ("answered_share", "timed_out_share", "unknown_share", "silent_share")
    assert sum(row[name] for name in names) == pytest.approx(1)
    assert row["accepted_only_share"] == pytest.approx(0.2)


@pytest.mark.parametrize(("hours", "share"), [(1, 0), (70.9, 0), (71, 1), (72, 1), (100, 1)])
def test_expired_is_a_time_out_from_71_hours_on(hours: float, share: float) -> None:
    assert only(metric_rows("coverage", [timed_out(hours)]))["timed_out_share"] == share


def test_only_expired_is_a_time_out() -> None:
    late = message("failed", final_at=NOON + 80 * HOUR)
    assert only(metric_rows("coverage", [late]))["timed_out_share"] == 0


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([message()] * 99, "too few"),
        ([message()] * 90 + [message("silent")] * 10, "comparable"),
        ([message()] * 89 + [message("silent")] * 11, "stays silent"),
        ([message("failed")] * 100, "comparable"),
        ([message()] * 80 + [timed_out()] * 15 + [message("silent")] * 5, "times out"),
        ([accepted()] * 100, "stops at accepted"),
        ([message()] * 80 + [message("unknown")] * 20, "answers unknown"),
        ([message()] * 80 + [accepted()] * 12 + [timed_out()] * 8, "stops at accepted"),
        ([message()] * 80 + [accepted()] * 10 + [timed_out()] * 10, "stops at accepted"),
        ([message()] * 80 + [accepted()] * 10 + [message("unknown")] * 10, "stops at accepted"),
        ([message()] * 80 + [accepted()] * 12 + [message("silent")] * 8, "stops at accepted"),
        ([message()] * 80 + [timed_out()] * 10 + [message("unknown")] * 10, "times out"),
        ([message()] * 80 + [message("silent")] * 10 + [message("unknown")] * 10, "stays silent"),
    ],
)
def test_the_verdict_follows_from_what_is_answered(rows: list[Message], verdict: str) -> None:
    copies = [{**row, "message_id": f"m{at}"} for at, row in enumerate(rows)]
    assert only(metric_rows("coverage", copies))["verdict"] == verdict


def test_networks_are_judged_each() -> None:
    rows = [message(network_code="23410", message_id=f"a{at}") for at in range(100)]
    rows += [{**accepted(), "network_code": "310410", "message_id": f"b{at}"} for at in range(100)]
    found = metric_rows("coverage", rows, by="network_code")
    assert [(row["network_code"], row["verdict"]) for row in found] == [
        ("23410", "comparable"),
        ("310410", "stops at accepted"),
    ]
