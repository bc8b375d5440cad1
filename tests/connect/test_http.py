"""One request: one time limit for all of it, no retry, no redirect, no proxy for this machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from dlr_analytics.connect.http import NoResponse, fetch
from tests.fakes.vonage import FakeVonage, Fault, answered
from tests.fakes.web import answer, served, trickle
from tests.fakes.world import Authority
from tests.support.receivers import free_port

PATH = "/account/get-balance"


@pytest.fixture
def vonage() -> Iterator[tuple[FakeVonage, str]]:
    fake = FakeVonage()
    yield fake, fake.start()
    fake.stop()


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["trickle", "silent"])
def test_a_server_that_takes_its_time_is_left_at_the_limit(
    vonage: tuple[FakeVonage, str], kind: str
) -> None:
    fake, url = vonage
    fake.faults[PATH] = [Fault(kind)]
    started = time.monotonic()
    with pytest.raises(NoResponse, match="no answer within the time limit of 1 s") as caught:
        fetch("GET", url + PATH, 1)
    assert caught.value.sent
    assert time.monotonic() - started < 2
    assert len(fake.requests) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["cut", "half", "garbage"])
def test_a_post_that_fails_is_not_made_again(vonage: tuple[FakeVonage, str], kind: str) -> None:
    fake, url = vonage
    fake.faults["/sms/json"] = [Fault(kind)]
    with pytest.raises(NoResponse, match="the connection was cut") as caught:
        fetch("POST", f"{url}/sms/json", 5, body=b"to=1")
    assert caught.value.sent
    assert len(fake.requests) == 1


def test_a_redirect_is_an_answer(vonage: tuple[FakeVonage, str]) -> None:
    fake, url = vonage
    fake.faults["/sms/json"] = [Fault("redirect")]
    assert fetch("POST", f"{url}/sms/json", 5, body=b"to=1").status == 307
    assert len(fake.requests) == 1


def test_a_status_is_an_answer(vonage: tuple[FakeVonage, str]) -> None:
    fake, url = vonage
    fake.faults[PATH] = [answered(503, "busy")]
    response = fetch("GET", url + PATH, 5)
    assert (response.status, response.body) == (503, b"busy")


def test_a_port_without_a_server_refuses_and_nothing_was_sent() -> None:
    with pytest.raises(NoResponse, match="connection refused") as caught:
        fetch("GET", f"http://127.0.0.1:{free_port()}/", 5)
    assert not caught.value.sent


def test_a_name_that_there_is_not_cannot_be_resolved() -> None:
    with pytest.raises(NoResponse, match="cannot resolve") as caught:
        fetch("GET", "http://nobody.invalid/", 5)
    assert not caught.value.sent


def test_a_resolver_that_hangs_is_left_and_the_request_is_never_sent(
    vonage: tuple[FakeVonage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = vonage
    resolved = threading.Event()
    resolve = socket.getaddrinfo

    def slowly(*arguments: object, **more: object) -> object:
        resolved.wait(10)
        return resolve(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with pytest.raises(NoResponse, match="no connection within the time limit") as caught:
        fetch("POST", f"{url}/sms/json", 0.3, body=b"to=1")
    assert not caught.value.sent
    resolved.set()
    time.sleep(0.5)
    assert fake.requests == []


def test_a_handshake_that_never_ends_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(NoResponse, match="no connection within the time limit") as caught:
            fetch("GET", f"https://127.0.0.1:{port}/", 0.5)
    assert not caught.value.sent


@pytest.mark.thorough
def test_looking_up_the_name_counts_as_connecting(
    vonage: tuple[FakeVonage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver answers in time for the whole limit, too late for that of connecting."""
    fake, url = vonage
    resolve = socket.getaddrinfo

    def slowly(*arguments: object, **more: object) -> object:
        time.sleep(2)
        return resolve(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with pytest.raises(NoResponse, match="no connection within the time limit of 1 s") as caught:
        fetch("GET", url + PATH, 20, connect=1)
    assert not caught.value.sent
    assert fake.requests == []


def test_an_answer_may_take_longer_than_connecting() -> None:
    def late(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(1)
        answer(handler, 200)

    with served(late) as port:
        assert fetch("GET", f"http://127.0.0.1:{port}/", 20, connect=0.5).status == 200


def page(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, 200, b"hello")


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


def test_a_trusted_certificate_says_when_it_ends(trusted: Authority) -> None:
    ends = datetime.now(UTC) + timedelta(days=9)
    with served(page, trusted.server(not_after=ends)) as port:
        response = fetch("GET", f"https://localhost:{port}/", 5)
    assert response.certificate_ends == int(ends.timestamp())


def test_a_certificate_that_is_not_trusted_is_not_accepted(authority: Authority) -> None:
    with (
        served(page, authority.server()) as port,
        pytest.raises(NoResponse, match="certificate is not accepted") as caught,
    ):
        fetch("GET", f"https://localhost:{port}/", 5)
    assert not caught.value.sent


def test_an_expired_certificate_is_not_accepted(trusted: Authority) -> None:
    ended = datetime.now(UTC) - timedelta(days=1)
    with (
        served(page, trusted.server(not_after=ended)) as port,
        pytest.raises(NoResponse, match="certificate has expired"),
    ):
        fetch("GET", f"https://localhost:{port}/", 5)


def test_a_certificate_of_another_host_is_not_accepted(trusted: Authority) -> None:
    with (
        served(page, trusted.server("dlr.example.com")) as port,
        pytest.raises(NoResponse, match="certificate is not accepted"),
    ):
        fetch("GET", f"https://localhost:{port}/", 5)


def test_a_server_without_tls_has_no_certificate() -> None:
    with served(page) as port, pytest.raises(NoResponse, match=r"no certificate|was cut"):
        fetch("GET", f"https://localhost:{port}/", 5)


def test_this_machine_is_never_asked_through_a_proxy(
    vonage: tuple[FakeVonage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    _, url = vonage
    assert fetch("GET", url + PATH, 5).status == 401
    assert fetch("GET", url.replace("127.0.0.1", "localhost") + PATH, 5).status == 401
    with pytest.raises(NoResponse, match="refused"):
        fetch("GET", "http://rest.example.com/", 5)


def test_another_machine_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str | None]] = []

    def proxy(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.path, handler.headers["Proxy-Authorization"]))
        answer(handler, 204)

    with served(proxy) as port:
        monkeypatch.setenv("http_proxy", f"http://me:pass@127.0.0.1:{port}")
        assert fetch("GET", "http://rest.example.com/account?a=1", 5).status == 204
    assert asked == [("http://rest.example.com/account?a=1", "Basic bWU6cGFzcw==")]


@pytest.mark.thorough
def test_bytes_that_come_one_by_one_do_not_put_the_limit_off() -> None:
    started = time.monotonic()
    with served(trickle) as port, pytest.raises(NoResponse, match="time limit of 2 s"):
        fetch("GET", f"http://127.0.0.1:{port}/", 2)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "http://127.0.0.1:80x", "[::1", "http://:3128"]
)
def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("all_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(
        NoResponse, match="the environment's proxy is none like http://host:port"
    ) as caught:
        fetch("GET", "http://vonage.example/", 5)
    assert not caught.value.sent


def test_tls_goes_through_the_proxy_to_the_host_that_is_meant(
    trusted: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def tunnel(listener: socket.socket, port: int) -> None:
        client, _ = listener.accept()
        asked.append(client.recv(65536).split()[1])
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=copy, args=[server, client])
            back.start()
            copy(client, server)
            back.join()

    def copy(source: socket.socket, target: socket.socket) -> None:
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)

    with (
        served(page, trusted.server("dlr.example.com")) as port,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        proxy = threading.Thread(target=tunnel, args=[listener, port])
        proxy.start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
        response = fetch("GET", "https://dlr.example.com/", 5)
        proxy.join()
    assert (response.status, response.body) == (200, b"hello")
    assert asked == [b"dlr.example.com:443"]
