"""Receipts, a data directory, and a disk that fails on demand."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from typing import Any

from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.journal import codec
from dlr_analytics.store.journal.writer import Entry
from dlr_analytics.webhook.receipt import Receipt

NOON = dt.datetime(2026, 11, 24, 12)


def make_receipt(message_id: str = "0A00", **values: Any) -> Receipt:
    """A delivered receipt of noon, except ``values``."""
    usual: dict[str, Any] = {
        "received_at": NOON,
        "msisdn": "447700900123",
        "sender": "Acme",
        "network_code": "23410",
        "status": "delivered",
        "err_code": 0,
        "price": Decimal("0.03330000"),
        "scts": dt.datetime(2026, 11, 24, 12),
        "scts_raw": "2611241200",
        "message_timestamp": NOON,
        "api_key": "abcd1234",
        "client_ref": None,
        "problems": (),
        "source": "sms",
        "channel": "sms",
        "raw": '{"messageId":"0A00"}',
    }
    return Receipt(message_id=message_id, **{**usual, **values})


def entry(message_id: str, received_at: dt.datetime = NOON) -> Entry:
    """A line of a journal."""
    receipt = make_receipt(message_id, received_at=received_at)
    return Entry(received_at.date(), codec.encode(receipt))


def without_part(name: str) -> str:
    """The name of a file; of a compacted one without the part that derives from its contents."""
    return re.sub(r"^(z-\d{6})-[0-9a-f]{16}\.parquet$", r"\1.parquet", name)


class Disk:
    """System calls that are counted, and fail from the ``first`` to the ``last``.

    A failing write first writes half of what it was given, as a full disk does.
    """

    def __init__(self, first: int = 0, last: int = 0) -> None:
        self.made = 0
        self.names: list[str] = []
        self._failing = range(first, last + 1)
        self.calls = SystemCalls(**{f.name: self._wrapped(f.name) for f in fields(SystemCalls)})

    def _wrapped(self, name: str) -> Callable[..., Any]:
        real = getattr(REAL, name)

        def call(*arguments: Any) -> Any:
            self.made += 1
            self.names.append(name)
            if self.made in self._failing:
                if name == "write":
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*arguments)

        return call
