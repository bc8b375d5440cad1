"""The second listener, for who runs the receiver: status, counters. Not for the internet."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from dlr_analytics.receiver.connections import Connections
from dlr_analytics.receiver.http import Call
from dlr_analytics.receiver.prometheus import exposition
from dlr_analytics.receiver.status.collector import Overseer, Overview
from dlr_analytics.receiver.status.page import POLICY, page

log = logging.getLogger(__name__)

_TEXT: Final = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
_PAGE: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
}


class Admin:
    """Handles calls of the admin listener.

    Parameters
    ----------
    overseer : Overseer
        Whom to ask.
    """

    def __init__(self, overseer: Overseer) -> None:
        self._overseer = overseer
        self._answering: set[asyncio.Task[None]] = set()

    def handle(self, call: Call) -> None:
        """See to it that ``call`` is answered."""
        if call.method not in ("GET", "HEAD"):
            call.answer(405, {"Allow": "GET, HEAD"})
        elif call.path == "/healthz":
            call.answer(200)
        elif call.path == "/metrics":
            self._tell(call, _TEXT, exposition)
        elif call.path == "/":
            self._tell(call, _PAGE, page)
        else:
            call.answer(404)

    def _tell(self, call: Call, kind: dict[str, str], say: Callable[[Overview], bytes]) -> None:
        async def tell() -> None:
            try:
                body = say(await self._overseer.look())
            except Exception as error:  # noqa: BLE001 - else whoever asked would wait for ever
                log.error("the admin listener answered 500: %s", type(error).__name__)  # noqa: TRY400
                call.answer(500)
            else:
                call.answer(200, kind, body)

        task = asyncio.create_task(tell())
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)


@asynccontextmanager
async def operated(listeners: list[socket.socket], overseer: Overseer) -> AsyncIterator[None]:
    """Answer on ``listeners`` as long as the block runs."""
    connections = Connections(Admin(overseer).handle)
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
