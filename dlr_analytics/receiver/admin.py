"""The admin listener for the operator: status page, metrics and health check.

It has no authentication and must not be reachable from the internet.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from dlr_analytics.receiver.connections import Connections
from dlr_analytics.receiver.http import HttpRequest
from dlr_analytics.receiver.status.collector import ReceiverStatus, StatusCollector
from dlr_analytics.receiver.status.prometheus import exposition

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 75.0
"""Seconds that an idle connection to the admin listener is kept."""

_METRICS_HEADERS: Final = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
_PAGE_HEADERS: Final = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}

Rendered = tuple[dict[str, str], bytes]
"""Headers and body of a response."""


class AdminHandler:
    """Handle requests to the admin listener.

    Parameters
    ----------
    collector : StatusCollector
        The source of the receiver's status.
    """

    def __init__(self, collector: StatusCollector) -> None:
        self._collector = collector
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(self, request: HttpRequest) -> None:
        """Answer ``request``, now or once the status is collected."""
        if request.method not in ("GET", "HEAD"):
            request.answer(405, {"Allow": "GET, HEAD"})
        elif request.path == "/healthz":
            request.answer(200)
        elif request.path == "/metrics":
            self._answer_later(request, _metrics)
        elif request.path == "/":
            self._answer_later(request, _page)
        else:
            request.answer(404)

    def _answer_later(
        self, request: HttpRequest, render: Callable[[ReceiverStatus], Rendered]
    ) -> None:
        task = asyncio.create_task(self._answer(request, render))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(
        self, request: HttpRequest, render: Callable[[ReceiverStatus], Rendered]
    ) -> None:
        try:
            headers, body = render(await self._collector.collect())
        except Exception as error:  # noqa: BLE001 - without an answer the client would wait
            log.error("the admin listener answered 500: %s", type(error).__name__)  # noqa: TRY400
            request.answer(500)
        else:
            request.answer(200, headers, body)


def _metrics(status: ReceiverStatus) -> Rendered:
    return _METRICS_HEADERS, exposition(status)


def _page(status: ReceiverStatus) -> Rendered:
    # Imported late: Jinja2 costs memory, in a worker that never serves the page too.
    from dlr_analytics.receiver.status.page import POLICY, page

    return {**_PAGE_HEADERS, "Content-Security-Policy": POLICY}, page(status)


@asynccontextmanager
async def admin_server(
    listeners: list[socket.socket], collector: StatusCollector
) -> AsyncIterator[None]:
    """Serve the admin pages on ``listeners`` while the block runs."""
    connections = Connections(AdminHandler(collector).handle, IDLE_SECONDS)
    connections.add_sockets(listeners)

    async def sweep() -> None:
        while True:
            await asyncio.sleep(1)
            connections.sweep()

    sweeping = asyncio.create_task(sweep())
    try:
        yield
    finally:
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping
        await connections.drain(0)
