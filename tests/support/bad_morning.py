"""Receipts of nine days that end in five alerts at once, one of each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from dlr_analytics.webhook.receipt import Receipt
from tests.support.pipelines import receipt

BAD_MORNING: Final = dt.datetime(2026, 11, 12, 10)
"""A Thursday, when everything is wrong."""


def bad_morning(sender: str = "Shop") -> Iterator[Receipt]:
    """A network without receipts, one that fails, one that is slow, one that refuses a sender,
    and far more messages than ever to the last one's country."""
    yield from _network("20801", every=4, until=120)
    yield from _network("23410", every=4, until=90)
    yield from _network("26201", every=4, until=90)
    yield from _network("310260", every=4)
    for ago in range(88, 0, -4):
        lost = ago % 3 > 0
        yield from _message("23410", ago, status="failed" if lost else "delivered")
        yield from _message("26201", ago + 0.5, wait=70)
    for ago in range(1, 25):
        refused: dict[str, Any] = {"sender": sender, "err_code": 6 if ago % 2 else 0}
        status = "rejected" if ago % 2 else "delivered"
        yield from _message("310260", ago + 0.25, status=status, **refused)
    for number in range(700):
        yield from _message("310260", 10 + number / 3, part=number)


def _network(network: str, every: int, until: int = 0) -> Iterator[Receipt]:
    """A delivered message every so many minutes, for nine days until so many minutes ago."""
    for ago in range(9 * 1440, until, -every):
        yield from _message(network, ago)


def _message(
    network: str, ago: float, status: str = "delivered", wait: float = 4, part: int = 0, **more: Any
) -> Iterator[Receipt]:
    """Accepted so many minutes ago, and ended so many seconds later."""
    accepted = BAD_MORNING - dt.timedelta(minutes=ago)
    ident = f"{network}-{ago}-{part}-{more.get('sender', '')}"
    for at, name in ((accepted, "accepted"), (accepted + dt.timedelta(seconds=wait), status)):
        if at <= BAD_MORNING:
            yield receipt(
                ident,
                name,
                received_at=at,
                message_timestamp=at,
                network_code=network,
                **more,
            )
