"""Clients that send one receipt after the other, and a ledger of the answers."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from tests.support.receivers import PATH, Running


@dataclass
class Ledger:
    """Message IDs: sent at all, and answered 200. No client sends one of them twice."""

    sent: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def next_id(self) -> str:
        """A message ID that was never sent."""
        message_id = f"{next(self.numbers):016X}"
        self.sent.add(message_id)
        return message_id


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> int:
    """One request on an open connection; the code of its answer."""
    writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: "))
    await reader.readexactly(int(length[16:]))
    return int(head.split(b" ", 2)[1])


async def client(receiver: Running, ledger: Ledger) -> None:
    """Send receipts until the connection ends."""
    reader, writer = await asyncio.open_connection(receiver.url.hostname, receiver.url.port)
    try:
        while True:
            message_id = ledger.next_id()
            target = f"{PATH}?messageId={message_id}&status=delivered&msisdn=447700900123"
            code = await ask(reader, writer, target)
            ledger.answers[code] += 1
            if code == 200:
                ledger.acknowledged.add(message_id)
    except (ConnectionError, asyncio.IncompleteReadError):
        writer.close()


def under_load(
    receiver: Running,
    ledger: Ledger,
    meanwhile: Callable[[], Awaitable[None]],
    clients: int = 32,
    sender: Callable[[Running, Ledger], Coroutine[None, None, None]] = client,
) -> None:
    """Have ``clients`` send until each has ended, which ``meanwhile`` sees to.

    By default each ends when it has lost its connection.
    """

    async def main() -> None:
        sending = [asyncio.create_task(sender(receiver, ledger)) for _ in range(clients)]
        await meanwhile()
        await asyncio.gather(*sending)

    asyncio.run(main())


def lost_and_doubled(ledger: Ledger, found: Counter[str]) -> tuple[set[str], set[str]]:
    """Acknowledged receipts that are not there, and receipts that are there more than once."""
    assert found.keys() <= ledger.sent
    lost = ledger.acknowledged - found.keys()
    return lost, {message_id for message_id, times in found.items() if times > 1}
