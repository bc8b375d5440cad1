"""Stray calls that are no receipts: checks of the URL, and malformed requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from dlr_analytics.simulate.world.traffic import Span


class Stray(NamedTuple):
    """A call without a receipt; ``arrived`` in milliseconds of UTC.

    It has ``fields``, or in ``broken`` a truncated body.
    """

    arrived: int
    kind: Literal["quarantined", "empty"]
    transport: Literal["get", "form", "json"]
    fields: Mapping[str, str] = MappingProxyType({})
    broken: bytes = b""


TRIAL: Final = 10
"""A simulation of fewer messages is a trial and has no strays."""

_CHECK: Final = Stray(0, "empty", "get")
_LOST: Final = Stray(0, "quarantined", "json", {"status": "delivered", "msisdn": "447700900123"})
_TEMPLATES: Final = (
    _CHECK,
    _CHECK._replace(transport="form"),
    _CHECK._replace(transport="json"),
    _LOST,
    _LOST._replace(transport="form"),
    _LOST._replace(transport="get"),
    _LOST._replace(fields={}, broken=b'{"messageId":"0A0000001234567B","status":"deliv'),
)


def strays(messages: int, span: Span, rng: Random) -> Iterator[Stray]:
    """Draw a few strays of each kind, in proportion to the traffic."""
    rounds = 0 if messages < TRIAL else 1 + messages // 4000
    for _ in range(rounds):
        for template in _TEMPLATES:
            yield template._replace(arrived=span.at(rng.random()))
