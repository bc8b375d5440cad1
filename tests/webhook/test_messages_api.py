"""Status webhooks of the Messages API, in both versions, are receipts."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from dlr_analytics.webhook.parameters import parse_json
from dlr_analytics.webhook.receipt import Receipt, read_receipt

NOW = datetime(2026, 11, 24, 8, 0, 1)

VERSION_1 = {
    "message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
    "to": "447700900001",
    "from": "AcmeInc",
    "timestamp": "2026-11-24T08:00:00.250Z",
    "status": "delivered",
    "client_ref": "order 17",
    "usage": {"currency": "USD", "price": "0.0333"},
    "channel": "sms",
    "destination": {"network_code": "23410"},
    "sms": {"count_total": "2"},
}
VERSION_0_1 = {
    "message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
    "to": {"type": "sms", "number": "447700900001"},
    "from": {"type": "sms", "number": "447700900999"},
    "timestamp": "2026-11-24T08:00:00.250Z",
    "status": "rejected",
    "error": {"code": 1320, "reason": "Destination unreachable"},
    "usage": {"currency": "EUR", "price": "0.0333"},
}


def receipt(webhook: dict[str, Any], **changes: Any) -> Receipt:
    parameters = parse_json(json.dumps({**webhook, **changes}))
    assert isinstance(parameters, dict)
    read = read_receipt(parameters, NOW)
    assert read is not None
    return read


def test_version_1_fills_every_column_it_has_and_names_no_problem() -> None:
    read = receipt(VERSION_1)
    assert read == Receipt(
        received_at=NOW,
        message_id="aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
        msisdn="447700900001",
        sender="AcmeInc",
        network_code="23410",
        status="delivered",
        err_code=None,
        price=Decimal("0.0333"),
        scts=None,
        scts_raw=None,
        message_timestamp=datetime(2026, 11, 24, 8, 0, 0, 250_000),
        api_key=None,
        client_ref="order 17",
        problems=(),
        source="messages",
        channel="sms",
        raw=read.raw,
    )


def test_version_0_1_holds_numbers_in_objects_and_a_code_in_the_error() -> None:
    read = receipt(VERSION_0_1)
    assert (read.msisdn, read.sender) == ("447700900001", "447700900999")
    assert (read.status, read.err_code, read.problems) == ("rejected", 1320, ())


@pytest.mark.parametrize("status", ["submitted", "Submitted", " submitted "])
def test_submitted_is_stored_as_accepted(status: str) -> None:
    assert receipt(VERSION_1, status=status).status == "accepted"


def test_a_hand_over_has_no_price_and_that_is_no_problem() -> None:
    read = receipt(VERSION_1, status="submitted", usage=None)
    assert (read.price, read.problems) == (None, ())


@pytest.mark.parametrize("status", ["delivered", "rejected", "undeliverable"])
def test_the_other_statuses_are_stored_as_sent_without_a_problem(status: str) -> None:
    assert (receipt(VERSION_1, status=status).status, receipt(VERSION_1).problems) == (status, ())


@pytest.mark.parametrize(
    "error",
    [
        {"type": "https://developer.example/api-errors/messages#1320", "title": "x"},
        {"type": "https://developer.example/api-errors/messages/1320"},
        {"title": "1320", "type": "https://developer.example/api-errors#1000"},
        {"title": 1320},
        {"type": "1320"},
        {"code": "1320", "title": "1000"},
        {"error": {"title": "1320", "type": "https://developer.example/api-errors#1000"}},
        {"title": "Rejected", "error": {"type": "https://developer.example/api-errors#1320"}},
        {"error": {"code": "1320"}},
        {"title": "1320", "error": {"title": "1000"}},
        {"error": {"error": {"title": "1320"}}},
        {"errors": [{"title": "1320"}]},
        [{"title": "1320"}],
        "1320",
    ],
)
def test_the_err_code_is_the_errors_number(error: object) -> None:
    assert receipt(VERSION_1, error=error).err_code == 1320


@pytest.mark.parametrize(
    "error", [None, {}, {"type": "about:blank"}, {"title": "Rejected"}, "x", [], [[]]]
)
def test_an_error_without_a_number_has_no_err_code(error: object) -> None:
    read = receipt(VERSION_1, error=error)
    assert (read.err_code, read.problems) == (None, ())


def test_an_unreadable_price_is_named() -> None:
    read = receipt(VERSION_1, usage={"currency": "USD", "price": "n/a"})
    assert (read.price, read.problems) == (None, ("price_unreadable",))


def test_the_currency_is_reachable_in_raw() -> None:
    assert json.loads(receipt(VERSION_1).raw)["usage"]["currency"] == "USD"


@pytest.mark.parametrize("name", ["to", "from", "usage", "error", "destination", "timestamp"])
@pytest.mark.parametrize("value", [None, [], {}, [{}], {"number": {"x": []}}, 5, True])
def test_a_member_of_another_shape_does_not_make_it_raise(name: str, value: object) -> None:
    assert receipt(VERSION_1, **{name: value}).source == "messages"
