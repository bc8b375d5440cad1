"""Parts that a send log links are one SMS, delivered when all of them are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from dlr_analytics.analysis.filters import Filters, parse
from dlr_analytics.errors import UnknownName
from tests.support.message_tables import (
    AS_OF,
    NOON,
    Message,
    connection_over,
    message,
    metric_rows,
    only,
)


def sms(*outcomes: str, parts: int | None = None, **columns: Any) -> list[Message]:
    """The parts of one SMS, with these outcomes."""
    linked = {"sms_id": "X", "parts": parts or len(outcomes), "price": Decimal("0.03"), **columns}
    return [message(outcome, part=n, **linked) for n, outcome in enumerate(outcomes, start=1)]


def told(messages: list[Message]) -> dict[str, Any]:
    """The one row of ``sms``."""
    rows = connection_over(messages).table("pipeline.sms")
    return only([dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()])


def test_its_columns_are_those_of_messages() -> None:
    connection = connection_over(sms("delivered"))
    columns = [
        (name, kind) for name, kind, *_ in connection.sql("describe pipeline.sms").fetchall()
    ]
    expected = connection.sql("describe messages").fetchall()
    assert columns == [(name, kind) for name, kind, *_ in expected]


@pytest.mark.parametrize(
    ("outcomes", "outcome"),
    [
        (["delivered", "delivered"], "delivered"),
        (["delivered", "failed"], "failed"),
        (["pending", "failed"], "failed"),
        (["delivered", "pending"], "pending"),
        (["silent", "pending"], "silent"),
        (["expired", "rejected"], "rejected"),
        (["unknown", "silent"], "unknown"),
    ],
)
def test_the_worst_part_speaks_for_all(outcomes: list[str], outcome: str) -> None:
    assert told(sms(*outcomes))["outcome"] == outcome
    assert told(sms(*reversed(outcomes)))["outcome"] == outcome


def test_parts_that_nothing_links_are_each_an_sms() -> None:
    rate = only(
        metric_rows("delivery-rate", [message(), message("failed"), *sms("delivered")], unit="sms")
    )
    assert (rate["messages"], rate["delivered"]) == (3, 2)


def test_an_sms_counts_once_where_its_parts_count_each_by_default() -> None:
    messages = [*sms("delivered", "delivered", "failed"), message()]
    parts = only(metric_rows("delivery-rate", messages))
    whole = only(metric_rows("delivery-rate", messages, unit="sms"))
    assert (parts["messages"], parts["delivered"]) == (4, 3)
    assert (whole["messages"], whole["delivered"], whole["failed"]) == (2, 1, 1)
    assert whole["delivery_rate"] == 0.5


def test_a_linked_part_is_found_whatever_its_letters_and_blanks() -> None:
    first, second = sms("delivered", "failed")
    assert told([first | {"sms_id": "0a "}, second | {"sms_id": "0A"}])["outcome"] == "failed"


@pytest.mark.parametrize(
    ("sent_at", "outcome"),
    [(NOON, "silent"), (AS_OF - dt.timedelta(hours=1), "pending")],
)
def test_a_part_that_was_not_taken_keeps_an_sms_from_being_delivered(
    sent_at: dt.datetime, outcome: str
) -> None:
    row = told(sms("delivered", "delivered", parts=3, message_time=sent_at))
    assert (row["outcome"], row["expected"], row["final"]) == (outcome, 0.0, False)


def test_a_pending_sms_is_expected_as_its_least_likely_part() -> None:
    likely, unlikely = sms("pending", "pending")
    row = told([likely | {"expected": 0.9}, unlikely | {"expected": 0.4}])
    assert (row["expected"], row["message_id"]) == (0.4, unlikely["message_id"])


def test_its_price_is_that_of_all_parts_and_its_latency_of_the_slowest() -> None:
    quick, slow = sms("delivered", "delivered", sent_at=NOON)
    row = told([quick | {"push_latency_s": 3}, slow | {"push_latency_s": 9}])
    assert (row["price"], row["push_latency_s"]) == (Decimal("0.06"), 9)


def test_a_latency_that_one_part_lacks_is_not_known() -> None:
    quick, slow = sms("delivered", "delivered", sent_at=NOON)
    assert told([quick | {"push_latency_s": 3}, slow])["push_latency_s"] is None


def test_prices_in_two_currencies_are_not_added() -> None:
    first, second = sms("delivered", "delivered")
    assert told([first, second | {"currency": "USD"}])["price"] is None


def test_a_sum_too_large_for_a_price_is_none_and_no_error() -> None:
    most = Decimal("9999999999.99999999")
    assert told(sms("delivered", price=most))["price"] == most
    assert told(sms("delivered", "delivered", price=most))["price"] is None


def test_another_unit_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="unknown unit 'part'; there are: message, sms"):
        parse({"unit": "part"})
    assert parse({}) == Filters()


def test_a_message_of_the_messages_api_is_all_of_its_parts() -> None:
    row = told([message(parts=3)])
    assert (row["outcome"], row["parts"]) == ("delivered", 3)
