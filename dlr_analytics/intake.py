"""A request in, a verdict out: the contract's table of answers as a pure function.

No socket, no disk, no clock: receiver, import, replay and fuzzer share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dlr_analytics.receipt import Receipt

WEBHOOK_PATH: Final = "/webhooks/delivery-receipt"


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire: headers by lower-case name, the query and body as bytes.

    ``peer`` is the address that the connection came from.
    """

    method: str
    path: str
    query: bytes
    headers: dict[str, str]
    body: bytes
    peer: str


@dataclass(frozen=True, slots=True)
class Store:
    """A receipt: store it, then answer 200."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Sent in good faith, not understood: keep ``raw``, then answer 200."""

    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer ``code``; leave no byte of the call behind."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """A call with no receipt in it, as Vonage checks the URL: answer 200, store nothing."""


Verdict = Store | Quarantine | Refuse | Nothing
