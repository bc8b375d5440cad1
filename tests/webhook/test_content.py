"""Gzip bodies are read within limits; the quarantine names formats that are not read."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.authenticity import Keys
from dlr_analytics.webhook.judge import (
    SIZE_LIMIT,
    WEBHOOK_PATH,
    Quarantine,
    Refuse,
    Request,
    Rules,
    Store,
    Verdict,
    judge,
)
from dlr_analytics.webhook.signature import sign

NOW = datetime(2026, 11, 24, 8, 0, 1)
FORM = b"messageId=A&status=delivered"


def ask(body: bytes, rules: Rules = Rules()) -> Verdict:  # noqa: B008 - frozen
    headers = {"content-encoding": "gzip"}
    return judge(Request("POST", WEBHOOK_PATH, b"", headers, body, "::1"), rules, NOW)


@pytest.mark.parametrize("body", [FORM, b'{"messageId":"A"}', b'{"message_uuid":"A"}', b"", b"{}"])
def test_a_gzip_body_is_judged_as_its_content(body: bytes) -> None:
    assert ask(gzip.compress(body)) == ask(body)


def test_a_signed_gzip_body_is_verified_unpacked() -> None:
    rules = Rules(keys=Keys((b"secret",)))
    sig = sign(b"&messageId=A&status=delivered", b"secret", "md5hash")
    assert isinstance(ask(gzip.compress(FORM + b"&sig=" + sig), rules), Store)
    assert ask(gzip.compress(FORM + b"&sig=0"), rules) == Refuse(401, "wrong_signature")
    assert ask(gzip.compress(FORM), rules) == Refuse(503, "unsigned")


@pytest.mark.parametrize("size", [SIZE_LIMIT + 1, 50 * 2**20])
def test_a_gzip_body_over_64_kib_unpacked_is_413(size: int) -> None:
    assert ask(gzip.compress(b"messageId=A&x=" + b"1" * (size - 14))) == Refuse(413, "size")
    assert isinstance(ask(gzip.compress(b"messageId=A&x=" + b"1" * (SIZE_LIMIT - 14))), Store)


@given(st.integers(2, 40), st.binary(max_size=3))
def test_damaged_gzip_is_quarantined_by_name_and_does_not_raise(cut: int, tail: bytes) -> None:
    verdict = ask(gzip.compress(FORM)[:cut] + tail)
    assert isinstance(verdict, Quarantine)
    assert verdict.reason == "damaged gzip"


ITEM = json.dumps({"messageId": "A", "status": "delivered"})
MULTIPART = '--b\r\nContent-Disposition: form-data; name="messageId"\r\n\r\nA\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (MULTIPART, "multipart"),
        (f"[{ITEM}]", "array"),
        (f'{{"data": {ITEM}}}', "envelope"),
        (f'{{"Records": [{{"body": {json.dumps(ITEM)}}}]}}', "envelope"),
        ('{"body": "messageId=A&status=delivered"}', "envelope"),
        ('{"event": {"message_uuid": "A"}}', "envelope"),
        (json.dumps({"Type": "Notification", "Message": ITEM}), "envelope"),
        (json.dumps({"message": {"messageId": "1", "data": "e30="}}), "envelope"),
        (json.dumps(ITEM), "envelope"),
        (urlencode({"payload": ITEM}), "envelope"),
    ],
)
def test_the_quarantine_names_the_format_that_it_saw(body: str, word: str) -> None:
    plain, packed = ask(body.encode()), ask(gzip.compress(body.encode()))
    assert isinstance(plain, Quarantine)
    assert word in plain.reason
    assert isinstance(packed, Quarantine)
    assert word in packed.reason
    assert "gzip" in packed.reason
    assert packed.raw == plain.raw


@pytest.mark.parametrize(
    "body",
    [
        "status=x",
        "messageId=&status=x",
        '{"messageId": true}',
        '{"status": "x"}',
        '{"a": {"b": ["c"]}}',
    ],
)
def test_what_is_none_of_them_just_has_no_message_id(body: str) -> None:
    verdict = ask(body.encode())
    assert isinstance(verdict, Quarantine)
    assert verdict.reason == "no message ID"
