"""A number to be hashed or masked is in no stored byte."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.judge import (
    WEBHOOK_PATH,
    Quarantine,
    Request,
    Rules,
    Store,
    judge,
    replay,
)
from dlr_analytics.webhook.parameters import Number, Parameters, Repeated
from dlr_analytics.webhook.privacy import Privacy, mask_runs, protect, protect_number
from dlr_analytics.webhook.receipt import Receipt

NOW = datetime(2026, 11, 24, 8, 0, 1)
NUMBER = "447700900001"
HASHED = hmac.digest(b"key", NUMBER.encode(), hashlib.sha256)[:16].hex()
MASKED = "44********01"
KEEP, HASH, MASK = Privacy(), Privacy("hash", b"key"), Privacy("mask")

SPELLINGS = [
    "447700900001",
    "+447700900001",
    "+44 7700 900001",
    "44-7700-900001",
    "(44)7700.900001",
]


def stored(privacy: Privacy, query: bytes = b"", body: bytes = b"") -> Store | Quarantine:
    request = Request("POST", WEBHOOK_PATH, query, {}, body, "192.0.2.1")
    verdict = judge(request, Rules(privacy=privacy), NOW)
    assert isinstance(verdict, Store | Quarantine)
    return verdict


def stored_receipt(privacy: Privacy, query: bytes = b"", body: bytes = b"") -> Receipt:
    """The receipt stored for a request."""
    verdict = stored(privacy, query, body)
    assert isinstance(verdict, Store)
    return verdict.receipt


def quarantined(privacy: Privacy, query: bytes = b"", body: bytes = b"") -> Quarantine:
    """The text quarantined for a request."""
    verdict = stored(privacy, query, body)
    assert isinstance(verdict, Quarantine)
    return verdict


def protected(privacy: Privacy, **fields: Any) -> Any:
    """The named field, protected together with the number."""
    parameters = {"msisdn": NUMBER, **{n.replace("_", "-"): v for n, v in fields.items()}}
    return list(protect(parameters, privacy).values())[-1]


@pytest.mark.parametrize(("privacy", "kept"), [(KEEP, NUMBER), (HASH, HASHED), (MASK, MASKED)])
def test_a_number_is_kept_hashed_or_masked_in_its_column_and_in_raw(
    privacy: Privacy, kept: str
) -> None:
    receipt = stored_receipt(privacy, f"messageId=A&msisdn={NUMBER}".encode())
    assert receipt.msisdn == kept
    assert json.loads(receipt.raw)["msisdn"] == kept


@pytest.mark.parametrize(
    "spelling", [*SPELLINGS, "%2B447700900001", "00447700900001", " 447700900001 ", "٤٤٧٧٠٠٩٠٠٠٠١"]
)
def test_every_spelling_of_a_number_has_the_same_hash(spelling: str) -> None:
    assert protect_number(spelling, HASH) == HASHED


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("12025550123", "1********23"),
        ("35312345678", "353******78"),
        ("07700900001", "*********01"),
        ("12345", "1**45"),
        ("447", "***"),
        ("alice", "*****"),
        ("", ""),
        (MASKED, MASKED),
        ("447700900001*", MASKED),
    ],
)
def test_a_mask_shows_the_countrys_code_and_the_last_two_digits(number: str, masked: str) -> None:
    assert protect_number(number, MASK) == masked


def test_a_name_instead_of_a_number_is_hashed_as_it_is() -> None:
    assert protect_number("alice", HASH) == hmac.digest(b"key", b"alice", "sha256")[:16].hex()


@pytest.mark.parametrize("spelling", [*SPELLINGS, "0044 7700 900001", "07700 900001"])
@pytest.mark.parametrize("name", ["client_ref", "to", "tenant", "scts", "price", "status"])
@pytest.mark.parametrize("privacy", [HASH, MASK])
def test_a_number_is_gone_from_every_other_field_in_every_spelling(
    privacy: Privacy, name: str, spelling: str
) -> None:
    text = protected(privacy, **{name: f"x {spelling} y"})
    assert "0900001" not in re.sub(r"\W", "", text)
    assert text.startswith("x ")
    assert text.endswith(" y")


def test_a_number_is_gone_from_nested_values_names_and_repeated_values() -> None:
    value = {NUMBER: [NUMBER, {"x": f"a{NUMBER}b"}], "n": Number(NUMBER), "r": Repeated([NUMBER])}
    assert protected(MASK, other=value) == {
        MASKED: [MASKED, {"x": f"a{MASKED}b"}],
        "n": MASKED,
        "r": [MASKED],
    }


def test_all_values_of_a_repeated_number_are_protected() -> None:
    receipt = stored_receipt(MASK, f"messageId=A&msisdn={NUMBER}&msisdn=447700900999".encode())
    assert json.loads(receipt.raw)["msisdn"] == [MASKED, "44********99"]


def test_a_number_as_a_json_integer_is_protected() -> None:
    assert (
        stored_receipt(MASK, body=b'{"messageId":"A","msisdn":%s}' % NUMBER.encode()).msisdn
        == MASKED
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("messageId", "1234567890123456"),
        ("api_key", "12345678"),
        ("price", "0.03330000"),
        ("scts", "2611240759"),
        ("message_timestamp", "2026-11-24 08:00:00.1234567"),
        ("timestamp", "1795507200"),
        ("client_ref", "sent at 1795507200123"),
        ("to", "447700900999"),
        ("nonce", "12345678-1234"),
        ("tenant", "123456"),
    ],
)
def test_digits_of_a_field_that_is_understood_stay(name: str, text: str) -> None:
    assert protected(MASK, **{name: text}) == text


@pytest.mark.parametrize(
    "name",
    [
        "tenant",
        "price",
        "scts",
        "message_timestamp",
        "timestamp",
        "err_code",
        "status",
        "network_code",
    ],
)
def test_runs_of_seven_digits_go_from_a_field_that_is_not_understood_or_not_readable(
    name: str,
) -> None:
    assert protected(HASH, **{name: "x447700900999"}) == "x44********99"


def test_seven_digits_are_the_shortest_run() -> None:
    assert [protected(MASK, tenant=text) for text in ("123456", "1234567")] == ["123456", "1****67"]


def test_a_short_number_in_a_webhooks_object_is_hashed_too() -> None:
    webhook: Parameters = {"message_uuid": "A", "to": {"type": "sms", "number": "12345"}}
    hashed = hmac.digest(b"key", b"12345", "sha256")[:16].hex()
    assert protect(webhook, HASH)["to"] == {"type": "sms", "number": hashed}


def test_the_columns_of_unreadable_fields_lose_them_too() -> None:
    receipt = stored_receipt(MASK, b"messageId=A&scts=447700900999&status=447700900999")
    assert (receipt.scts_raw, receipt.status) == ("44********99", "44********99")


def test_a_name_that_is_a_number_is_masked() -> None:
    assert list(protect({"447700900999": ""}, HASH)) == ["44********99"]


def test_names_that_are_alike_once_masked_keep_their_values() -> None:
    assert protect({"447700900999": "a", "447700900199": "b"}, MASK) == {"44********99": ["a", "b"]}


@pytest.mark.parametrize("to", [NUMBER, {"type": "sms", "number": NUMBER}])
@pytest.mark.parametrize(("privacy", "kept"), [(HASH, HASHED), (MASK, MASKED)])
def test_a_webhooks_recipient_is_protected_and_its_sender_is_not(
    privacy: Privacy, kept: str, to: object
) -> None:
    webhook = {
        "message_uuid": "1234567890123456",
        "to": to,
        "from": {"number": "447700900999"},
        "usage": {"price": "0.03330000", "currency": "EUR"},
        "error": {"detail": f"no such number: {NUMBER}"},
        "client_ref": f"for {NUMBER}",
    }
    receipt = stored_receipt(privacy, body=json.dumps(webhook).encode())
    assert (receipt.msisdn, receipt.sender) == (kept, "447700900999")
    assert receipt.message_id == "1234567890123456"
    assert str(receipt.price) == "0.03330000"
    assert NUMBER not in receipt.raw
    assert json.loads(receipt.raw)["client_ref"] == f"for {kept}"


@pytest.mark.parametrize(
    "spelled",
    [
        NUMBER,
        "".join(f"%3{digit}" for digit in NUMBER),
        "".join(f"%253{digit}" for digit in NUMBER),
        "".join(rf"\u003{digit}" for digit in NUMBER),
        "٤٤٧٧٠٠٩٠٠٠٠١",
    ],
)
def test_runs_of_seven_digits_are_masked_however_they_are_encoded(spelled: str) -> None:
    masked = mask_runs(f"a{spelled}b")
    assert re.fullmatch(r"a\d{0,2}\*{8,10}\d\db", masked)


def test_six_digits_are_no_run() -> None:
    assert mask_runs("123456 a 1234567") == "123456 a 1****67"


@pytest.mark.parametrize("privacy", [HASH, MASK])
@pytest.mark.parametrize(
    ("query", "body"),
    [
        (f"msisdn={NUMBER}", ""),
        ("", f"msisdn=%2B{NUMBER}"),
        ("", f'{{"msisdn": "{NUMBER}"}}'),
        ("", f'{{"msisdn": "{NUMBER}", '),
        (f"x={NUMBER}", f"{{{NUMBER}"),
    ],
)
def test_what_is_quarantined_loses_its_runs_of_digits(
    privacy: Privacy, query: str, body: str
) -> None:
    verdict = quarantined(privacy, query.encode(), body.encode())
    assert MASKED in verdict.raw
    assert NUMBER[4:] not in verdict.raw + verdict.reason


def test_a_broken_body_in_utf_16_loses_them_too() -> None:
    raw = quarantined(MASK, body=f'{{"msisdn": "{NUMBER}'.encode("utf-16")).raw
    assert json.loads(raw) == {"body": f'{{"msisdn": "{MASKED}'}


def test_what_was_masked_in_the_quarantine_stays_so_when_it_is_tried_again() -> None:
    raw = quarantined(HASH, f"msisdn={NUMBER}".encode()).raw.replace("msisdn", "messageId=A&msisdn")
    verdict = replay(raw, HASH, NOW)
    assert isinstance(verdict, Store)
    assert verdict.receipt.msisdn == MASKED


def test_privacy_does_not_show_its_key() -> None:
    assert "key" not in repr(HASH)


fields = st.sampled_from(["messageId", "to", "client-ref", "x", "status", "price", "scts", NUMBER])
texts = st.text() | st.sampled_from(SPELLINGS) | st.sampled_from(SPELLINGS).map(quote)


@given(st.dictionaries(fields, texts), st.sampled_from([HASH, MASK]), st.booleans(), st.booleans())
def test_the_number_is_in_nothing_that_is_stored(
    others: dict[str, Any], privacy: Privacy, as_json: bool, understood: bool
) -> None:
    others = {name: text for name, text in others.items() if name != "messageId"}
    parameters = {**others, "msisdn": NUMBER, **({"messageId": "A"} if understood else {})}
    sent = (json.dumps(parameters) if as_json else urlencode(parameters)).encode()
    verdict = stored(privacy, body=sent)
    assert NUMBER not in repr(verdict)


@pytest.mark.parametrize("hashed", [HASHED, HASHED.upper()])
@pytest.mark.parametrize("privacy", [HASH, MASK])
def test_a_stored_hash_stays_in_every_field(privacy: Privacy, hashed: str) -> None:
    fields = {"client_ref": f"for {hashed}", "tenant": hashed}
    assert [protected(privacy, **{name: text}) for name, text in fields.items()] == [
        *fields.values()
    ]
    assert protect_number(HASHED, privacy) == HASHED


@pytest.mark.parametrize(
    "text",
    [
        "1795507200",
        "1795507200123",
        "20261124080000",
        "2026-11-24T08:00:00Z",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_a_time_or_a_uuid_in_a_client_reference_is_no_number(text: str) -> None:
    assert protected(HASH, client_ref=f"sent {text}") == f"sent {text}"


@pytest.mark.parametrize("text", ["1 " * 32768, "1" + " " * 65000, "%25" * 20000, "1%20" * 16000])
def test_a_hostile_field_is_read_in_linear_time(text: str) -> None:
    start = time.process_time()
    protected(MASK, client_ref=text, tenant=text)
    assert time.process_time() - start < 1
