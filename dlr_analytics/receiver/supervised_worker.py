"""A worker in a process of its own.

Run as ``python -m dlr_analytics.receiver.supervised_worker CHANNEL FD...``.

The channel is a socket to whoever supervises. It reads what to do from there and tells what it has
seen: each second, and whenever it is asked. Where the channel ends, the other side has died, and
the worker stops in an orderly way too.
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
from dlr_analytics.receiver.worker import Worker, told_to_stop
from dlr_analytics.settings import Settings

TELL: Final = 1.0
"""Seconds between two reports that nobody asked for: what a killed worker has seen is kept."""

_LENGTH: Final = 4


def pack(thing: object) -> bytes:
    """``thing`` as it goes over the channel."""
    data = pickle.dumps(thing)
    return len(data).to_bytes(_LENGTH, "big") + data


async def unpack(reader: asyncio.StreamReader) -> Any:
    """The next thing from the channel.

    Raises
    ------
    EOFError
        The other side has gone.
    """
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
        data = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise EOFError from error
    return pickle.loads(data)  # noqa: S301 - from the other process of the two, that is from us


async def _work(channel: int, descriptors: list[int]) -> None:
    told = told_to_stop()
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=channel))
    settings: Settings = await unpack(reader)
    logging.start(settings.log)
    worker = Worker(settings, [socket.socket(fileno=number) for number in descriptors], wall_clock)

    def tell() -> None:
        if not writer.is_closing():
            writer.write(pack(worker.seen()))

    async def answer() -> None:
        try:
            while True:
                await unpack(reader)
                tell()
        except EOFError:
            told.set()
            await asyncio.Event().wait()

    async def report() -> None:
        while True:
            tell()
            await asyncio.sleep(TELL)

    await worker.run(told, answer(), report())
    tell()
    writer.close()
    with contextlib.suppress(ConnectionError):  # nobody there any more who could be told
        await writer.wait_closed()


if __name__ == "__main__":
    with contextlib.suppress(EOFError):  # nobody there any more before we had begun
        asyncio.run(_work(int(sys.argv[1]), [int(number) for number in sys.argv[2:]]))
