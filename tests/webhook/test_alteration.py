"""A signed request cannot be altered into another with the same signature."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from dlr_analytics.webhook.authenticity import Keys
from dlr_analytics.webhook.judge import (
    WEBHOOK_PATH,
    Quarantine,
    Refuse,
    Request,
    Rules,
    Store,
    Verdict,
    judge,
)
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.signature import sign

NOW = datetime(2026, 11, 24, 8, 0, 1)
SECRET = b"a signature secret of a fair length"
WRONG = Refuse(401, "wrong_signature")
FAILED = {
    "err-code": "6",
    "message-timestamp": "2026-11-24 08:00:00",
    "messageId": "0A00",
    "status": "failed",
}


def ask(query: bytes = b"", body: bytes = b"", privacy: Privacy = Privacy()) -> Verdict:  # noqa: B008 - frozen
    rules = Rules(keys=Keys((SECRET,)), privacy=privacy)
    return judge(Request("POST", WEBHOOK_PATH, query, {}, body, "192.0.2.1"), rules, NOW)


def sig_of(pairs: list[tuple[str, str]]) -> str:
    """The signature of parameters, computed from the documented text."""
    values = [(name, text.replace("&", "_").replace("=", "_")) for name, text in sorted(pairs)]
    text = "".join([f"&{name}={value}" for name, value in values])
    return sign(text.encode("utf-8", "surrogateescape"), SECRET, "md5hash").decode()


SIG = sig_of(list(FAILED.items()))


@pytest.mark.parametrize("how", ["query", "form", "json"])
@pytest.mark.parametrize(
    "folded",
    [
        {"err-code=6&message-timestamp": FAILED["message-timestamp"]},
        {"err-code": "6", "message-timestamp=2026-11-24 08:00:00&messageId": "0A00"},
        {"err-code": "6", "message-timestamp=2026-11-24 08:00:00&messageId=0A00&status": "failed"},
    ],
)
def test_a_name_that_swallows_other_parameters_is_a_wrong_signature(
    folded: dict[str, str], how: str
) -> None:
    swallowed = "&".join(folded)
    rest = {name: value for name, value in FAILED.items() if name not in swallowed}
    call = {**rest, **folded, "sig": SIG}
    form = urlencode(call).encode()
    sent = {"query": (form, b""), "form": (b"", form), "json": (b"", json.dumps(call).encode())}
    assert ask(*sent[how]) == WRONG


@pytest.mark.parametrize("name", ["a&b", "a=b", "&", "=", "a%26b", "é&"])
def test_with_a_secret_a_name_may_not_hold_the_signed_texts_own_signs(name: str) -> None:
    if "%" in name:
        assert isinstance(ask(urlencode({**FAILED, name: "", "sig": SIG}).encode()), Store)
        return
    assert ask(urlencode({**FAILED, name: "", "sig": SIG}).encode()) == WRONG
    assert (
        ask(quote(name, "").encode() + b"=1", urlencode({**FAILED, "sig": SIG}).encode()) == WRONG
    )
    assert ask(body=json.dumps({**FAILED, name: None, "sig": SIG}).encode()) == WRONG


def test_without_a_secret_such_a_name_is_taken_as_before() -> None:
    request = Request("GET", WEBHOOK_PATH, b"messageId=A&a%26b=1", {}, b"", "::1")
    assert isinstance(judge(request, Rules(), NOW), Store)


ADDED = ["message_uuid", "message-id", "messageId", "msisdn", "to", "price", "scts", "status", "x"]
TEXTS = ["1", "true", "0A00", "447700900001", '{"a":1}', '["a"]', "é", "Acme", "a&b=c", "\0"]

names = st.sampled_from([*ADDED, *FAILED, "client-ref", "timestamp", "nonce", "é"])
originals = st.dictionaries(names, st.sampled_from(TEXTS), min_size=1, max_size=5)


@st.composite
def altered_calls(draw: st.DrawFn) -> tuple[dict[str, str], bytes, bytes, bytes]:
    """An original, and query and body of another request with the same signed text."""
    original = {**draw(originals), **draw(st.sampled_from([{}, {"messageId": "0A00"}]))}
    sig = sig_of(list(original.items()))
    pairs: list[tuple[str, Any]] = sorted(original.items())
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(pairs) - 1))
        name, value = pairs[at]
        match draw(st.sampled_from(["fold", "repeat", "empty", "type", "bytes"])):
            case "fold" if at + 1 < len(pairs) and isinstance(value, str):
                pairs[at : at + 2] = [(f"{name}={value}&{pairs[at + 1][0]}", pairs[at + 1][1])]
            case "repeat":
                pairs.insert(0, (name, draw(st.sampled_from([*TEXTS, "447700900999"]))))
            case "empty":
                pairs.append((draw(st.sampled_from(ADDED)), draw(st.sampled_from(["", None]))))
            case "type" if isinstance(value, str) and value in ("1", "true", '{"a":1}', '["a"]'):
                pairs[at] = (name, json.loads(value))
            case "bytes" if isinstance(value, str):
                bytes_of = value.encode("utf-8", "surrogateescape")
                pairs[at] = (name, bytes_of.decode("ascii", "surrogateescape"))
    query = draw(st.sampled_from([b"", b"tenant=7", b"status=failed&usage=1", b"a%26b=1"]))
    if draw(st.booleans()):
        form = [(n, v if isinstance(v, str) else "") for n, v in [*pairs, ("sig", sig)]]
        body = urlencode(form, errors="surrogateescape").encode()
    else:
        members = [f"{json.dumps(n)}:{json.dumps(v)}" for n, v in [*pairs, ("sig", sig)]]
        body = ("{" + ",".join(members) + "}").encode()
    return original, urlencode({**original, "sig": sig}).encode(), query, body


def without_raw(verdict: Verdict) -> object:
    """What is stored, apart from raw."""
    return replace(verdict.receipt, raw="") if isinstance(verdict, Store) else type(verdict)


@given(altered_calls(), st.sampled_from([Privacy(), Privacy("hash", b"key"), Privacy("mask")]))
def test_requests_with_one_signed_text_are_stored_the_same(
    calls: tuple[dict[str, str], bytes, bytes, bytes], privacy: Privacy
) -> None:
    _, original, query, body = calls
    first, second = ask(original, privacy=privacy), ask(query, body, privacy)
    assert isinstance(first, Store | Quarantine)
    event(type(second).__name__)
    if not isinstance(second, Refuse):
        assert without_raw(second) == without_raw(first)


@pytest.mark.parametrize(
    ("original", "body"),
    [
        ({"messageId": "A", "status": "x"}, "messageId=A&status=x&message_uuid="),
        ({"messageId": "true"}, '{"messageId": true}'),
        ({"messageId": "A", "msisdn": "1", "to": "447700900999"}, None),
    ],
)
def test_what_a_signature_does_not_cover_changes_no_column(
    original: dict[str, str], body: str | None
) -> None:
    sig = sig_of(list(original.items()))
    first = ask(urlencode({**original, "sig": sig}).encode(), privacy=Privacy("hash", b"key"))
    body = body or urlencode([("msisdn", "447700900999"), *original.items()])
    second = ask(f"sig={sig}".encode(), body.encode(), Privacy("hash", b"key"))
    assert isinstance(first, Store)
    assert without_raw(second) == without_raw(first)


def test_what_a_token_does_not_cover_leaves_the_currency_in_raw() -> None:
    body = b'{"message_uuid":"A","status":"delivered","usage":{"price":"1","currency":"USD"}}'
    token = jwt.encode({"payload_hash": hashlib.sha256(body).hexdigest()}, SECRET, "HS256")
    headers = {"authorization": f"Bearer {token}"}
    request = Request("POST", WEBHOOK_PATH, b"usage=1&tenant=7", headers, body, "::1")
    verdict = judge(request, Rules(keys=Keys((SECRET,))), NOW)
    assert isinstance(verdict, Store)
    assert json.loads(verdict.receipt.raw)["usage"] == {"price": "1", "currency": "USD"}
