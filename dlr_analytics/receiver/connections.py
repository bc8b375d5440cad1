"""Connections: accepted up to a limit, swept each second, drained at shutdown."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.iostream import IOStream, StreamClosedError, UnsatisfiableReadError
from tornado.tcpserver import TCPServer

from dlr_analytics.receiver.http import READ_TIMEOUT, HttpRequest
from dlr_analytics.receiver.logging import error_location

log = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 4096
"""Connections beyond are closed at once, so that files can still be opened for writing."""

OTHER_FILES: Final = 128
"""Open files that are not connections."""

MAX_BODY_BYTES: Final = 2**30
"""More than a client can send within READ_TIMEOUT; Tornado answers larger bodies with a reset."""

MAX_HEADER_BYTES: Final = 2**18
"""Larger headers are closed without an answer; a query that is too long has to fit in here."""

REPORT_SECONDS: Final = 60.0
"""Least time between two log lines about refused connections."""

GRACE_SECONDS: Final = 0.2
"""Time at shutdown for requests that are already on the network."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of a connection, as Tornado's ``context``."""

    address: str

    def __str__(self) -> str:
        return self.address


class Connections(TCPServer):
    """Pass each request of each connection to ``handle``.

    Tornado's own loop over a connection's requests yields after each; a request that has waited for
    its commit has yielded already, and would only have its socket removed from the selector and
    added again. Time limits are checked by :meth:`sweep`: Tornado's timers, set and cancelled for
    each header and body, cost a tenth of the whole request.

    A connection waits ``idle_seconds`` for its next request. ``refused`` counts the connections
    that were closed at once, since too many were open.
    """

    def __init__(self, handle: Callable[[HttpRequest], None], idle_seconds: float) -> None:
        super().__init__()
        self._handle = handle
        self._idle_seconds = idle_seconds
        self.refused = 0
        self._reported = 0
        self._report_at = 0.0
        self._serving: set[asyncio.Task[None]] = set()
        self._requests: dict[IOStream, HttpRequest] = {}
        self._stopping = False
        self._limit = _connection_limit()
        self._parameters = HTTP1ConnectionParameters(
            max_header_size=MAX_HEADER_BYTES, max_body_size=MAX_BODY_BYTES
        )

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Tornado's callback: a client has connected."""
        if len(self._serving) >= self._limit:
            stream.close()
            self.refused += 1
            return
        serving = asyncio.create_task(self._serve(stream, Peer(str(address[0]))))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, stream: IOStream, peer: Peer) -> None:
        """Read request after request, until the client closes or the last is answered.

        Anything sent after the last request is not read: it would be handled but never answered.
        """
        timeout = READ_TIMEOUT
        try:
            while not self._stopping:
                connection = HTTP1Connection(
                    stream, is_client=False, params=self._parameters, context=peer
                )
                request = self._requests[stream] = HttpRequest(connection, self._handle, timeout)
                if not await connection.read_response(request) or request.is_last:
                    break
                timeout = self._idle_seconds
                if request.answered_at_once:
                    await asyncio.sleep(0)  # or one busy client would starve the others
        except (StreamClosedError, UnsatisfiableReadError):
            pass  # the client has gone
        except Exception as error:  # noqa: BLE001 - one connection must not affect others
            log.error("a connection was closed: %s", error_location(error))  # noqa: TRY400
        finally:
            stream.close()
            self._requests.pop(stream, None)

    def sweep(self) -> None:
        """Close the connections that exceed their time limit."""
        for stream, request in list(self._requests.items()):
            if request.is_overdue():
                stream.close()
        self._report_refused(asyncio.get_running_loop().time())

    def _report_refused(self, now: float) -> None:
        """Log refused connections, at most once a minute."""
        if self.refused > self._reported and now >= self._report_at:
            more = self.refused - self._reported
            log.warning("%d connections refused: %d are open, the limit", more, self._limit)
            self._reported, self._report_at = self.refused, now + REPORT_SECONDS

    async def drain(self, seconds: float, give_up: Callable[[], None] = lambda: None) -> None:
        """Stop accepting, answer the requests in progress, close all connections.

        Parameters
        ----------
        seconds : float
            After this time, connections with unanswered requests are closed too.
        give_up : callable, optional
            Called before that, to fail the requests that still wait for the disk.
        """
        self.stop()
        self._stopping = True
        for request in self._requests.values():
            request.is_last = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        await asyncio.sleep(GRACE_SECONDS)
        while self._is_busy() and loop.time() < deadline:
            await asyncio.sleep(0.01)
        if self._is_busy():
            give_up()
            await asyncio.sleep(0)  # the answers are given by callbacks
        for stream in list(self._requests):
            stream.close()

    def _is_busy(self) -> bool:
        return any(request.in_progress for request in self._requests.values())


def _connection_limit() -> int:
    """Raise the limit on open files if permitted; return the connections allowed."""
    wanted = MAX_CONNECTIONS + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < wanted:  # below 0 is no limit
        soft = wanted if hard < 0 else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(soft - OTHER_FILES, 1)
    return MAX_CONNECTIONS


def warn_of_low_limit() -> None:
    """Log a warning where the limit on open files allows fewer connections than usual."""
    allowed = _connection_limit()
    if allowed < MAX_CONNECTIONS:
        wanted = MAX_CONNECTIONS + OTHER_FILES
        log.warning(
            "the hard limit on open files allows only %d connections: raise it to %d"
            " (ulimit -Hn, LimitNOFILE=)",
            allowed,
            wanted,
        )
