"""An alert: a row of ``watch``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

COLUMNS: Final = {
    "kind": "silence, delivery, latency, filtered or volume",
    "network_code": "the network; NULL for volume, and where all networks are silent together",
    "country": "the country, or that of the network",
    "sender": "the sender whose messages are refused; NULL for all other kinds",
    "began_at": "when the window began (naive UTC); silence: arrival of the last receipt",
    "minutes": "length of the window",
    "messages": "messages in the window; silence: receipts",
    "value": "the share or count of the window",
    "usual": "the share or count that is usual",
    "text": "one sentence with the figures",
}
"""The columns of ``watch`` and their meanings, in order."""

TYPES: Final = {
    **dict.fromkeys(COLUMNS, "VARCHAR"),
    "began_at": "TIMESTAMP",
    **dict.fromkeys(("minutes", "messages"), "BIGINT"),
    **dict.fromkeys(("value", "usual"), "DOUBLE"),
}
"""Their SQL types."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is wrong just now; the fields are :data:`COLUMNS`, in order."""

    kind: str
    network_code: str | None
    country: str | None
    sender: str | None
    began_at: dt.datetime | None
    minutes: int
    messages: int
    value: float
    usual: float
    text: str
