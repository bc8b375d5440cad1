"""From the wire to a typed receipt. Total: never raises on content, names what it cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

COLUMNS: Final = {
    "received_at": "TIMESTAMP",
    "message_id": "VARCHAR",
    "msisdn": "VARCHAR",
    "sender": "VARCHAR",
    "network_code": "VARCHAR",
    "status": "VARCHAR",
    "err_code": "SMALLINT",
    "price": "DECIMAL(18,8)",
    "scts": "TIMESTAMP",
    "scts_raw": "VARCHAR",
    "message_timestamp": "TIMESTAMP",
    "api_key": "VARCHAR",
    "client_ref": "VARCHAR",
    "problems": "VARCHAR[]",
    "source": "VARCHAR",
    "raw": "VARCHAR",
}
"""Columns of ``receipts`` and their SQL types, in order."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery receipt, typed as the columns of ``receipts``.

    Times are naive UTC, except ``scts``, which is as the carrier wrote it, without a zone.
    """

    received_at: datetime
    message_id: str
    msisdn: str | None
    sender: str | None
    network_code: str | None
    status: str | None
    err_code: int | None
    price: Decimal | None
    scts: datetime | None
    scts_raw: str | None
    message_timestamp: datetime | None
    api_key: str | None
    client_ref: str | None
    problems: tuple[str, ...]
    source: str
    raw: str
