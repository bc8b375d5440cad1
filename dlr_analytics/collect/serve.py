"""``dlr receive``: the parts put together, started, and stopped in an orderly way."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tornado.netutil import bind_sockets

from dlr_analytics.collect.admin import admin
from dlr_analytics.collect.commit import Commit
from dlr_analytics.collect.connections import Connections
from dlr_analytics.collect.receiver import Clock, Receiver, wall_clock
from dlr_analytics.collect.sealing import Sealing
from dlr_analytics.errors import AddressInUse, SettingsError
from dlr_analytics.intake import rules_from
from dlr_analytics.settings import Settings
from dlr_analytics.store.instance import instance_name
from dlr_analytics.store.survey import survey
from dlr_analytics.store.writer import Writer

log = logging.getLogger(__name__)

DRAIN: Final = 4.0
"""Seconds for the requests in hand, once we are told to stop."""

LAST_SEAL: Final = 5.0
"""Seconds for the last sealing; with the others within the 10 s that a supervisor grants."""


def serve(settings: Settings, announce: Callable[[str], None], clock: Clock = wall_clock) -> None:
    """Receive until SIGTERM or SIGINT, then answer what is in hand, seal, and return.

    Parameters
    ----------
    announce : callable
        Told the address, once, when requests are accepted.
    clock : callable, optional
        Request to its time of arrival, naive UTC; by default now.

    Raises
    ------
    AddressInUse, SettingsError
        It cannot listen there.
    StoreError
        Nothing can be written to the data directory.
    """
    if settings.workers > 1:
        raise SettingsError("--workers: there is one process only so far", "use --workers 1")
    writer = Writer(settings.data)
    writer.probe()
    for finding in survey(settings.data):
        log.warning("%s", finding)
    public = listen(settings.host, settings.port, "--port", "choose another --port")
    private = []
    if settings.admin_port:
        remedy = "choose another --admin-port, or none with --admin-port 0"
        private = listen(settings.admin_host, settings.admin_port, "--admin-port", remedy)
    asyncio.run(_serve(settings, writer, public, private, announce, clock))


def listen(host: str, port: int, option: str, remedy: str) -> list[socket.socket]:
    """Sockets that listen on ``host`` and ``port``.

    Parameters
    ----------
    option, remedy : str
        What set the port, and what to do where it is in use.
    """
    try:
        return bind_sockets(port, host)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise AddressInUse(f"{host}:{port} is in use", remedy) from None
        reason = error.strerror if isinstance(error, OSError) else error
        address = option.replace("port", "host")
        raise SettingsError(
            f"cannot listen on {host}:{port}: {reason}", f"check {address} and {option}"
        ) from None


async def _serve(
    settings: Settings,
    writer: Writer,
    public: list[socket.socket],
    private: list[socket.socket],
    announce: Callable[[str], None],
    clock: Clock,
) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    with ThreadPoolExecutor(1, "writer") as thread:
        commit = Commit(writer, thread)
        receiver = Receiver(rules_from(settings), clock, commit, instance_name(settings.data))
        sealing = Sealing(settings.data, writer, thread, settings.seal_seconds, settings.seal_bytes)
        served = Connections(receiver.handle)
        served.add_sockets(public)
        operated = Connections(admin(receiver.counts))
        operated.add_sockets(private)
        announce(_address(public[0]))
        try:
            await _until(told, sealing.run(), _sweep(commit, served, operated))
        finally:
            await served.drain(DRAIN)
            await sealing.finish(LAST_SEAL)
            await operated.drain(0)


async def _until(told: asyncio.Event, *chores: Coroutine[Any, Any, None]) -> None:
    """Do the chores until told to stop; one that breaks stops the receiver, and is raised."""
    stop = asyncio.create_task(told.wait())
    tasks = [asyncio.create_task(chore) for chore in chores]
    ended, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (stop, *tasks):
        task.cancel()
    await asyncio.wait(tasks)
    for task in ended:
        task.result()


async def _sweep(commit: Commit, *listeners: Connections) -> None:
    while True:
        await asyncio.sleep(1)
        commit.expire()
        for connections in listeners:
            connections.sweep()


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}"
