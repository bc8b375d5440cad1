"""The table of answers: the checks, their order, and their results."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from datetime import datetime
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dlr_analytics.settings import Settings
from dlr_analytics.webhook.authenticity import Keys
from dlr_analytics.webhook.judge import (
    REASONS,
    SIZE_LIMIT,
    WEBHOOK_PATH,
    Ignore,
    Quarantine,
    Refuse,
    Request,
    Rules,
    Store,
    Verdict,
    judge,
    replay,
)
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.signature import sign, signed_texts

NOW = datetime(2026, 11, 24, 8, 0, 1)
SECRET = b"a signature secret of a fair length"
KEYS = Keys((SECRET,))
PLAIN = b"messageId=0A00&status=delivered"
TOKEN = Rules.from_settings(Settings(url_token="s3cret"))
SIGNED = Rules(keys=KEYS)
ALLOW = (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))


def ask(rules: Rules = Rules(), now: datetime = NOW, **changes: Any) -> Verdict:  # noqa: B008 - frozen
    request: dict[str, Any] = {
        "method": "POST" if changes.get("body") else "GET",
        "path": WEBHOOK_PATH,
        "query": b"",
        "headers": {},
        "body": b"",
        "peer": "192.0.2.1",
        **changes,
    }
    return judge(Request(**request), rules, now)


def signed(parameters: dict[str, str]) -> bytes:
    sig = sign(signed_texts(parameters)[0], SECRET, "md5hash").decode()
    return urlencode({**parameters, "sig": sig}).encode()


@pytest.mark.parametrize(
    ("call", "transport"),
    [
        ({"query": PLAIN}, "get"),
        ({"query": PLAIN, "method": "POST"}, "get"),
        ({"body": PLAIN}, "form"),
        ({"body": b'{"messageId":"0A00","status":"delivered"}'}, "json"),
        ({"body": b'{"message_uuid":"0A00","status":"delivered"}'}, "json"),
        ({"query": b"messageId=0A00", "body": b'{"status":"delivered"}'}, "json"),
    ],
)
def test_a_receipt_is_stored_whatever_its_transport(call: dict[str, Any], transport: str) -> None:
    verdict = ask(**call)
    assert isinstance(verdict, Store)
    assert (verdict.receipt.message_id, verdict.receipt.status) == ("0A00", "delivered")
    assert (verdict.receipt.received_at, verdict.transport) == (NOW, transport)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", "", "é"]
)
@pytest.mark.parametrize("body", [PLAIN, b'{"messageId":"0A00"}'])
def test_the_content_type_is_only_a_hint(body: bytes, content_type: str) -> None:
    assert isinstance(ask(body=body, headers={"content-type": content_type}), Store)


@pytest.mark.parametrize(
    "path",
    ["/", "", WEBHOOK_PATH + "/", WEBHOOK_PATH[:-1], WEBHOOK_PATH.upper(), "/é", "\ud800"],
)
def test_another_path_is_404(path: str) -> None:
    assert ask(path=path, query=PLAIN) == Refuse(404, "path")


def test_with_a_token_only_the_path_that_ends_in_it_is_answered() -> None:
    assert isinstance(ask(TOKEN, path=WEBHOOK_PATH + "/s3cret", query=PLAIN), Store)


@pytest.mark.parametrize("rest", ["", "/", "/s3cre", "/s3crets", "/S3CRET", "/s3cret/", "/é"])
def test_without_the_token_a_set_one_is_404(rest: str) -> None:
    assert ask(TOKEN, path=WEBHOOK_PATH + rest, query=PLAIN) == Refuse(404, "token")


@pytest.mark.parametrize("path", ["/", WEBHOOK_PATH + "s3cret"])
def test_a_path_that_is_not_the_webhooks_lacks_no_token(path: str) -> None:
    assert ask(TOKEN, path=path) == Refuse(404, "path")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "", "É"])
def test_another_method_is_405(method: str) -> None:
    assert ask(method=method, query=PLAIN) == Refuse(405, "method")


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        ("192.0.2.200", True),
        ("::ffff:192.0.2.200", True),
        ("2001:db8::5", True),
        ("198.51.100.1", False),
        ("2001:db9::5", False),
        ("", False),
    ],
)
def test_with_an_allow_list_others_get_403(peer: str, allowed: bool) -> None:
    verdict = ask(Rules(allow=ALLOW), peer=peer, query=PLAIN)
    assert isinstance(verdict, Store) if allowed else verdict == Refuse(403, "address")


@pytest.mark.parametrize("trust_proxy", [False, True])
def test_x_forwarded_for_is_read_only_from_a_trusted_proxy(trust_proxy: bool) -> None:
    rules = Rules(allow=ALLOW, trust_proxy=trust_proxy)
    outside, inside = "198.51.100.1", "192.0.2.1"
    welcome = ask(rules, peer=outside, headers={"x-forwarded-for": inside}, query=PLAIN)
    refused = ask(rules, peer=inside, headers={"x-forwarded-for": outside}, query=PLAIN)
    assert isinstance(welcome, Store) is trust_proxy
    assert isinstance(refused, Refuse) is trust_proxy


def test_a_forged_entry_to_the_left_does_not_let_a_caller_in() -> None:
    rules = Rules(allow=ALLOW, trust_proxy=True)
    headers = {"x-forwarded-for": "192.0.2.1, 198.51.100.1"}
    assert ask(rules, peer="10.0.0.1", headers=headers, query=PLAIN) == Refuse(403, "address")


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_413() -> None:
    whole = PLAIN + b"&x="
    assert isinstance(ask(body=whole.ljust(SIZE_LIMIT, b"x")), Store)
    assert ask(body=whole.ljust(SIZE_LIMIT + 1, b"x")) == Refuse(413, "size")


def test_a_query_of_64_kib_is_read_and_one_byte_more_is_414() -> None:
    whole = PLAIN + b"&x="
    assert isinstance(ask(query=whole.ljust(SIZE_LIMIT, b"x")), Store)
    assert ask(query=whole.ljust(SIZE_LIMIT + 1, b"x")) == Refuse(414, "size")


@pytest.mark.parametrize("rules", [Rules(), SIGNED])
@pytest.mark.parametrize(
    "call",
    [
        {},
        {"method": "POST"},
        {"query": b"&&"},
        {"body": b"{}"},
        {"body": b" \r\n{ }\n"},
        {"body": b"\xef\xbb\xbf{}"},
        {"body": b"\n"},
        {"body": b"&"},
        {"headers": {"content-type": "application/x-www-form-urlencoded"}, "method": "POST"},
    ],
)
def test_a_call_with_nothing_in_it_is_200_and_stores_nothing_signed_or_not(
    call: dict[str, Any], rules: Rules
) -> None:
    assert ask(rules, **call) == Ignore()


@pytest.mark.parametrize("body", [b"null", b"[]", b'""', b"x", b"=", b'{"":""}'])
def test_a_call_with_something_in_it_is_not_empty(body: bytes) -> None:
    assert isinstance(ask(body=body), Quarantine)


def test_with_a_secret_a_signed_receipt_is_stored() -> None:
    verdict = ask(SIGNED, query=signed({"messageId": "0A00", "status": "delivered"}))
    assert isinstance(verdict, Store)


@pytest.mark.parametrize(
    "call",
    [
        {"query": PLAIN},
        {"body": PLAIN},
        {"body": b'{"messageId":"0A00"}'},
        {"body": b'{"message_uuid":"0A00"}'},
        {"body": b'{"messageId":'},
        {"query": b"status=delivered"},
        {"query": signed({"messageId": "0A00"}), "body": b"{"},
    ],
)
def test_with_a_secret_an_unsigned_or_unreadable_call_is_503(call: dict[str, Any]) -> None:
    assert ask(SIGNED, **call) == Refuse(503, "unsigned")


@pytest.mark.parametrize("sig", [b"", b"00", b"%C3%A9", b"%FF"])
def test_with_a_secret_a_wrong_or_empty_sig_is_401(sig: bytes) -> None:
    assert ask(SIGNED, query=PLAIN + b"&sig=" + sig) == Refuse(401, "wrong_signature")


def test_with_a_secret_a_wrong_token_is_401() -> None:
    headers = {"authorization": "Bearer x.y.z"}
    verdict = ask(SIGNED, body=b'{"message_uuid":"0A00"}', headers=headers)
    assert verdict == Refuse(401, "wrong_signature")


def test_a_refused_signature_names_the_method_that_would_have_matched() -> None:
    rules = Rules(keys=Keys((SECRET,), "sha512"))
    assert ask(rules, query=signed({"messageId": "0A00"})) == Refuse(
        401, "wrong_signature", "md5hash"
    )


def test_a_signed_call_out_of_the_tolerance_is_401() -> None:
    rules = Rules(keys=Keys((SECRET,), tolerance=300))
    call = signed({"messageId": "0A00", "timestamp": "1"})
    assert ask(rules, query=call) == Refuse(401, "stale")


def test_what_the_signature_does_not_cover_is_in_raw_and_in_no_column() -> None:
    body = signed({"messageId": "0A00", "status": "delivered"})
    verdict = ask(SIGNED, query=b"price=99&tenant=7", body=body)
    assert isinstance(verdict, Store)
    receipt = verdict.receipt
    assert receipt.price is None
    assert json.loads(receipt.raw)["price"] == "99"
    assert json.loads(receipt.raw)["tenant"] == "7"


def test_a_signed_call_without_a_message_id_goes_to_the_quarantine() -> None:
    assert isinstance(ask(SIGNED, query=signed({"status": "delivered"})), Quarantine)


@pytest.mark.parametrize(
    ("call", "reason", "raw"),
    [
        ({"query": b"status=x"}, "no message ID", {"query": "status=x"}),
        ({"query": b"messageId="}, "no message ID", {"query": "messageId="}),
        ({"body": b'{"a":1}'}, "no message ID", {"body": '{"a":1}'}),
        ({"query": b"q=1", "body": b"b=2"}, "no message ID", {"query": "q=1", "body": "b=2"}),
        (
            {"body": b'[{"messageId":"A"}]'},
            "no message ID: a JSON array",
            {"body": '[{"messageId":"A"}]'},
        ),
        ({"body": b'{"a":'}, "not JSON: Expecting value at character 5", {"body": '{"a":'}),
        (
            {"query": b"a=\xff", "body": b"b=\xe9"},
            "no message ID",
            {"query": "a=%FF", "body": "b=%E9"},
        ),
        ({"body": b'{"a":"\xe9"}'}, "no message ID", {"body": r'{"a":"\udce9"}'}),
    ],
)
def test_what_cannot_be_understood_goes_raw_to_the_quarantine_with_its_reason(
    call: dict[str, Any], reason: str, raw: dict[str, Any]
) -> None:
    verdict = ask(**call)
    assert isinstance(verdict, Quarantine)
    assert (verdict.reason, json.loads(verdict.raw)) == (reason, raw)


order: dict[int, dict[str, Any]] = {
    404: {"path": "/"},
    405: {"method": "PUT"},
    403: {"peer": "198.51.100.1"},
    414: {"query": b"x" * (SIZE_LIMIT + 1)},
    503: {"body": b"{"},
}


@pytest.mark.parametrize("first", order)
def test_the_checks_come_in_the_contracts_order(first: int) -> None:
    codes = list(order)
    wrong: dict[str, Any] = {}
    for code in reversed(codes[codes.index(first) :]):
        wrong.update(order[code])
    verdict = ask(Rules(allow=ALLOW, keys=KEYS), **wrong)
    assert isinstance(verdict, Refuse)
    assert verdict.code == first


@pytest.mark.parametrize("code", [404, 405, 403])
def test_an_empty_call_is_still_checked_at_the_door(code: int) -> None:
    verdict = ask(Rules(allow=ALLOW), **order[code])
    assert isinstance(verdict, Refuse)
    assert verdict.code == code


def test_the_rules_are_what_the_settings_say() -> None:
    given_settings = Settings(
        signature_secret=("one", "two"),
        signature_method="sha256",
        signature_tolerance=60.0,
        url_token="s3cret",
        allow=ALLOW,
        trust_proxy=True,
        msisdn="hash",
        msisdn_key="key",
    )
    assert Rules.from_settings(given_settings) == Rules(
        path=f"{WEBHOOK_PATH}/s3cret".encode(),
        keys=Keys((b"one", b"two"), "sha256", 60.0),
        allow=ALLOW,
        trust_proxy=True,
        privacy=Privacy("hash", b"key"),
    )


def test_by_default_nothing_is_checked() -> None:
    assert Rules.from_settings(Settings()) == Rules()


def test_rules_do_not_show_secrets_token_or_key() -> None:
    secrets = Settings(signature_secret=("sss",), url_token="ttt", msisdn_key="kkk")
    shown = repr(Rules.from_settings(secrets))
    assert not any(word in shown for word in ("sss", "ttt", "kkk"))


def test_a_receiver_without_secrets_loads_no_jwt_library() -> None:
    code = (
        "import datetime, json, sys; from dlr_analytics.webhook import judge;"
        "call = judge.Request('GET', judge.WEBHOOK_PATH, b'messageId=A', {}, b'', '');"
        "judge.judge(call, judge.Rules(), datetime.datetime(2026, 11, 24));"
        "print(json.dumps([*sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    heavy = {"jwt", "cryptography", "duckdb", "pandas", "pyarrow", "plotly", "tornado", "click"}
    assert not heavy & set(json.loads(run.stdout))


@pytest.mark.parametrize(
    "call",
    [{"query": b"status=%E9&x=1"}, {"body": b'{"status":"\xe9\\ud800"}'}, {"body": b"a=\xff"}],
)
def test_a_quarantined_call_tried_again_is_judged_as_it_was(call: dict[str, Any]) -> None:
    verdict = ask(**call)
    assert isinstance(verdict, Quarantine)
    assert replay(verdict.raw, Privacy(), NOW) == verdict


def test_a_quarantined_call_tried_again_keeps_its_time_and_its_bytes() -> None:
    raw = json.dumps({"query": "messageId=A&to=caf%E9"})
    verdict = replay(raw, Privacy(), datetime(2020, 1, 1))
    assert isinstance(verdict, Store)
    receipt = verdict.receipt
    assert (receipt.received_at, receipt.sender) == (datetime(2020, 1, 1), "caf\ufffd")


texts = st.text(max_size=40)
all_rules = st.builds(
    Rules,
    path=st.sampled_from([WEBHOOK_PATH.encode(), TOKEN.path]),
    keys=st.sampled_from([None, KEYS, Keys((SECRET, b"new"), "sha1", 60.0)]),
    allow=st.sampled_from([(), ALLOW]),
    trust_proxy=st.booleans(),
    privacy=st.sampled_from([Privacy(), Privacy("mask"), Privacy("hash", b"key")]),
)
pieces = st.sampled_from(
    [
        *(
            b"messageId=A",
            b"message_uuid",
            b"sig=",
            b"status",
            b"msisdn=447700900001",
            b"price=1,5",
        ),
        *(b"{", b"}", b"[", b'"messageId"', b'"message_uuid"', b":", b",", b'"a"', b"null", b"NaN"),
        *(
            b"&",
            b"=",
            b"%",
            b"%FF",
            b"+",
            b"\\ud800",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\0",
            b"1e999",
        ),
        *(
            b"scts=2611240759",
            b"message-timestamp=2026-11-24+08%3A00%3A00",
            b"timestamp=1795507200",
        ),
    ]
)
payloads = st.binary(max_size=80) | st.lists(pieces, max_size=14).map(b"".join)
requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "POST", "HEAD"]) | texts,
    path=st.sampled_from([WEBHOOK_PATH, WEBHOOK_PATH, TOKEN.path.decode()]) | texts,
    query=payloads,
    headers=st.dictionaries(
        st.sampled_from(["authorization", "x-forwarded-for", "content-type"]),
        texts | texts.map("Bearer {}".format) | texts.map("192.0.2.1, {}".format),
    ),
    body=payloads,
    peer=st.sampled_from(["192.0.2.1", "::1"]) | texts,
)


def check_verdict(request: Request, rules: Rules, now: datetime) -> None:
    before = copy.deepcopy(request)
    verdict = judge(request, rules, now)
    assert judge(request, rules, now) == verdict, "the same call is judged the same"
    assert request == before, "a request is not changed"
    match verdict:
        case Store(receipt):
            assert receipt.message_id.strip()
            assert receipt.received_at == now
            json.loads(receipt.raw.encode(), parse_constant=pytest.fail)
        case Quarantine(reason, raw):
            assert reason.encode()
            assert set(json.loads(raw.encode())) <= {"query", "body"}
        case Refuse(code, reason):
            assert code in (401, 403, 404, 405, 413, 414, 503)
            assert reason in REASONS


@pytest.mark.thorough
@settings(max_examples=2000, deadline=None)
@given(requests, all_rules, st.datetimes())
@example(Request("POST", WEBHOOK_PATH, b"", {}, b"{" * 60_000, ""), Rules(), NOW)
@example(Request("POST", WEBHOOK_PATH, b"", {}, b'{"a":' * 12_000, ""), SIGNED, NOW)
@example(Request("POST", WEBHOOK_PATH, b"", {}, b"&a" * 32_000, ""), SIGNED, NOW)
def test_any_request_gets_a_verdict(request: Request, rules: Rules, now: datetime) -> None:
    check_verdict(request, rules, now)


@pytest.mark.slow
@settings(max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(requests, all_rules, st.datetimes())
def test_a_hundred_thousand_requests_each_get_a_verdict(
    request: Request, rules: Rules, now: datetime
) -> None:
    check_verdict(request, rules, now)
