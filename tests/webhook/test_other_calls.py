"""What arrives at the receipt URL and is no receipt: quarantined by its kind, never stored."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.content import INBOUND, KINDS
from dlr_analytics.webhook.judge import Quarantine, Request, Rules, Store, Verdict, judge, replay
from dlr_analytics.webhook.privacy import Privacy
from tests.support.receivers import PATH

NOW = dt.datetime(2026, 11, 24, 8, 0)
NUMBER, SHORT = "447700900001", "12345"

SMS = {"msisdn": NUMBER, "to": SHORT, "messageId": "0B", "message-timestamp": "2026-11-24 08:00:00"}
PLAIN = SMS | {"text": "STOP", "keyword": "STOP", "type": "text"}
V1 = {"message_uuid": "aaaa", "to": SHORT, "from": NUMBER, "timestamp": "2026-11-24T08:00:00Z"}

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "SMS": (INBOUND, PLAIN),
    "SMS of no text": (INBOUND, PLAIN | {"text": "", "keyword": ""}),
    "binary SMS": (INBOUND, SMS | {"type": "binary", "data": "0A0B", "udh": "050003"}),
    "SMS without an ID": (INBOUND, {k: v for k, v in PLAIN.items() if k != "messageId"}),
    "SMS of a blank status": (INBOUND, PLAIN | {"status": " "}),
    "message": (INBOUND, V1 | {"channel": "whatsapp", "message_type": "text", "text": "hi"}),
    "image": (INBOUND, V1 | {"message_type": "image", "image": {"url": "https://example.com/a"}}),
    "message of 0.1": (
        INBOUND,
        V1
        | {
            "from": {"type": "whatsapp", "number": NUMBER},
            "message": {"content": {"type": "text", "text": "hi"}},
            "direction": "inbound",
        },
    ),
    **{
        f"{name} without a type": (INBOUND, V1 | {"channel": "rcs", name: {"url": "a"}})
        for name in ("image", "audio", "video", "file", "vcard", "location", "reply", "button")
    },
    "direction": (INBOUND, V1 | {"direction": "Inbound"}),
    "Verify event": (
        "a Verify callback",
        {"request_id": "r1", "type": "event", "channel": "sms", "status": "completed"},
    ),
    "Verify summary": (
        "a Verify callback",
        {"request_id": "r1", "type": "summary", "status": "failed", "finalized_at": "2026-11-24"},
    ),
    "Voice event": (
        "a Voice callback",
        {
            "from": NUMBER,
            "to": SHORT,
            "uuid": "u1",
            "conversation_uuid": "CON-1",
            "status": "ringing",
            "direction": "inbound",
        },
    ),
    "Voice answer": ("a Voice callback", {"uuid": "u1", "conversation_uuid": "CON-1"}),
    "transfer": ("a Voice callback", {"conversation_uuid_from": "C", "conversation_uuid_to": "D"}),
    "recording": ("a Voice callback", {"recording_url": "https://example.com/a", "size": 12}),
    "Number Insight": (
        "a Number Insight callback",
        {"status": 0, "request_id": "r1", "international_format_number": NUMBER},
    ),
    "Number Insight error": (
        "a Number Insight callback",
        {"status": 3, "request_id": "r1", "status_message": "Invalid", "error_text": "x"},
    ),
    "Reports": (
        "a Reports callback",
        {"request_id": "r1", "request_status": "SUCCESS", "product": "SMS", "items_count": 3},
    ),
}

RECEIPTS: dict[str, dict[str, Any]] = {
    "a receipt with a text": PLAIN | {"status": "delivered"},
    "a receipt without a status": SMS,
    "a receipt with others' parameters": SMS
    | {"status": "failed", "request_id": "r1", "conversation_uuid": "mine", "items_count": "1"},
    "a receipt without a status, with others' parameters": SMS | {"conversation_uuid": "mine"},
    "a status with a text": V1 | {"status": "read", "text": "hi", "channel": "whatsapp"},
    "a receipt with an empty text field": SMS | {"text": None},
}


def judged(call: dict[str, Any], transport: str) -> Verdict:
    if transport == "json":
        return judge(Request("POST", PATH, b"", {}, json.dumps(call).encode(), "::1"), Rules(), NOW)
    text = urlencode(call).encode()
    get = Request("GET", PATH, text, {}, b"", "::1")
    post = Request("POST", PATH, b"", {}, text, "::1")
    return judge(get if transport == "get" else post, Rules(), NOW)


def transports(call: dict[str, Any]) -> list[str]:
    is_flat = all(isinstance(value, str | int) for value in call.values())
    return ["get", "form", "json"] if is_flat else ["json"]


@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_receipt_is_quarantined_by_its_kind_however_it_comes(name: str) -> None:
    kind, call = CALLS[name]
    for transport in transports(call):
        verdict = judged(call, transport)
        assert isinstance(verdict, Quarantine), transport
        assert verdict.reason == kind in KINDS


@pytest.mark.parametrize("name", CALLS)
def test_it_stays_in_the_quarantine_when_it_is_replayed(name: str) -> None:
    kind, call = CALLS[name]
    for transport in transports(call):
        verdict = judged(call, transport)
        assert isinstance(verdict, Quarantine)
        again = replay(verdict.raw, Privacy(), NOW)
        assert isinstance(again, Quarantine)
        assert again.reason == kind


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_stays_one_whatever_else_it_has(name: str) -> None:
    call = RECEIPTS[name]
    for transport in transports(call):
        assert isinstance(judged(call, transport), Store), transport


@given(
    st.sampled_from(sorted(RECEIPTS)),
    st.dictionaries(
        st.sampled_from(["text", "keyword", "message", "type", "direction", "call-id", "Text"]),
        st.sampled_from(["", "x", "inbound", "text", "event"]),
    ),
)
def test_no_further_parameter_takes_a_receipt_with_a_status_away(
    name: str, more: dict[str, str]
) -> None:
    call = {**more, **RECEIPTS[name], "status": "delivered"}
    verdict = judged(call, "json")
    assert isinstance(verdict, Store)
