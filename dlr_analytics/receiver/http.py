"""One HTTP request: read within bounds, handed over, answered once."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, cast

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from dlr_analytics.receiver.logging import whereabouts
from dlr_analytics.webhook.judge import SIZE_LIMIT, Request

log = logging.getLogger(__name__)

_ORIGIN: Final = re.compile("https?://[^/?#]*(?=/)", re.IGNORECASE)

IDLE: Final = 75.0
"""Seconds that a connection may wait for its next request."""

READING: Final = 10.0
"""Seconds that a connection's first headers may take, and that any body may take."""

ANSWERING: Final = 30.0
"""Seconds until the answer has left: a commit's patience, and a client that reads slowly."""


class Call(HTTPMessageDelegate):
    """A request from the moment its connection is ready for it until its answer has left.

    Parameters
    ----------
    connection : HTTP1Connection
        Where it comes from.
    handle : callable
        Takes the whole request and sees to it that it is answered; whatever it raises is 503.
    patience : float
        Seconds that its headers may take.

    Attributes
    ----------
    in_hand : bool
        Its headers are here, its answer is not given yet.
    at_once : bool
        Its answer was given as soon as it was complete.
    last : bool
        Its answer says that the connection will be closed: the client has asked for that, or
        whoever set it.
    """

    def __init__(
        self, connection: HTTP1Connection, handle: Callable[[Call], None], patience: float
    ) -> None:
        self._connection = connection
        self._handle = handle
        self._body = b""
        self.in_hand = False
        self.at_once = False
        self.last = False
        self._enter(patience)

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        """Tornado's: the request line and the headers are here."""
        line = cast(RequestStartLine, start_line)
        self.in_hand = True
        self.method = line.method
        self.path, _, self._query = _from_path_on(line.path).partition("?")
        self._headers = headers
        self.last |= _asks_to_close(headers)
        self._enter(READING)

    def data_received(self, chunk: bytes) -> None:
        """Tornado's: a part of the body. What is too much is read and thrown away.

        To close on a client that is still sending would reset its connection, and with it the
        answer that says why.
        """
        if len(self._body) <= SIZE_LIMIT:
            self._body += chunk

    def finish(self) -> None:
        """Tornado's: the request is complete. What escaped from here would leave it unanswered."""
        self._enter(ANSWERING)
        try:
            self._handle(self)
        except Exception as error:  # noqa: BLE001 - whatever it was, the receipt must come again
            # Without the error's message, which could hold a phone number.
            log.error("a request was answered 503: %s", whereabouts(error))  # noqa: TRY400
            self.answer(503)
        self.at_once = not self.in_hand

    def on_connection_close(self) -> None:
        """Tornado's: the client has gone before its request was complete."""
        self.in_hand = False

    def request(self) -> Request:
        """What came, for ``intake.judge``."""
        return Request(
            method=self.method,
            path=self.path,
            query=self._query.encode("latin-1"),
            headers=self._headers,  # looks names up whatever their case
            body=self._body,
            peer=str(self._connection.context),
        )

    def answer(
        self, code: int, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> None:
        """Answer. By default the body is empty for 200, else it says what the code means."""
        phrase = HTTPStatus(code).phrase
        if body is None:
            body = b"" if code == 200 else f"{code} {phrase}\n".encode()
        fields = HTTPHeaders({"Content-Length": str(len(body)), **(headers or {})})
        if self.last:
            fields["Connection"] = "close"
        start = ResponseStartLine("HTTP/1.1", code, phrase)
        self._connection.write_headers(start, fields, b"" if self.method == "HEAD" else body)
        self._connection.finish()
        self.in_hand = False
        self._body = b""  # a connection keeps its last call until the next one

    def overdue(self) -> bool:
        """Whether this stage of the request has taken longer than it may."""
        return asyncio.get_running_loop().time() > self._deadline

    def _enter(self, limit: float) -> None:
        self._deadline = asyncio.get_running_loop().time() + limit


def _from_path_on(target: str) -> str:
    """What is asked for, without the scheme and host that whoever takes us for a proxy puts before.

    Examples
    --------
    >>> _from_path_on("/here?a=1"), _from_path_on("http://example.com:80/here?a=1")
    ('/here?a=1', '/here?a=1')
    """
    before = None if target.startswith("/") else _ORIGIN.match(target)
    return target[before.end() :] if before else target


def _asks_to_close(headers: HTTPHeaders) -> bool:
    """Whether ``close`` is a connection option; Tornado sees it only where it is the only one."""
    options = headers.get("Connection", "").lower().split(",")
    return "close" in map(str.strip, options)
