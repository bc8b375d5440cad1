"""HTTP in practice: keep-alive, pipelined, chunked, HTTP/1.0 and incomplete requests."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import unquote_to_bytes

import pytest

from dlr_analytics.store import quarantine
from tests.support.receivers import PATH, Running, stored

HOST = "Host: localhost\r\n"
LAST = f"GET /healthz HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("connections") / "data")
    yield running
    assert running.stop() == (0, "")


def codes(answers: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"^HTTP/1\.1 (\d+)", answers, re.MULTILINE)]


def get(message_id: str) -> str:
    return f"GET {PATH}?messageId={message_id} HTTP/1.1\r\n{HOST}\r\n"


def post(body: str, *headers: str) -> str:
    fields = "".join(f"{header}\r\n" for header in headers)
    return f"POST {PATH} HTTP/1.1\r\n{HOST}{fields}Content-Length: {len(body)}\r\n\r\n{body}"


def test_a_connection_stays_open_for_the_next_request(receiver: Running) -> None:
    with receiver.connect() as connection:
        for number in range(3):
            connection.sendall(get(f"kept{number}").encode())
            assert codes(connection.recv(65536)) == [200]


def test_pipelined_requests_are_all_answered_in_order(receiver: Running) -> None:
    wire = "".join(get(f"piped{number}") for number in range(10))
    wire += f"GET /nowhere HTTP/1.1\r\n{HOST}\r\n" + LAST
    assert codes(receiver.send(wire.encode())) == [200] * 10 + [404, 200]
    assert all(stored(receiver.data)[f"piped{number}"] == 1 for number in range(10))


def test_a_request_after_one_with_a_refused_body_is_parsed(receiver: Running) -> None:
    wire = post("a" * 100_000) + post("messageId=after413") + LAST
    assert codes(receiver.send(wire.encode())) == [413, 200, 200]
    assert stored(receiver.data)["after413"] == 1


def test_an_answer_to_head_has_no_body_and_the_connection_goes_on(receiver: Running) -> None:
    wire = f"HEAD /nowhere HTTP/1.1\r\n{HOST}\r\n" + LAST
    answers = receiver.send(wire.encode())
    assert codes(answers) == [404, 200]
    assert b"404 Not Found\n" not in answers


@pytest.mark.parametrize("options", ["close", "Close", "upgrade, close", "close ,TE", "a,\tclose"])
@pytest.mark.parametrize("request_line", [f"GET {PATH}", "GET /nowhere", "GET /readyz"])
def test_a_request_to_close_is_honoured_among_other_options(
    receiver: Running, request_line: str, options: str
) -> None:
    wire = f"{request_line} HTTP/1.1\r\n{HOST}Connection: {options}\r\n\r\n"
    answers = receiver.send((wire + get("afterclose")).encode())  # returns when it has closed
    assert len(codes(answers)) == 1
    assert b"\r\nConnection: close\r\n" in answers
    assert "afterclose" not in stored(receiver.data)


def test_two_lines_of_connection_options_are_one_list(receiver: Running) -> None:
    wire = f"GET {PATH} HTTP/1.1\r\n{HOST}Connection: upgrade\r\nConnection: close\r\n\r\n"
    assert codes(receiver.send(wire.encode())) == [200]


@pytest.mark.parametrize("options", ["upgrade", "keep-alive, TE", "closed", ""])
def test_other_connection_options_close_nothing(receiver: Running, options: str) -> None:
    wire = f"GET {PATH} HTTP/1.1\r\n{HOST}Connection: {options}\r\n\r\n"
    assert codes(receiver.send((wire + LAST).encode())) == [200, 200]


def test_http_1_0_is_answered_and_closed(receiver: Running) -> None:
    answer = receiver.send(f"GET {PATH}?messageId=old HTTP/1.0\r\n\r\n".encode())
    assert codes(answer) == [200]
    assert stored(receiver.data)["old"] == 1


def test_http_1_0_connections_can_stay_open(receiver: Running) -> None:
    keep_alive = f"GET {PATH}?messageId=oldkept HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    answers = receiver.send((keep_alive + LAST).encode())
    assert codes(answers) == [200, 200]
    assert b"Connection: Keep-Alive" in answers


def test_a_chunked_body_is_a_body(receiver: Running) -> None:
    wire = (
        f"POST {PATH} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
        "a\r\nmessageId=\r\n7\r\nchunked\r\n0\r\n\r\n"
    )
    assert codes(receiver.send((wire + LAST).encode())) == [200, 200]
    assert stored(receiver.data)["chunked"] == 1


def test_a_chunked_body_over_64_kib_is_413(receiver: Running) -> None:
    chunk = f"{8192:x}\r\n{'a' * 8192}\r\n"
    wire = f"POST {PATH} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
    wire += chunk * 10 + "0\r\n\r\n"
    assert codes(receiver.send((wire + LAST).encode())) == [413, 200]


def test_expect_100_continue_is_answered(receiver: Running) -> None:
    with receiver.connect() as connection:
        body = "messageId=expected"
        connection.sendall(post(body, "Expect: 100-continue").removesuffix(body).encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body.encode())
        assert codes(connection.recv(65536)) == [200]


def test_a_form_of_more_than_1000_fields_is_a_receipt(receiver: Running) -> None:
    body = "messageId=many&" + "&".join(f"f{number}=1" for number in range(2000))
    assert codes(receiver.send((post(body) + LAST).encode())) == [200, 200]
    assert stored(receiver.data)["many"] == 1


@pytest.mark.parametrize(
    "wire",
    [
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        f"GET {PATH} HTTP/9.9\r\n{HOST}\r\n",
        f"POST {PATH} HTTP/1.1\r\n{HOST}Content-Length: -1\r\n\r\n",
        f"POST {PATH} HTTP/1.1\r\n{HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        f"POST {PATH} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_400_and_closed(receiver: Running, wire: str) -> None:
    assert codes(receiver.send(wire.encode())) == [400]


@pytest.mark.parametrize("host", ["http://example.com", "HTTPS://[::1]:443", "http://"])
def test_a_target_may_name_scheme_and_host(receiver: Running, host: str) -> None:
    wire = f"GET {host}{PATH}?messageId=absolute HTTP/1.1\r\n{HOST}\r\n"
    wire += f"GET {host}/nowhere HTTP/1.1\r\n{HOST}\r\nGET {host} HTTP/1.1\r\n{HOST}\r\n"
    before = stored(receiver.data)["absolute"]
    assert codes(receiver.send((wire + LAST).encode())) == [200, 404, 404, 200]
    assert stored(receiver.data)["absolute"] == before + 1


def test_a_gzip_body_is_read_and_a_damaged_one_is_quarantined_unpacked(
    receiver: Running,
) -> None:
    form = b"messageId=packed&status=delivered"
    body = gzip.compress(form)
    assert receiver.ask("POST", PATH, body, {"Content-Encoding": "gzip"}).code == 200
    assert stored(receiver.data)["packed"] == 1
    assert receiver.ask("POST", PATH, body[:-4], {"Content-Encoding": "gzip"}).code == 200
    (entry,) = quarantine.entries(receiver.data)
    assert "damaged gzip" in entry.reason
    assert unquote_to_bytes(json.loads(entry.raw)["body"]) == form


@pytest.mark.slow
def test_slow_clients_are_closed_unanswered_and_others_are_not_affected(
    receiver: Running,
) -> None:
    """Silence, half a request line, half a body; each has 10 s."""
    with ExitStack() as clients:
        slow = [clients.enter_context(receiver.connect()) for _ in range(3)]
        for connection, wire in zip(slow, ("", "GET /", post("messageId=slow")[:-3]), strict=True):
            connection.sendall(wire.encode())
        quick = clients.enter_context(receiver.connect())
        quick.sendall(get("quick").encode())
        assert codes(quick.recv(65536)) == [200]
        assert [connection.recv(65536) for connection in slow] == [b""] * 3  # within its 20 s
        quick.sendall(get("quick").encode())
        assert codes(quick.recv(65536)) == [200]


def test_a_flood_of_headers_is_closed(receiver: Running) -> None:
    with receiver.connect() as connection:
        try:
            for _ in range(64):
                connection.sendall(b"X-Flood: " + b"a" * 65536 + b"\r\n")
            assert connection.recv(65536) == b""
        except (ConnectionResetError, BrokenPipeError):
            connection.close()
    assert receiver.ask(path="/healthz").code == 200


def test_a_client_that_closes_in_the_middle_affects_no_other(receiver: Running) -> None:
    for wire in (get("left")[:30], post("messageId=left")[:-3], get("left")):
        with receiver.connect() as connection:
            connection.sendall(wire.encode())
    assert receiver.ask("GET", f"{PATH}?messageId=stays").code == 200
    assert stored(receiver.data)["stays"] == 1
