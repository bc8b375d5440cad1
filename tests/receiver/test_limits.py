"""Slow clients, too many of them, and the last requests before the end."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tornado.http1connection import HTTP1Connection
from tornado.netutil import bind_sockets

from dlr_analytics.receiver import connections as connections_module
from dlr_analytics.receiver import http as http_module
from dlr_analytics.receiver.connections import Connections
from dlr_analytics.receiver.http import HttpRequest

REQUEST = "GET /here HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF_A_BODY = "POST /here HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"


class Host:
    """Connections in this process; by default the test answers their requests."""

    def __init__(
        self, handle: Callable[[HttpRequest], None] | None = None, idle_seconds: float = 75.0
    ) -> None:
        self.requests: list[HttpRequest] = []
        self.connections = Connections(handle or self.requests.append, idle_seconds)
        sockets = bind_sockets(0, "127.0.0.1")
        self.address = sockets[0].getsockname()
        self.connections.add_sockets(sockets)
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, wire: str = "") -> asyncio.StreamReader:
        """Connect a client that sends ``wire`` and then waits."""
        reader, writer = await self.open()
        writer.write(wire.encode())
        await asyncio.sleep(0.05)
        return reader

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect a client that sends nothing yet."""
        reader, writer = await asyncio.open_connection(*self.address)
        self._writers.append(writer)
        return reader, writer

    async def leave(self) -> None:
        """Close all clients."""
        for writer in self._writers:
            writer.close()
            await asyncio.wait([asyncio.ensure_future(writer.wait_closed())])
        self._writers.clear()
        await asyncio.sleep(0.05)


@asynccontextmanager
async def hosting(handle: Callable[[HttpRequest], None] | None = None) -> AsyncIterator[Host]:
    host = Host(handle)
    try:
        yield host
    finally:
        host.connections.stop()
        await host.leave()


def run(
    scene: Callable[[Host], Awaitable[None]], handle: Callable[[HttpRequest], None] | None = None
) -> None:
    async def main() -> None:
        async with hosting(handle) as host:
            await scene(host)

    asyncio.run(main())


