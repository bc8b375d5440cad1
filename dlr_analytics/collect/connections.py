"""Connections: accepted up to a number, looked over each second, let go in an orderly way."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tornado.http1connection import (
    HTTP1Connection,
    HTTP1ConnectionParameters,
    HTTP1ServerConnection,
)
from tornado.httputil import HTTPMessageDelegate, HTTPServerConnectionDelegate
from tornado.iostream import IOStream
from tornado.tcpserver import TCPServer

from dlr_analytics.collect.call import IDLE, READING, Call

MAX_CONNECTIONS: Final = 4096
"""More are closed at once, so that files can still be opened to write to."""

OTHER_FILES: Final = 128
"""Open files that are no connections."""

MAX_BODY: Final = 2**30
"""More than anybody sends in the time that a body may take; Tornado answers it with a reset."""

MAX_HEADERS: Final = 2**18
"""Larger headers are closed without an answer; a query that is too long has to fit in here."""

GRACE: Final = 0.2
"""Seconds in which a request that has left its client already can still arrive when we stop."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of a connection, as Tornado's ``context``."""

    address: str

    def __str__(self) -> str:
        return self.address


class Connections(TCPServer, HTTPServerConnectionDelegate):
    """Hands each request of each connection to ``handle``.

    Limits are looked after by :meth:`sweep`: Tornado's timers, set up and taken down for each
    header and body, cost a tenth of the whole request.
    """

    def __init__(self, handle: Callable[[Call], None]) -> None:
        super().__init__()
        self._handle = handle
        self._calls: dict[HTTP1ServerConnection, Call] = {}
        self._stopping = False
        self._room = _room()
        self._parameters = HTTP1ConnectionParameters(
            max_header_size=MAX_HEADERS, max_body_size=MAX_BODY
        )

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Tornado's: a client has connected."""
        if len(self._calls) >= self._room:
            stream.close()
            return
        context = Peer(str(address[0]))
        HTTP1ServerConnection(stream, self._parameters, context).start_serving(self)

    def start_request(self, server_conn: object, request_conn: Any) -> HTTPMessageDelegate:
        """Tornado's: a connection is ready for its first or next request."""
        assert isinstance(server_conn, HTTP1ServerConnection)
        assert isinstance(request_conn, HTTP1Connection)
        before = self._calls.get(server_conn)
        if self._stopping or (before is not None and before.last):
            # The answer before said that it was the last. A request that came all the same may
            # stand in Tornado's buffer, and would be handled though nobody can be answered.
            server_conn.stream.close()
            return HTTPMessageDelegate()
        patience = READING if before is None else IDLE
        call = self._calls[server_conn] = Call(request_conn, self._handle, patience)
        return call

    def on_close(self, server_conn: object) -> None:
        """Tornado's: a connection has ended."""
        assert isinstance(server_conn, HTTP1ServerConnection)
        self._calls.pop(server_conn, None)

    def sweep(self) -> None:
        """Close what has taken too long."""
        for connection, call in list(self._calls.items()):
            if call.overdue():
                connection.stream.close()

    async def drain(self, seconds: float, give_up: Callable[[], None] = lambda: None) -> None:
        """Accept nobody any more, answer the requests in hand, close all connections.

        Parameters
        ----------
        seconds : float
            After these, whoever is still unanswered is closed too.
        give_up : callable, optional
            Called before that, to have those answered who wait for us.
        """
        self.stop()
        self._stopping = True
        for call in self._calls.values():
            call.last = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        await asyncio.sleep(GRACE)
        while any(call.in_hand for call in self._calls.values()) and loop.time() < deadline:
            await asyncio.sleep(0.01)
        if any(call.in_hand for call in self._calls.values()):
            give_up()
            await asyncio.sleep(0)  # the answers are given by callbacks
        for connection in list(self._calls):
            connection.stream.close()


def _room() -> int:
    """How many connections there can be; the limit on open files is raised as far as we may."""
    wanted = MAX_CONNECTIONS + OTHER_FILES
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= allowed < wanted:  # below 0 is no limit
        allowed = wanted if most < 0 else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
        return max(allowed - OTHER_FILES, 1)
    return MAX_CONNECTIONS
