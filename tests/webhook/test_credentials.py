"""Nothing that is stored is a valid request, or a digest of a full number."""

from __future__ import annotations

import json
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.webhook.credentials import without_signature
from dlr_analytics.webhook.judge import (
    WEBHOOK_PATH,
    Quarantine,
    Request,
    Rules,
    Store,
    judge,
    replay,
)
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt

NOW = datetime(2026, 11, 24, 8, 0, 1)
SIG = "d2e7b1dc968737c5998ad624e02f90b7"
SHA512 = SIG * 4
ALL = {"sig": SIG, "nonce": "0f3a", "timestamp": "1795507200"}
PRIVACIES = [Privacy(), Privacy("hash", b"key"), Privacy("mask")]


def stored(privacy: Privacy, query: bytes = b"", body: bytes = b"") -> Store | Quarantine:
    request = Request("POST", WEBHOOK_PATH, query, {}, body, "192.0.2.1")
    verdict = judge(request, Rules(privacy=privacy), NOW)
    assert isinstance(verdict, Store | Quarantine)
    return verdict


def receipt(query: bytes = b"", body: bytes = b"", privacy: Privacy = PRIVACIES[0]) -> Receipt:
    verdict = stored(privacy, query, body)
    assert isinstance(verdict, Store)
    return verdict.receipt


FORM = f"messageId=A&tenant=7&sig={SIG}&nonce=0f3a&timestamp=1795507200".encode()


@pytest.mark.parametrize("privacy", PRIVACIES)
@pytest.mark.parametrize(
    ("query", "body"),
    [
        (FORM, b""),
        (b"", FORM),
        (b"", json.dumps({"messageId": "A", "tenant": "7", **ALL}).encode()),
        (f"sig={SIG}&timestamp=1".encode(), b"messageId=A&tenant=7"),
        (f"sig={SIG}&Sig={SIG}".encode(), FORM),
        (b"", FORM.replace(b"sig", b"SIG").replace(b"nonce", b"Nonce")),
        (b"", FORM.replace(b"sig", b"%73ig")),
    ],
)
def test_raw_is_what_came_without_sig_nonce_and_timestamp(
    query: bytes, body: bytes, privacy: Privacy
) -> None:
    assert json.loads(receipt(query, body, privacy).raw) == {"messageId": "A", "tenant": "7"}


def test_the_timestamp_of_a_messages_api_webhook_stays() -> None:
    webhook = {"message_uuid": "A", "status": "delivered", "timestamp": "2026-11-24T08:00:00Z"}
    body = json.dumps({**webhook, "sig": SIG, "nonce": "1"}).encode()
    assert json.loads(receipt(body=body).raw) == webhook


def test_a_signature_inside_an_object_goes_too() -> None:
    inner = {"sig": SIG, "a": [{"SIG": SIG}]}
    body = json.dumps({"messageId": "A", "x": inner, "y": [inner]}).encode()
    raw = json.loads(receipt(body=body).raw)
    assert raw == {"messageId": "A", "x": {"a": [{}]}, "y": [{"a": [{}]}]}


SIGS = [SIG, SIG.upper(), SHA512, "00"]


@pytest.mark.parametrize("privacy", PRIVACIES)
@pytest.mark.parametrize("sig", SIGS)
@pytest.mark.parametrize("name", ["sig", "Sig", "SIG"])
@pytest.mark.parametrize(
    "text",
    [
        "a=1&{name}={sig}&b=2",
        "{name}={sig}",
        "a=1&%73%69g={sig}",
        '{{"{name}": "{sig}", "a": 1}}',
        '{{"a": 1, "{name}":"{sig}","b": 2}}',
        '{{"a": 1, "{name}" : "{sig}"}}',
        '{{"a": 1, "{name}" : "{sig}',
        '{{"a": 1, "\\u0073ig":"{sig}", "b": ',
        '{{"{name}": "x\\"{sig}", "a": ',
        '[{{"a": 1, "{name}":"{sig}"}}]',
    ],
)
def test_no_signature_is_in_the_quarantine(
    text: str, name: str, sig: str, privacy: Privacy
) -> None:
    sent = text.format(name=name, sig=sig).encode()
    bodies = [(b"", sent)] if sent[:1] in b"[{" else [(sent, b""), (b"", sent)]
    for query, body in bodies:
        verdict = stored(privacy, query, body)
        assert isinstance(verdict, Quarantine)
        assert sig not in verdict.raw
        assert "sig" not in verdict.raw.lower()