def no_time_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection overdue while it is read."""
    monkeypatch.setattr(http_module, "READ_TIMEOUT", -1)
    monkeypatch.setattr(connections_module, "READ_TIMEOUT", -1)


STAGES = pytest.mark.parametrize("wire", ["", "GET / HTTP", HALF_A_BODY])


@STAGES
def test_overdue_connections_are_closed_by_the_sweep(
    monkeypatch: pytest.MonkeyPatch, wire: str
) -> None:
    no_time_to_read(monkeypatch)

    async def scene(host: Host) -> None:
        client = await host.connect(wire)
        assert not client.at_eof()
        host.connections.sweep()
        assert await client.read() == b""

    run(scene)


@STAGES
def test_connections_in_time_are_not_closed(wire: str) -> None:
    async def scene(host: Host) -> None:
        client = await host.connect(wire)
        host.connections.sweep()
        await asyncio.sleep(0.05)
        assert not client.at_eof()

    run(scene)


def test_a_client_may_wait_longer_with_its_next_request_than_with_its_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_time_to_read(monkeypatch)

    async def scene(host: Host) -> None:
        idle, served = await host.connect(), await host.connect(REQUEST)
        host.requests[0].answer(200)
        assert (await served.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        await asyncio.sleep(0.05)
        host.connections.sweep()
        assert await idle.read() == b""
        assert not served.at_eof()

    run(scene)


@pytest.mark.parametrize(("idle_seconds", "closed"), [(0.01, True), (600.0, False)])
def test_an_idle_connection_is_closed_after_the_time_set(idle_seconds: float, closed: bool) -> None:
    async def scene() -> None:
        host = Host(idle_seconds=idle_seconds)
        client = await host.connect(REQUEST)
        host.requests[0].answer(200)
        assert (await client.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        await asyncio.sleep(0.1)
        host.connections.sweep()
        await asyncio.sleep(0.1)
        assert client.at_eof() == closed
        host.connections.stop()
        await host.leave()

    asyncio.run(scene())


def test_connections_over_the_limit_are_counted_and_logged_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections_module, "MAX_CONNECTIONS", 1)

    async def scene(host: Host) -> None:
        await host.connect()
        for count in (1, 2):
            assert await (await host.connect()).read() == b""
            assert host.connections.refused == count
            host.connections.sweep()
        assert caplog.messages == ["1 connections refused: 1 are open, the limit"]

    run(scene)


@pytest.mark.parametrize(("hard", "allowed"), [(129, 1), (1024, 896), (4224, None), (-1, None)])
def test_a_low_limit_on_open_files_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    hard: int,
    allowed: int | None,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (min(64, hard), hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: None)
    connections_module.warn_of_low_limit()
    expected = f"the hard limit on open files allows only {allowed} connections"
    assert [message.partition(":")[0] for message in caplog.messages] == [expected] * bool(allowed)


def test_more_connections_than_the_cap_are_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "MAX_CONNECTIONS", 2)

    async def scene(host: Host) -> None:
        first, second = await host.connect(), await host.connect()
        third = await host.connect()
        assert await third.read() == b""
        assert not first.at_eof()
        assert not second.at_eof()
        await host.leave()
        fourth = await host.connect(REQUEST)
        host.requests[0].answer(200)
        assert (await fourth.readline()) == b"HTTP/1.1 200 OK\r\n"

    run(scene)


def test_a_busy_client_does_not_starve_others() -> None:
    paths: list[str] = []

    def handle(request: HttpRequest) -> None:
        paths.append(request.path)
        request.answer(404)

    async def scene(host: Host) -> None:
        _, greedy = await host.open()
        _, other = await host.open()
        greedy.write(REQUEST.encode() * 1000)
        other.write(REQUEST.replace("/here", "/there").encode())
        while len(paths) < 1001:
            await asyncio.sleep(0.01)
        assert paths.index("/there") < 900

    run(scene, handle)


def test_an_error_of_a_connection_closes_that_one_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("447700900123")

    async def scene(host: Host) -> None:
        healthy = await host.connect(REQUEST)
        monkeypatch.setattr(HTTP1Connection, "read_response", broken)
        assert await (await host.connect(REQUEST)).read() == b""
        host.requests[0].answer(200)
        assert await healthy.readline() == b"HTTP/1.1 200 OK\r\n"

    run(scene)
    assert "a connection was closed: ValueError in" in caplog.text
    assert "447700900123" not in caplog.text


def test_draining_answers_what_is_in_hand_and_says_that_it_was_the_last() -> None:
    async def scene(host: Host) -> None:
        client, idle = await host.connect(REQUEST), await host.connect()
        draining = asyncio.create_task(host.connections.drain(5))
        await asyncio.sleep(0.3)
        assert not draining.done()
        host.requests[0].answer(200)
        await draining
        answer = await client.read()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Connection: close\r\n" in answer
        assert await idle.read() == b""

    run(scene)


def test_a_client_that_never_stops_asking_does_not_keep_us() -> None:
    async def scene(host: Host) -> None:
        client = await host.connect(REQUEST * 3)
        draining = asyncio.create_task(host.connections.drain(5))
        await asyncio.sleep(0)
        host.requests[0].answer(200)
        await draining
        assert (await client.read()).count(b"HTTP/1.1 200 OK") == 1
        assert len(host.requests) == 1, "what cannot be answered any more must not be handled"

    run(scene)


def test_draining_ends_though_somebody_is_never_answered() -> None:
    async def scene(host: Host) -> None:
        client = await host.connect(REQUEST)
        await host.connections.drain(0.05)
        assert await client.read() == b""

    run(scene)


def test_a_handler_that_raises_is_answered_503_and_no_number_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def handle(_: HttpRequest) -> None:
        raise ValueError("447700900123")

    async def scene(host: Host) -> None:
        client = await host.connect(REQUEST)
        assert await client.readline() == b"HTTP/1.1 503 Service Unavailable\r\n"

    run(scene, handle)
    assert "ValueError in" in caplog.text
    assert "447700900123" not in caplog.text
