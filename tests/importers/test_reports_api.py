"""Reports API exports, with any columns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from dlr_analytics.importers.fields import plain_name
from dlr_analytics.importers.formats import Source
from dlr_analytics.importers.reports_api import FORMAT, receipt_parameters, send_of_row
from dlr_analytics.importers.tally import Skipped
from dlr_analytics.importers.text_files import Text
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.parameters import Parameters

SMS = {
    "account_id": "abcd1234",
    "message_id": "0A",
    "client_ref": "order 1",
    "direction": "outbound",
    "from": "Acme",
    "to": "447700900001",
    "message_body": "Your code is 123456",
    "network": "23410",
    "network_name": "O2",
    "country": "GB",
    "date_received": "2020-06-04T12:21:35+0000",
    "date_finalized": "2020-06-04T12:21:37+0000",
    "latency": "2000",
    "status": "delivered",
    "error_code": "0",
    "currency": "EUR",
    "total_price": "0.03330000",
}


def row(**changed: str) -> dict[str, str]:
    return {plain_name(name): text for name, text in {**SMS, **changed}.items() if text}


def receipt(**changed: str) -> Parameters | Skipped:
    return receipt_parameters(row(**changed), {plain_name(name): name for name in (*SMS, *changed)})


def test_a_row_is_a_send_record() -> None:
    assert send_of_row(row()) == Send(
        "0A",
        dt.datetime(2020, 6, 4, 12, 21, 35),
        "reports",
        "447700900001",
        "Acme",
        "23410",
        Decimal("0.03330000"),
        "EUR",
        "order 1",
    )


def test_a_row_is_a_receipt_under_the_wires_names_without_the_text() -> None:
    assert receipt() == {
        "api-key": "abcd1234",
        "messageId": "0A",
        "client-ref": "order 1",
        "direction": "outbound",
        "to": "Acme",
        "msisdn": "447700900001",
        "network-code": "23410",
        "network_name": "O2",
        "country": "GB",
        "date_received": "2020-06-04T12:21:35+0000",
        "date_finalized": "2020-06-04T12:21:37+0000",
        "latency": "2000",
        "status": "delivered",
        "err-code": "0",
        "price": "0.03330000",
        "message-timestamp": "2020-06-04T12:21:37+0000",
        "usage": {"currency": "EUR"},
    }


@pytest.mark.parametrize("time", ["2020-06-04T12:21:35+0000", "2020-06-04T12:21:35+00:00"])
def test_both_spellings_of_time(time: str) -> None:
    send = send_of_row(row(date_received=time))
    assert isinstance(send, Send)
    assert send.sent_at == dt.datetime(2020, 6, 4, 12, 21, 35)


def test_open_fields_are_not_known() -> None:
    known = {"messageid": "0A", "datereceived": "2020-06-04T12:21:35+0000"}
    assert send_of_row(known) == Send("0A", dt.datetime(2020, 6, 4, 12, 21, 35), "reports")


@pytest.mark.parametrize(
    ("status", "finalized", "expected"),
    [
        ("delivered", "2020-06-04T12:21:37+0000", "2020-06-04T12:21:37+0000"),
        ("accepted", "", "2020-06-04T12:21:35+0000"),
        ("submitted", "", "2020-06-04T12:21:35+0000"),
    ],
)
def test_only_a_message_without_an_end_is_timed_by_its_start(
    status: str, finalized: str, expected: str
) -> None:
    found = receipt(status=status, date_finalized=finalized)
    assert isinstance(found, dict)
    assert found.get("message-timestamp") == expected
    assert found["status"] == ("accepted" if status == "submitted" else status)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "delivered"}, "no date_finalized, so the time of 'delivered' is not known"),
        ({"status": "rejected"}, "no date_finalized, so the time of 'rejected' is not known"),
        (
            {"status": "accepted", "date_received": ""},
            "no date_received, so the time of 'accepted' is not known",
        ),
    ],
)
def test_a_row_without_the_time_of_its_status_is_refused_and_not_dated_today(
    changed: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        receipt(date_finalized="", **changed)
    assert receipt(date_finalized="", received_at="2020-06-04T12:21:37Z", **changed)


def test_a_messages_export_has_an_estimate_where_there_is_no_price() -> None:
    result = {"total_price": "", "estimated_price": "0.04", "provider": "sms"}
    send, found = send_of_row(row(**result)), receipt(**result)
    assert isinstance(send, Send)
    assert isinstance(found, dict)
    assert (send.price, found["price"]) == (Decimal("0.04000000"), "0.04")


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ({"direction": "inbound"}, "inbound messages"),
        ({"provider": "whatsapp"}, "messages of another channel"),
        ({"provider": "Viber_service_msg"}, "messages of another channel"),
    ],
)
def test_only_sms_have_send_records(result: dict[str, str], kind: str) -> None:
    assert send_of_row(row(**result)) == Skipped(kind)


def test_an_inbound_row_is_no_receipt() -> None:
    assert receipt(direction="inbound") == Skipped("inbound messages")


def matches(*columns: str) -> bool:
    header = ",".join(columns)
    return FORMAT.matches(Source(Text("export.csv", header, iter([header]))))


def test_an_export_is_known_by_its_columns() -> None:
    assert matches(*SMS)
    assert matches("message_uuid", "date_received")
    assert not matches("message_id", "sent_at")
    assert not matches("date_received", "call_id")
