"""``dlr receive``: the listeners made, and one worker or several set to work on them."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Callable

from tornado.netutil import bind_sockets

from dlr_analytics.errors import AddressInUse, SettingsError
from dlr_analytics.receiver.admin import operated
from dlr_analytics.receiver.compaction import Compacting
from dlr_analytics.receiver.handler import Clock, wall_clock
from dlr_analytics.receiver.stats import Seen
from dlr_analytics.receiver.status.collector import Overseer
from dlr_analytics.receiver.supervisor import Workers
from dlr_analytics.receiver.worker import Worker, told_to_stop
from dlr_analytics.settings import Settings
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.quick_check import quick_check

log = logging.getLogger(__name__)

Listeners = list[socket.socket]


def serve(settings: Settings, announce: Callable[[str], None], clock: Clock = wall_clock) -> None:
    """Receive until SIGTERM or SIGINT, then answer what is in hand, seal, and return.

    Parameters
    ----------
    announce : callable
        Told the address, once, when requests are accepted.
    clock : callable, optional
        Request to its time of arrival, naive UTC; by default now. Several workers, which are
        processes of their own, always take the time of arrival for what it is.

    Raises
    ------
    AddressInUse, SettingsError
        It cannot listen there.
    StoreError
        Nothing can be written to the data directory.
    """
    # First, so that a second receiver by mistake leaves no trace.
    public = _public(settings)
    private = []
    if settings.admin_port:
        remedy = "choose another --admin-port, or none with --admin-port 0"
        private = listen(settings.admin_host, settings.admin_port, "--admin-port", remedy)
    Writer(settings.data).probe()
    for finding in quick_check(settings.data):
        log.warning("%s", finding)
    if settings.workers == 1:
        asyncio.run(_alone(settings, public[0], private, announce, clock))
    else:
        asyncio.run(_several(settings, public, private, announce))


def _public(settings: Settings) -> list[Listeners]:
    """Listeners for each worker, all on one port."""
    remedy = "choose another --port"
    first = listen(settings.host, settings.port, "--port", remedy)
    if settings.workers == 1:
        return [first]
    if sys.platform != "linux":
        return [first] * settings.workers  # only Linux spreads connections over several listeners
    # Who shares its port is not told that somebody else listens there: the first has asked.
    port = first[0].getsockname()[1]
    for listener in first:
        listener.close()
    return [
        listen(settings.host, port, "--port", remedy, share=True) for _ in range(settings.workers)
    ]


def listen(host: str, port: int, option: str, remedy: str, *, share: bool = False) -> Listeners:
    """Sockets that listen on ``host`` and ``port``.

    Parameters
    ----------
    option, remedy : str
        What set the port, and what to do where it is in use.
    share : bool
        With other listeners of ours.
    """
    try:
        return bind_sockets(port, host, reuse_port=share)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise AddressInUse(f"{host}:{port} is in use", remedy) from None
        reason = error.strerror if isinstance(error, OSError) else error
        address = option.replace("port", "host")
        raise SettingsError(
            f"cannot listen on {host}:{port}: {reason}", f"check {address} and {option}"
        ) from None


async def _alone(
    settings: Settings,
    public: Listeners,
    private: Listeners,
    announce: Callable[[str], None],
    clock: Clock,
) -> None:
    told = told_to_stop()
    worker = Worker(settings, public, clock)
    compacting = Compacting(settings.data, settings.compact_at)

    async def seen() -> Seen:
        return worker.seen()

    address = _address(public[0])
    overseer = Overseer(settings, address, seen, compacted_at=lambda: compacting.ended_at)
    async with operated(private, overseer):
        announce(address)
        await worker.run(told, compacting.run())


async def _several(
    settings: Settings, public: list[Listeners], private: Listeners, announce: Callable[[str], None]
) -> None:
    told = told_to_stop()
    workers = Workers(settings, public)
    compacting = Compacting(settings.data, settings.compact_at)
    address = _address(public[0][0])

    async def announce_when_up() -> None:
        await workers.up()
        announce(address)
        await told.wait()

    overseer = Overseer(
        settings,
        address,
        workers.seen,
        workers=lambda: workers.receiving,
        replaced=lambda: workers.replaced,
        compacted_at=lambda: compacting.ended_at,
    )
    async with operated(private, overseer):
        await workers.run(told, announce_when_up(), compacting.run())


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}"
