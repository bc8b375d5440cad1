"""What a signature covers, and the reason of each failed verification."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from dlr_analytics.webhook.authenticity import Keys, Unverified, verify_request
from dlr_analytics.webhook.parameters import Parameters, parse_request
from dlr_analytics.webhook.signature import METHODS, sign, signed_texts

SECRET = b"a signature secret of a fair length"
KEYS = Keys((b"old", SECRET))
SENT = datetime(2026, 11, 24, 8, 0)
SMS = {"messageId": "0A00", "status": "delivered", "timestamp": "1795507200"}
WEBHOOK = json.dumps({"message_uuid": "aaaa", "status": "delivered"}).encode()

UNSIGNED = Unverified("unsigned")
WRONG = Unverified("wrong_signature")
STALE = Unverified("stale")


def sig(parameters: dict[str, str], method: str = "md5hash") -> str:
    return sign(signed_texts(parameters)[0], SECRET, method).decode()


def signed(parameters: dict[str, str], method: str = "md5hash") -> dict[str, str]:
    return {**parameters, "sig": sig(parameters, method)}


def token(body: bytes = WEBHOOK, **claims: object) -> str:
    payload = {"payload_hash": hashlib.sha256(body).hexdigest(), "iat": 1795507200, **claims}
    return "Bearer " + jwt.encode(payload, SECRET, "HS256")


def check(
    query: bytes = b"",
    body: bytes = b"",
    authorization: str | None = None,
    keys: Keys = KEYS,
    now: datetime = SENT,
) -> Parameters | Unverified:
    return verify_request(parse_request(query, body), body, authorization, keys, now)


def query(parameters: dict[str, str]) -> bytes:
    return urlencode(parameters).encode()


@pytest.mark.parametrize("transport", ["get", "form", "json"])
def test_a_signed_receipt_is_vouched_for_whatever_its_transport(transport: str) -> None:
    call = signed(SMS)
    sent: dict[str, dict[str, Any]] = {
        "get": {"query": query(call)},
        "form": {"body": query(call)},
        "json": {"body": json.dumps(call).encode()},
    }
    assert check(**sent[transport]) == call


def test_a_receipt_without_sig_is_unsigned_also_with_an_authorization() -> None:
    assert check(query(SMS)) == UNSIGNED
    assert check(query(SMS), authorization=token(b"")) == UNSIGNED


@pytest.mark.parametrize("value", ["", "0" * 32, "é"])
def test_an_empty_or_other_sig_is_wrong(value: str) -> None:
    assert check(query({**SMS, "sig": value})) == WRONG


def test_a_null_sig_is_none() -> None:
    assert check(body=json.dumps({**SMS, "sig": None}).encode()) == UNSIGNED


@pytest.mark.parametrize("body", [b"{", b'{"messageId": "A"', b'{"a":' * 1000])
def test_what_cannot_be_read_is_unsigned(body: bytes) -> None:
    assert check(query(signed(SMS)), body) == UNSIGNED


@pytest.mark.parametrize("method", [m for m in METHODS if m != "sha1"])
def test_a_wrong_signature_names_the_method_that_would_match(method: str) -> None:
    call = query(signed(SMS, method))
    assert check(call, keys=Keys((b"old", SECRET), "sha1")) == Unverified("wrong_signature", method)


def test_a_signature_over_query_and_body_joined_vouches_for_both() -> None:
    whole = signed({**SMS, "tenant": "7"})
    tenant = {"tenant": whole.pop("tenant")}
    assert check(query(tenant), query(whole)) == {**tenant, **whole}


def test_a_signature_over_the_body_vouches_for_the_body_alone() -> None:
    call = signed(SMS)
    assert check(b"tenant=7&price=99", query(call)) == call
    assert check(b"tenant=7&price=99", json.dumps(call).encode()) == call


def test_a_sig_in_the_query_may_sign_the_body() -> None:
    assert check(query({"sig": sig(SMS)}), query(SMS)) == signed(SMS)


def test_a_sig_in_the_query_may_sign_the_body_alone() -> None:
    assert check(query({"sig": sig(SMS), "tenant": "7"}), query(SMS)) == signed(SMS)


def test_a_body_that_overrides_a_signed_query_is_wrong() -> None:
    assert check(query(signed(SMS)), b"status=failed") == WRONG


def test_a_method_that_would_match_the_body_alone_is_named_too() -> None:
    call = query(signed(SMS, "sha512"))
    assert check(b"tenant=7", call) == Unverified("wrong_signature", "sha512")


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_within_the_tolerance_a_timestamp_is_fresh(off: int) -> None:
    now = SENT + timedelta(seconds=off)
    assert check(query(signed(SMS)), keys=Keys((SECRET,), tolerance=300), now=now) == signed(SMS)


@pytest.mark.parametrize("off", [-301, 301, 10**9])
def test_beyond_the_tolerance_a_rightly_signed_call_is_stale(off: int) -> None:
    now = SENT + timedelta(seconds=off)
    assert check(query(signed(SMS)), keys=Keys((SECRET,), tolerance=300), now=now) == STALE


@pytest.mark.parametrize("timestamp", ["", "soon", "9" * 30, "1e9"])
def test_with_a_tolerance_an_unreadable_timestamp_is_stale(timestamp: str) -> None:
    call = signed({**SMS, "timestamp": timestamp})
    assert check(query(call), keys=Keys((SECRET,), tolerance=1e300)) == STALE


def test_without_a_tolerance_a_retry_of_any_age_is_taken() -> None:
    assert check(query(signed(SMS)), now=SENT + timedelta(days=3)) == signed(SMS)


def test_a_webhooks_token_vouches_for_its_body_and_not_for_the_query() -> None:
    joined = b"status=rejected&client_ref=x"
    assert check(joined, WEBHOOK, token()) == {"message_uuid": "aaaa", "status": "delivered"}


def test_a_webhook_without_authorization_is_unsigned() -> None:
    assert check(body=WEBHOOK) == UNSIGNED


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic eDp5", token(b"another body")])
def test_a_webhook_with_another_authorization_is_wrongly_signed(authorization: str) -> None:
    assert check(body=WEBHOOK, authorization=authorization) == WRONG


def test_a_sig_does_not_vouch_for_a_webhook() -> None:
    body = json.dumps(signed({"message_uuid": "aaaa", "status": "delivered"})).encode()
    assert check(body=body) == UNSIGNED


def test_a_form_that_names_a_message_uuid_needs_a_sig() -> None:
    assert check(body=b"message_uuid=aaaa", authorization=token(b"message_uuid=aaaa")) == UNSIGNED


@pytest.mark.parametrize(
    ("iat", "doubt"),
    [(1795507200, None), (1795507200.9, None), (1795506899, STALE), (None, STALE), ("x", STALE)],
)
def test_with_a_tolerance_a_tokens_time_of_issue_counts(
    iat: object, doubt: Unverified | None
) -> None:
    found = check(body=WEBHOOK, authorization=token(iat=iat), keys=Keys((SECRET,), tolerance=300))
    assert found == (doubt or {"message_uuid": "aaaa", "status": "delivered"})


def test_keys_do_not_show_their_secrets() -> None:
    assert "secret" not in repr(KEYS).replace("secrets", "")
