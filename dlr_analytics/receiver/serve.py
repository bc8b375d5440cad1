"""``dlr receive``: create the listeners and run one or several workers on them."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Callable

from tornado.netutil import bind_sockets

from dlr_analytics.errors import AddressInUse, SettingsError
from dlr_analytics.receiver.admin import admin_server
from dlr_analytics.receiver.compaction import DailyCompaction
from dlr_analytics.receiver.connections import warn_of_low_limit
from dlr_analytics.receiver.handler import Clock, wall_clock
from dlr_analytics.receiver.shipping.schedule import Shipper
from dlr_analytics.receiver.stats import Stats
from dlr_analytics.receiver.status.collector import StatusCollector
from dlr_analytics.receiver.supervisor import Supervisor
from dlr_analytics.receiver.worker import Worker, stop_event
from dlr_analytics.settings import Settings
from dlr_analytics.store.format import format_of
from dlr_analytics.store.instance import instance_name
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.quick_check import quick_check

log = logging.getLogger(__name__)

Listeners = list[socket.socket]


def serve(settings: Settings, announce: Callable[[str], None], clock: Clock = wall_clock) -> None:
    """Receive until SIGTERM or SIGINT, then answer open requests, seal, and return.

    Parameters
    ----------
    announce : callable
        Called once with the address, when requests are accepted.
    clock : callable, optional
        Request to its time of arrival, naive UTC; by default now. Several workers, which are
        processes of their own, always use the default.

    Raises
    ------
    AddressInUse, SettingsError
        It cannot listen there.
    NewerFormat
        A newer release has written the data directory.
    StoreError
        Nothing can be written to the data directory.
    DamagedFile
        Its file ``format`` or ``instance`` cannot be read.
    """
    format_of(settings.data)
    # First, so that a second receiver started by mistake leaves no trace.
    public = _public_listeners(settings)
    private = []
    if settings.admin_port:
        remedy = "choose another --admin-port, or none with --admin-port 0"
        private = listen(settings.admin_host, settings.admin_port, "--admin-port", remedy)
    Writer(settings.data).probe()
    instance_name(settings.data)  # raises before any worker starts
    warn_of_low_limit()
    for finding in quick_check(settings.data):
        log.warning("%s", finding)
    if settings.workers == 1:
        asyncio.run(_run_worker(settings, public[0], private, announce, clock))
    else:
        asyncio.run(_run_supervisor(settings, public, private, announce))


def _public_listeners(settings: Settings) -> list[Listeners]:
    """Listeners for each worker, all on one port."""
    remedy = "choose another --port"
    first = listen(settings.host, settings.port, "--port", remedy)
    if settings.workers == 1:
        return [first]
    if sys.platform != "linux":
        return [first] * settings.workers  # only Linux spreads connections over several listeners
    # With SO_REUSEPORT, binding succeeds beside another receiver: the first bind is without it.
    port = first[0].getsockname()[1]
    for listener in first:
        listener.close()
    return [
        listen(settings.host, port, "--port", remedy, share=True) for _ in range(settings.workers)
    ]


def listen(host: str, port: int, option: str, remedy: str, *, share: bool = False) -> Listeners:
    """Open sockets that listen on ``host`` and ``port``.

    Parameters
    ----------
    option, remedy : str
        The option that sets the port, and what to do if it is in use.
    share : bool
        Share the port with other listeners of ours.

    Raises
    ------
    AddressInUse, SettingsError
        It cannot listen there.
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


async def _run_worker(
    settings: Settings,
    public: Listeners,
    private: Listeners,
    announce: Callable[[str], None],
    clock: Clock,
) -> None:
    stop = stop_event()
    worker = Worker(settings, public, clock)
    compaction = DailyCompaction(settings.data, settings.compact_at)
    shipper = Shipper(settings)

    async def stats() -> Stats:
        return worker.stats()

    address = _address(public[0])
    collector = StatusCollector(settings, address, stats, compacted_at=lambda: compaction.ended_at)
    async with admin_server(private, collector):
        announce(address)
        await worker.run(stop, compaction.run(), shipper.run())
        await shipper.finish()


async def _run_supervisor(
    settings: Settings, public: list[Listeners], private: Listeners, announce: Callable[[str], None]
) -> None:
    stop = stop_event()
    supervisor = Supervisor(settings, public)
    compaction = DailyCompaction(settings.data, settings.compact_at)
    shipper = Shipper(settings)
    address = _address(public[0][0])

    async def announce_when_up() -> None:
        await supervisor.up()
        announce(address)
        await stop.wait()

    collector = StatusCollector(
        settings,
        address,
        supervisor.stats,
        workers=lambda: supervisor.receiving,
        replaced=lambda: supervisor.replaced,
        compacted_at=lambda: compaction.ended_at,
    )
    async with admin_server(private, collector):
        await supervisor.run(stop, announce_when_up(), compaction.run(), shipper.run())
        await shipper.finish()


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}"
