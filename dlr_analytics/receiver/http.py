"""One HTTP request: read within limits, passed to a handler, answered once."""

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

from dlr_analytics.receiver.logging import error_location
from dlr_analytics.webhook.judge import SIZE_LIMIT, Request

log = logging.getLogger(__name__)

_ORIGIN: Final = re.compile("https?://[^/?#]*(?=/)", re.IGNORECASE)

READ_TIMEOUT: Final = 10.0
"""Seconds for a connection's first headers, and for any body."""

ANSWER_TIMEOUT: Final = 30.0
"""Seconds until the answer is sent: the commit timeout, and a client that reads slowly."""


class HttpRequest(HTTPMessageDelegate):
    """A request, from when its connection is ready for it until its answer is sent.

    Parameters
    ----------
    connection : HTTP1Connection
        The connection to read from and answer on.
    handle : callable
        Takes the whole request and answers it, now or later; any exception is answered 503.
    timeout : float
        Seconds for its headers.

    Attributes
    ----------
    in_progress : bool
        Its headers are read and its answer is not given yet.
    answered_at_once : bool
        Its answer was given as soon as it was complete.
    is_last : bool
        Its answer says that the connection will be closed: the client has asked for that, or the
        receiver stops.
    """

    def __init__(
        self, connection: HTTP1Connection, handle: Callable[[HttpRequest], None], timeout: float
    ) -> None:
        self._connection = connection
        self._handle = handle
        self._body = b""
        self.in_progress = False
        self.answered_at_once = False
        self.is_last = False
        self._set_timeout(timeout)

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        """Tornado's callback: the request line and the headers are read."""
        line = cast(RequestStartLine, start_line)
        self.in_progress = True
        self.method = line.method
        self.path, _, self._query = _without_origin(line.path).partition("?")
        self._headers = headers
        self.is_last |= _asks_to_close(headers)
        self._set_timeout(READ_TIMEOUT)

    def data_received(self, chunk: bytes) -> None:
        """Tornado's callback: a part of the body; bytes beyond the limit are dropped.

        To close on a client that is still sending would reset its connection, and lose the answer
        that says why.
        """
        if len(self._body) <= SIZE_LIMIT:
            self._body += chunk

    def finish(self) -> None:
        """Tornado's callback: the request is complete; answers 503 on an exception."""
        self._set_timeout(ANSWER_TIMEOUT)
        try:
            self._handle(self)
        except Exception as error:  # noqa: BLE001 - whatever it was, Vonage must send it again
            # Without the error's message, which could quote a phone number.
            log.error("a request was answered 503: %s", error_location(error))  # noqa: TRY400
            self.answer(503)
        self.answered_at_once = not self.in_progress

    def on_connection_close(self) -> None:
        """Tornado's callback: the client closed before its request was complete."""
        self.in_progress = False

    def to_request(self) -> Request:
        """The request as ``webhook.judge`` takes it."""
        return Request(
            method=self.method,
            path=self.path,
            query=self._query.encode("latin-1"),
            headers=self._headers,  # looks names up regardless of case
            body=self._body,
            peer=str(self._connection.context),
        )

    def answer(
        self, code: int, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> None:
        """Send the answer; the default body is empty for 200, else code and phrase."""
        phrase = HTTPStatus(code).phrase
        if body is None:
            body = b"" if code == 200 else f"{code} {phrase}\n".encode()
        fields = HTTPHeaders({"Content-Length": str(len(body)), **(headers or {})})
        if self.is_last:
            fields["Connection"] = "close"
        start = ResponseStartLine("HTTP/1.1", code, phrase)
        self._connection.write_headers(start, fields, b"" if self.method == "HEAD" else body)
        self._connection.finish()
        self.in_progress = False
        self._body = b""  # an idle connection keeps its last request until the next one

    def is_overdue(self) -> bool:
        """Whether the current stage of the request exceeds its time limit."""
        return asyncio.get_running_loop().time() > self._deadline

    def _set_timeout(self, seconds: float) -> None:
        self._deadline = asyncio.get_running_loop().time() + seconds


def _without_origin(target: str) -> str:
    """The request target without scheme and host, which clients send to a proxy.

    Examples
    --------
    >>> _without_origin("/here?a=1"), _without_origin("http://example.com:80/here?a=1")
    ('/here?a=1', '/here?a=1')
    """
    origin = None if target.startswith("/") else _ORIGIN.match(target)
    return target[origin.end() :] if origin else target


def _asks_to_close(headers: HTTPHeaders) -> bool:
    """Whether ``close`` is among the connection options; Tornado expects it alone."""
    options = headers.get("Connection", "").lower().split(",")
    return "close" in map(str.strip, options)