@pytest.mark.parametrize("sig", [SIG, SIG.upper(), SHA512])
@pytest.mark.parametrize(
    "text", ["/dlr?messageId=A&sig={sig}", "%2Fdlr%3Fsig%3D{sig}", '{{"sig": "{sig}", "a": "1"}}']
)
def test_no_signature_is_in_a_text_of_a_receipt(text: str, sig: str) -> None:
    sent = {"messageId": "A", "status": "x", "url": text.format(sig=sig), "a": [{"b": sig}]}
    sent |= {"c": [text.format(sig=sig)]}
    for privacy in (Privacy(), Privacy("mask")):
        verdict = stored(privacy, body=json.dumps(sent).encode())
        assert isinstance(verdict, Store)
        raw = json.loads(verdict.receipt.raw)
        assert sig not in raw["url"] + raw["c"][0]
        assert raw["messageId"] == "A"


@pytest.mark.parametrize(
    "text",
    [
        '{{"Records": "{{\\"messageId\\":\\"A\\",\\"sig\\":\\"{sig}\\"}}"}}',
        '--b\r\nContent-Disposition: form-data; name="sig"\r\n\r\n{sig}\r\n--b--',
        "body=a%3D1%26sig%3D{sig}%26b%3D2",
        "<sig>{sig}</sig>",
        "sig: {sig}",
    ],
)
@pytest.mark.parametrize("sig", [SIG, SIG.upper(), SHA512])
def test_no_signature_is_in_the_quarantine_in_another_envelope(text: str, sig: str) -> None:
    verdict = stored(Privacy(), body=text.format(sig=sig).encode())
    assert isinstance(verdict, Quarantine)
    assert sig not in verdict.raw


@pytest.mark.parametrize(
    "text", ["signature=1&design=2", '{"a":"sig","design":"x"}', '{"sigma":"1","status":"sig"}']
)
def test_what_is_no_signature_stays(text: str) -> None:
    assert without_signature(text) == text


@pytest.mark.parametrize("privacy", PRIVACIES)
def test_a_quarantined_request_without_its_signature_can_be_replayed(privacy: Privacy) -> None:
    for sent in (f"sig={SIG}&status=x", f'{{"a":"1","sig":"{SIG}","status":"x"}}'):
        verdict = stored(privacy, body=sent.encode())
        assert isinstance(verdict, Quarantine)
        assert replay(verdict.raw, privacy, NOW) == verdict
    fixed = json.dumps({"body": '{"messageId":"A","status":"x","timestamp":"1","sig":"00"}'})
    again = replay(fixed, privacy, NOW)
    assert isinstance(again, Store)
    assert json.loads(again.receipt.raw) == {"messageId": "A", "status": "x"}


texts = st.text() | st.just("x&sig=1&y")
members = st.dictionaries(st.sampled_from(["a", "b c", 'q"', "sig", "Sig", "x"]), texts)


@given(members)
def test_a_whole_json_object_stays_json_and_loses_only_its_signature(
    values: dict[str, str],
) -> None:
    text = without_signature(json.dumps(values))
    assert json.loads(text) == {n: v for n, v in values.items() if n.lower() != "sig"}


@pytest.mark.parametrize(
    "text", [" " * 65536, '"' * 65536, "sig " * 16384, '{"sig":"' + "\\" * 65500]
)
def test_a_hostile_text_is_read_in_linear_time(text: str) -> None:
    start = time.process_time()
    without_signature(text)
    assert time.process_time() - start < 1
