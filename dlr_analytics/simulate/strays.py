"""Calls that are no receipts: checks of the URL, and what nobody can understand."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final, Literal, NamedTuple

from dlr_analytics.simulate.traffic import Span


class Stray(NamedTuple):
    """A call without a receipt; ``arrived`` in milliseconds of UTC."""

    arrived: int
    kind: Literal["quarantined", "empty"]
    transport: Literal["get", "form", "json"]
    content: bytes


_EMPTY: Final[tuple[tuple[Literal["get", "form", "json"], bytes], ...]] = (
    ("get", b""),
    ("form", b""),
    ("json", b"{}"),
)
_BROKEN: Final[tuple[tuple[Literal["get", "form", "json"], bytes], ...]] = (
    ("json", b'{"messageId":"0A0000001234567B","status":"deliv'),
    ("json", b'{"status":"delivered","msisdn":"447700900123","price":"0.03330000"}'),
    ("form", b"status=delivered&msisdn=447700900456&err-code=0"),
    ("get", b"status=failed&err-code=1"),
)


def strays(messages: int, span: Span, rng: Random) -> Iterator[Stray]:
    """A few strays of each sort, more of them where there is more traffic."""
    for _ in range(1 + messages // 4000):
        for transport, content in _EMPTY:
            yield Stray(span.at(rng.random()), "empty", transport, content)
        for transport, content in _BROKEN:
            yield Stray(span.at(rng.random()), "quarantined", transport, content)
