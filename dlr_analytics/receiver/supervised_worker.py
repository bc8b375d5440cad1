"""A worker in a process of its own.

Run as ``python -m dlr_analytics.receiver.supervised_worker CHANNEL FD...``.

The channel is a socket to the supervisor. The worker reads the settings from it and reports its
statistics, each second and on request. When the channel closes, the supervisor has died, and the
worker stops in an orderly way too.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import socket
import sys
from typing import Any, Final

from dlr_analytics.receiver import logging
from dlr_analytics.receiver.handler import wall_clock
from dlr_analytics.receiver.worker import Worker, stop_event
from dlr_analytics.settings import Settings

REPORT_INTERVAL: Final = 1.0
"""Seconds between two reports, so that the statistics of a killed worker are not lost."""

_LENGTH_BYTES: Final = 4


def pack(message: object) -> bytes:
    """Encode a message for the channel."""
    data = pickle.dumps(message)
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data


async def unpack(reader: asyncio.StreamReader) -> Any:
    """Read the next message from the channel.

    Raises
    ------
    EOFError
        The other side has closed it.
    """
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES), "big")
        data = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise EOFError from error
    return pickle.loads(data)  # noqa: S301 - written by the process at the other end, our own


async def _work(channel: int, descriptors: list[int]) -> None:
    stop = stop_event()
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=channel))
    settings: Settings = await unpack(reader)
    logging.configure_logging(settings.log)
    worker = Worker(settings, [socket.socket(fileno=number) for number in descriptors], wall_clock)

    def report() -> None:
        if not writer.is_closing():
            writer.write(pack(worker.stats()))

    async def report_on_request() -> None:
        try:
            while True:
                await unpack(reader)
                report()
        except EOFError:
            stop.set()
            await asyncio.Event().wait()

    async def report_regularly() -> None:
        while True:
            report()
            await asyncio.sleep(REPORT_INTERVAL)

    await worker.run(stop, report_on_request(), report_regularly())
    report()
    writer.close()
    with contextlib.suppress(ConnectionError):  # the supervisor has gone already
        await writer.wait_closed()


if __name__ == "__main__":
    with contextlib.suppress(EOFError):  # the supervisor died before the worker had started
        asyncio.run(_work(int(sys.argv[1]), [int(number) for number in sys.argv[2:]]))
