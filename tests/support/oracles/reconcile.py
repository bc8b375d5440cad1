"""The contract's ``reconcile`` in plain Python, from rows as an export writes them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dlr_analytics.webhook.receipt import Receipt
from tests.support.oracles.receipts import ALIASES, FINAL, key_of, nulls_last, of_receipts

NAMES = ("status", "price", "currency")

NEVER = dt.datetime(1970, 1, 1)
"""Earlier than any time in an export."""

Row = Mapping[str, str]


def was_exported(receipt: Receipt) -> bool:
    """Whether a receipt is an imported row of an export: it has the names of its dates."""
    names = {re.sub("[^a-z0-9]", "", name.lower()) for name in json.loads(receipt.raw)}
    return receipt.source == "import" and not names.isdisjoint({"datereceived", "datefinalized"})


def differences(
    rows: Sequence[Row], receipts: Sequence[Receipt], currency: str = "EUR"
) -> list[dict[str, Any]]:
    """One entry a reported message; ``currency`` is that of prices without one."""
    reported: dict[str, tuple[Any, Row]] = {}
    for place, row in enumerate(rows):
        if row["direction"].lower() == "inbound" or row["provider"].lower() in ("viber", "mms"):
            continue
        times = (_time(row["date_finalized"]), _time(row["date_received"]))
        ended = (*(time or NEVER for time in times), place)
        key = key_of(row["message_id"])
        if key not in reported or ended > reported[key][0]:
            reported[key] = ended, row
    received = defaultdict(list)
    for receipt in receipts:
        if not was_exported(receipt):
            received[key_of(receipt.message_id)].append(receipt)
    return [_compared(row, received.get(key, []), currency) for key, (_, row) in reported.items()]


def _compared(row: Row, receipts: Sequence[Receipt], currency: str) -> dict[str, Any]:
    status = row["status"].lower()
    status = "accepted" if status == "submitted" else ALIASES.get(status, status)
    price = Decimal(row["total_price"]) if row["total_price"] else None
    ours: dict[str, Any] = of_receipts(receipts) if receipts else dict.fromkeys(NAMES)
    same = (row["currency"].upper() or None) == (ours["currency"] or currency)
    known = same and price is not None and ours["price"] is not None
    received_at = _time(row["date_received"])
    return {
        "message_id": row["message_id"].strip(),
        "network_code": row["network"] or None,
        "day": received_at.date() if received_at else None,
        "currency": row["currency"].upper() or None,
        "status": status,
        "price": price,
        "received": bool(receipts),
        "received_status": ours["status"],
        "received_price": ours["price"],
        "missing": status in FINAL and not receipts,
        "other_status": status in FINAL and bool(receipts) and ours["status"] != status,
        "other_price": known and price != ours["price"],
        "difference": price - ours["price"] if known and price is not None else None,
    }


def sums(found: Sequence[Mapping[str, Any]], by: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of the command: one for each group and currency."""
    columns = [*by, *(["currency"] if "currency" not in by else [])]
    groups = defaultdict(list)
    for one in found:
        groups[tuple(one[name] for name in columns)].append(one)
    if not groups and not by:
        return [("EUR", 0, 0, 0, 0, 0, None, None, None)]
    return [
        (*group, *_counts(groups[group]))
        for group in sorted(groups, key=lambda group: nulls_last(*group))
    ]


def _counts(found: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    priced = [one for one in found if one["price"] is not None]
    amounts = (
        sum((one["price"] for one in priced), Decimal(0)),
        sum((one["price"] for one in priced if one["missing"]), Decimal(0)),
        sum((one["difference"] for one in found if one["difference"] is not None), Decimal(0)),
    )
    names = ("received", "missing", "other_status", "other_price")
    counts = (sum(one[name] for one in found) for name in names)
    return (len(found), *counts, *(amounts if priced else (None, None, None)))


def listed(found: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """The rows of ``--list``: one for each difference."""
    rows = []
    for one in sorted(found, key=lambda one: nulls_last(one["day"], one["message_id"])):
        head = tuple(one[name] for name in ("message_id", "network_code", "day", "currency"))
        if one["missing"]:
            rows.append((*head, "missing", one["status"], None))
        if one["other_status"]:
            rows.append((*head, "status", one["status"], one["received_status"]))
        if one["other_price"]:
            prices = (f"{one[name]:.8f}" for name in ("price", "received_price"))
            rows.append((*head, "price", *prices))
    return rows


def _time(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text).replace(tzinfo=None) if text else None
