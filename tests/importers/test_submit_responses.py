"""A submit response with its time becomes send records."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.importers.submit_responses import NOT_SENT, sends_of_record, sends_of_records
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.parameters import Number

NOON = dt.datetime(2026, 11, 24, 12)
TIME = "2026-11-24T12:00:00Z"
LAST = dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=12)))


def part(**fields: str) -> dict[str, str]:
    return {"message-id": "0A", "status": "0"} | {k.replace("_", "-"): v for k, v in fields.items()}


def test_every_field_of_a_part_is_read() -> None:
    answer = part(
        to="447700900001",
        message_price="0.0333",
        network="23410",
        client_ref="order 1",
        remaining_balance="3.14",
    )
    assert sends_of_record({"messages": [answer], "message-count": "1", "sent_at": TIME}) == [
        Send(
            "0A",
            NOON,
            msisdn="447700900001",
            network_code="23410",
            price=Decimal("0.03330000"),
            client_ref="order 1",
            sms_id="0A",
            part=1,
            parts=1,
        )
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"messages": [{"message-id": "0A", "status": "0"}], "sent_at": TIME},
        {"messages": [{"messageId": "0A", "status": "0"}], "messageCount": 1, "sentAt": TIME},
        {"messages": [{"message_id": "0A", "status": 0}], "message_count": "1", "sent_at": TIME},
        {"messages": [{"message-id": "0A", "status": "0", "sent_at": TIME}]},
        {"sent_at": TIME, "response": {"messages": [{"message-id": "0A", "status": "0"}]}},
        {"message-id": "0A", "status": "0", "sent_at": TIME},
        {"message_uuid": "0A", "sent_at": TIME},
        {"sent_at": TIME, "body": {"messageUuid": "0A"}},
    ],
)
def test_each_spelling_and_nesting_names_the_same_message(record: dict[str, object]) -> None:
    (send,) = sends_of_record(record)
    assert isinstance(send, Send)
    assert (send.message_id, send.sent_at) == ("0A", NOON)


def test_a_status_that_is_no_number_is_not_of_the_api() -> None:
    own = {"message_id": "0A", "sent_at": TIME}
    (send,) = sends_of_record(own | {"status": "delivered"})
    assert send == sends_of_record(own)[0]
    assert sends_of_record(own | {"status": 7}) == [NOT_SENT]


def test_parts_are_linked_and_unaccepted_ones_are_no_messages() -> None:
    parts = [part(message_id="0A"), part(status="1"), part(message_id="0C")]
    first, second, third = sends_of_record({"messages": parts, "sent_at": TIME})
    assert second is NOT_SENT
    assert [
        (send.message_id, send.sms_id, send.part, send.parts)
        for send in (first, third)
        if isinstance(send, Send)
    ] == [("0A", "0A", 1, 3), ("0C", "0A", 3, 3)]


def test_a_part_that_was_not_accepted_needs_no_id_and_no_time() -> None:
    refused = {"status": "4", "error-text": "Bad Credentials"}
    assert sends_of_record({"messages": [refused]}) == [NOT_SENT]
    assert sends_of_record(refused) == [NOT_SENT]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-11-24T12:00:00Z", NOON),
        ("2026-11-24 12:00:00", NOON),
        ("2026-11-24T12:00Z", NOON),
        ("2026-11-24", NOON.replace(hour=0)),
        ("2026-11-24T13:00:00+0100", NOON),
        ("2026-11-24T13:00:00.250+01:00", NOON.replace(microsecond=250_000)),
        (1795521600, NOON),
        ("1795521600250", NOON.replace(microsecond=250_000)),
        (1795521600.25, NOON.replace(microsecond=250_000)),
        (NOON, NOON),
        (NOON.replace(hour=13, tzinfo=dt.timezone(dt.timedelta(hours=1))), NOON),
    ],
)
def test_times_become_naive_utc(time: object, expected: dt.datetime) -> None:
    (send,) = sends_of_record({"message_id": "0A", "sent_at": time})
    assert isinstance(send, Send)
    assert send.sent_at == expected


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"message_id": "0A"}, "no sent_at"),
        ({"message_id": "0A", "sent_at": ""}, "no sent_at"),
        ({"message_id": "0A", "sent_at": "noon"}, "sent_at 'noon' is not a time"),
        ({"message_id": "0A", "sent_at": "2026-02-30 12:00:00"}, "is not a time"),
        ({"message_id": "0A", "sent_at": "1970-01-01 00:00:00"}, "is before 2000"),
        ({"message_id": " ", "sent_at": TIME}, "no message ID"),
        ({"sent_at": TIME}, "no message ID"),
        ({"messages": [{"status": "0"}], "sent_at": TIME}, "no message ID"),
        ({"messages": ["0A"], "sent_at": TIME}, "no message ID"),
        ({"messages": [], "sent_at": TIME}, "no messages in the response"),
        ({"message_id": "0A", "sent_at": pd.NaT}, "no sent_at"),
        ({"message_id": float("nan"), "sent_at": TIME}, "no message ID"),
        ({"message_id": "0A", "sent_at": LAST}, "is not a time"),
    ],
)
def test_what_cannot_be_used_says_why(record: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        sends_of_record(record)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, Number("NaN")])
def test_what_a_data_frame_lacks_is_not_known(missing: object) -> None:
    names = ("to", "from", "network", "price", "currency", "client_ref", "sms_id", "part", "status")
    record = {"message_id": "0A", "sent_at": NOON, "date_finalized": missing}
    assert sends_of_record(record | dict.fromkeys(names, missing)) == [Send("0A", NOON)]


def test_a_data_frame_in_place_of_its_records_says_what_to_give() -> None:
    frame: Any = pd.DataFrame({"message_id": ["0A"], "sent_at": [NOON]})
    with pytest.raises(UnreadableValue, match=r"record 1: a str, .*; give .*to_dict"):
        list(sends_of_records(frame))
    assert list(sends_of_records(frame.to_dict("records"))) == [Send("0A", NOON)]


def test_a_price_that_cannot_be_read_is_not_known() -> None:
    (send,) = sends_of_record({"message_id": "0A", "sent_at": TIME, "price": "free"})
    assert isinstance(send, Send)
    assert send.price is None


def test_a_log_may_link_the_parts_of_an_sms() -> None:
    (send,) = sends_of_record(
        {"message_id": "0A", "sent_at": TIME, "sms_id": "X", "part": "2", "parts": "3"}
    )
    assert isinstance(send, Send)
    assert (send.sms_id, send.part, send.parts) == ("X", 2, 3)


def test_the_first_unreadable_record_is_named() -> None:
    records: list[dict[str, object]] = [{"message_id": "0A", "sent_at": NOON}, {"message_id": "0B"}]
    with pytest.raises(UnreadableValue, match="record 2: no sent_at"):
        list(sends_of_records(records))
