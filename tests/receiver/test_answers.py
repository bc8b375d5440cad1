"""The contract's table of answers, through real sockets, in the order in which it is checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import jwt
import pytest

from dlr_analytics.store import quarantine
from tests.support.receivers import PATH, Running, stored

LIMIT = 64 * 1024
SECRETS = ("my_secret_key_for_testing", "another that is live as well and long")


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("answers") / "data")
    yield running
    assert running.stop() == (0, "")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(
        tmp_path_factory.mktemp("guarded") / "data",
        "--trust-proxy",
        signature_secret=",".join(SECRETS),
        url_token="t0ken",
        allow="192.0.2.0/24, 2001:db8::/32",
    )
    yield running
    assert running.stop() == (0, "")


def stored_and_quarantined(receiver: Running) -> tuple[int, int]:
    """Numbers of receipts stored and of requests quarantined."""
    return sum(stored(receiver.data).values()), sum(1 for _ in quarantine.entries(receiver.data))


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("transport", ["query", "form", "json"])
def test_a_receipt_by_any_transport_is_answered_200_and_is_on_disk(
    receiver: Running, transport: str, content_type: str
) -> None:
    message_id = f"{transport} as {content_type or 'nothing'}"
    fields = {"messageId": message_id, "status": "delivered", "price": "0.0333"}
    headers = {"Content-Type": content_type} if content_type else {}
    match transport:
        case "query":
            answer = receiver.ask("GET", f"{PATH}?{urlencode(fields)}", None, headers)
        case "form":
            answer = receiver.ask("POST", PATH, urlencode(fields), headers)
        case _:
            answer = receiver.ask("POST", PATH, json.dumps(fields), headers)
    assert (answer.code, answer.body) == (200, b"")
    assert stored(receiver.data)[message_id] == 1


def test_a_messages_api_status_on_the_same_path_is_a_receipt(receiver: Running) -> None:
    status = {"message_uuid": "aaaa-bbbb", "to": "447700900123", "from": "Acme"}
    assert receiver.ask("POST", PATH, json.dumps({**status, "status": "submitted"})).code == 200
    assert stored(receiver.data)["aaaa-bbbb"] == 1


def test_parameters_in_the_query_beside_a_body_are_joined_with_it(receiver: Running) -> None:
    assert receiver.ask("POST", f"{PATH}?status=delivered", "messageId=0AJOINED").code == 200
    assert stored(receiver.data)["0AJOINED"] == 1


@pytest.mark.parametrize("body", [None, "", "{}", " {} "])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_empty_call_is_answered_200_with_the_instance_and_stores_nothing(
    receiver: Running, method: str, body: str | None
) -> None:
    before = stored_and_quarantined(receiver)
    answer = receiver.ask(method, PATH, body)
    assert answer.code == 200
    name = (receiver.data / "instance").read_text()
    assert answer.headers["X-Dlr-Instance"] == name
    assert receiver.ask(path="/healthz").headers["X-Dlr-Instance"] == name
    assert stored_and_quarantined(receiver) == before


@pytest.mark.parametrize("body", ['{"messageId":', "status=delivered", "[1]", "\x00"])
def test_an_unparsable_request_is_answered_200_and_quarantined_raw(
    receiver: Running, body: str
) -> None:
    receipts, quarantined = stored_and_quarantined(receiver)
    assert receiver.ask("POST", PATH, body).code == 200
    assert stored_and_quarantined(receiver) == (receipts, quarantined + 1)


@pytest.mark.parametrize(
    "path", ["/", "/webhooks", f"{PATH}/", f"{PATH}/x", "/WEBHOOKS/delivery-receipt", "/metrics"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_another_path_is_404_whatever_the_method(receiver: Running, method: str, path: str) -> None:
    answer = receiver.ask(method, f"{path}?messageId=1", "a" * LIMIT)
    assert (answer.code, answer.body) == (404, b"404 Not Found\n")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "get"])
def test_another_method_is_405_and_says_which_are_right(receiver: Running, method: str) -> None:
    answer = receiver.ask(method, f"{PATH}?messageId=1")
    assert (answer.code, answer.headers["Allow"]) == (405, "GET, POST")
    assert answer.body == (b"" if method == "HEAD" else b"405 Method Not Allowed\n")


@pytest.mark.parametrize("size", [LIMIT + 1, 2**20, 2**20 + 1, 5 * 2**20])
def test_a_body_over_64_kib_is_413_as_an_answer(receiver: Running, size: int) -> None:
    before = stored_and_quarantined(receiver)
    assert receiver.ask("POST", PATH, b"messageId=1&x=" + b"a" * (size - 14)).code == 413
    assert stored_and_quarantined(receiver) == before


def test_a_body_of_64_kib_is_a_receipt(receiver: Running) -> None:
    assert receiver.ask("POST", PATH, b"messageId=0ALONG&x=" + b"a" * (LIMIT - 19)).code == 200
    assert stored(receiver.data)["0ALONG"] == 1


@pytest.mark.parametrize("size", [LIMIT + 1, 3 * LIMIT])
def test_a_query_over_64_kib_is_414(receiver: Running, size: int) -> None:
    assert receiver.ask("GET", f"{PATH}?messageId=1&x=" + "a" * (size - 14)).code == 414


def test_a_query_of_64_kib_is_a_receipt(receiver: Running) -> None:
    assert receiver.ask("GET", f"{PATH}?messageId=0AQUERY&x=" + "a" * (LIMIT - 20)).code == 200
    assert stored(receiver.data)["0AQUERY"] == 1


def test_it_is_alive_and_ready(receiver: Running) -> None:
    for path in ("/healthz", "/readyz"):
        for method in ("GET", "HEAD"):
            assert receiver.ask(method, path).code == 200


def test_the_checks_come_in_the_contract_s_order(guarded: Running) -> None:
    inside, outside = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "198.51.100.7"}
    path, long = f"{PATH}/t0ken", "a" * (LIMIT + 1)
    before = stored_and_quarantined(guarded)
    assert guarded.ask("PUT", PATH, long, outside).code == 404
    assert guarded.ask("PUT", path, long, outside).code == 405
    assert guarded.ask("POST", path, long, outside).code == 403
    assert guarded.ask("POST", f"{path}?messageId=1", long, inside).code == 413
    assert guarded.ask("GET", f"{path}?{long}", headers=inside).code == 414
    assert guarded.ask("POST", path, "", inside).code == 200
    assert guarded.ask("POST", path, "messageId=1", inside).code == 503
    assert guarded.ask("POST", path, '{"messageId":', inside).code == 503
    assert guarded.ask("POST", path, "messageId=1&sig=abc", inside).code == 401
    assert guarded.ask("POST", path, "messageId=1&sig=", inside).code == 401
    assert stored_and_quarantined(guarded) == before == (0, 0)


def test_what_is_refused_leaves_no_byte_in_journal_or_quarantine(guarded: Running) -> None:
    guarded.ask("POST", f"{PATH}/t0ken", "messageId=1&sig=abc", {"X-Forwarded-For": "192.0.2.7"})
    for folder in ("journal", "quarantine", "receipts", "staging"):
        assert [path for path in (guarded.data / folder).rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], 403),  # the peer itself, 127.0.0.1
        (["192.0.2.7"], 200),
        (["198.51.100.7, 192.0.2.7"], 200),
        (["192.0.2.7, 198.51.100.7"], 403),  # the caller has written the left one
        (["192.0.2.7", "198.51.100.7"], 403),
        (["198.51.100.7", "192.0.2.7"], 200),
        (["192.0.2.7, 127.0.0.1"], 200),  # a proxy before ours on this machine
        (["192.0.2.7:5000"], 200),
        (['"[2001:db8::7]:443"'], 200),
        (["::ffff:192.0.2.7"], 200),
        (["2001:db9::7"], 403),
        (["192.0.2.7, unknown"], 403),
        (["192.0.2.7, "], 200),
        (["\xff"], 403),
    ],
)
def test_behind_a_trusted_proxy_the_last_word_about_the_caller_counts(
    guarded: Running, lines: list[str], code: int
) -> None:
    fields = "".join(f"X-Forwarded-For: {line}\r\n" for line in lines)
    wire = f"GET {PATH}/t0ken HTTP/1.1\r\nHost: x\r\n{fields}Connection: close\r\n\r\n"
    assert guarded.send(wire.encode("latin-1")).startswith(f"HTTP/1.1 {code} ".encode())


SIGNED = (
    "message-timestamp=2013-11-21+15%3A27%3A30&messageId=020000001B0FE827&msisdn=14843472194"
    "&text=Test+again&timestamp=1385047698&to=13239877404&type=text"
)
SIG = "d2e7b1dc968737c5998ad624e02f90b7"


@pytest.mark.parametrize(
    ("sigs", "code"),
    [
        ([SIG], 200),
        ([SIG.upper()], 200),
        (["0" * 32, SIG], 200),
        ([SIG, "0" * 32], 401),
        ([SIG, ""], 401),
        (["%C3%A9" * 16], 401),
        (["%FF" * 32], 401),
        (["%EF%BC%90" * 32], 401),  # digits of another script
        ([], 503),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_signature_is_asked_for_missing_wrong_doubled_and_strange(
    guarded: Running, method: str, sigs: list[str], code: int
) -> None:
    before = stored_and_quarantined(guarded)
    content = "&".join([SIGNED, *(f"sig={sig}" for sig in sigs)])
    query, body = (f"?{content}", None) if method == "GET" else ("", content)
    inside = {"X-Forwarded-For": "192.0.2.7"}
    assert guarded.ask(method, f"{PATH}/t0ken{query}", body, inside).code == code
    # The signed example of Vonage's documentation is an inbound message: no receipt, but kept.
    assert stored_and_quarantined(guarded) == (before[0], before[1] + (code == 200))


@pytest.mark.thorough
def test_a_messages_api_webhook_is_believed_by_its_token_for_this_body_alone(
    guarded: Running,
) -> None:
    body = json.dumps({"message_uuid": "bbbb", "status": "delivered"})
    inside = {"X-Forwarded-For": "192.0.2.7"}
    digest = hashlib.sha256(body.encode()).hexdigest()
    token = jwt.encode({"payload_hash": digest}, SECRETS[1], "HS256")
    believed = {**inside, "authorization": f"Bearer {token}"}
    path = f"{PATH}/t0ken"
    assert guarded.ask("POST", path, body, inside).code == 503
    assert guarded.ask("POST", path, body.replace("bbbb", "cccc"), believed).code == 401
    assert guarded.ask("POST", path, body, believed).code == 200
    assert stored(guarded.data)["bbbb"] == 1
    assert "cccc" not in stored(guarded.data)
