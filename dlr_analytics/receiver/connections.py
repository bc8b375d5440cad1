"""Connections: accepted up to a number, looked over each second, let go in an orderly way."""

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

from dlr_analytics.receiver.http import IDLE, READING, Call
from dlr_analytics.receiver.logging import whereabouts

log = logging.getLogger(__name__)

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


class Connections(TCPServer):
    """Hands each request of each connection to ``handle``.

    Tornado's own loop over a connection's requests steps aside after each; one that has waited for
    its commit has done so, and would only find its socket taken from the selector and put back.
    Limits are looked after by :meth:`sweep`: Tornado's timers, set up and taken down for each
    header and body, cost a tenth of the whole request.
    """

    def __init__(self, handle: Callable[[Call], None]) -> None:
        super().__init__()
        self._handle = handle
        self._serving: set[asyncio.Task[None]] = set()
        self._calls: dict[IOStream, Call] = {}
        self._stopping = False
        self._room = _room()
        self._parameters = HTTP1ConnectionParameters(
            max_header_size=MAX_HEADERS, max_body_size=MAX_BODY
        )

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Tornado's: a client has connected."""
        if len(self._serving) >= self._room:
            stream.close()
            return
        serving = asyncio.create_task(self._serve(stream, Peer(str(address[0]))))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, stream: IOStream, peer: Peer) -> None:
        """One request after the other, until the client goes, or is told that it was the last.

        What stands behind the last one is not read: it would be handled, and nobody answered.
        """
        patience = READING
        try:
            while not self._stopping:
                request = HTTP1Connection(
                    stream, is_client=False, params=self._parameters, context=peer
                )
                call = self._calls[stream] = Call(request, self._handle, patience)
                if not await request.read_response(call) or call.last:
                    break
                patience = IDLE
                if call.at_once:
                    await asyncio.sleep(0)  # or whoever never stops asking keeps the others waiting
        except (StreamClosedError, UnsatisfiableReadError):
            pass  # the client has gone
        except Exception as error:  # noqa: BLE001 - whatever it was, others must go on
            log.error("a connection was closed: %s", whereabouts(error))  # noqa: TRY400
        finally:
            stream.close()
            self._calls.pop(stream, None)

    def sweep(self) -> None:
        """Close what has taken too long."""
        for stream, call in list(self._calls.items()):
            if call.overdue():
                stream.close()

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
        for stream in list(self._calls):
            stream.close()


def _room() -> int:
    """How many connections there can be; the limit on open files is raised as far as we may."""
    wanted = MAX_CONNECTIONS + OTHER_FILES
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= allowed < wanted:  # below 0 is no limit
        allowed = wanted if most < 0 else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
        return max(allowed - OTHER_FILES, 1)
    return MAX_CONNECTIONS
