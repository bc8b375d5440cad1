"""Fields of a message from its receipts, in plain Python, written from the contract.

Where the contract leaves a choice, the choice is marked with "chosen".
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from dlr_analytics.webhook.receipt import Receipt

FINAL = ("delivered", "read", "failed", "rejected", "expired")
TIES = ("delivered", "read", "failed", "rejected", "expired", "unknown")
ALIASES = {
    "delivrd": "delivered",
    "acceptd": "accepted",
    "undeliv": "failed",
    "undeliverable": "failed",
    "rejectd": "rejected",
    "deleted": "failed",
}
FIELDS = ("price", "msisdn", "sender", "network_code", "client_ref", "api_key", "channel")


def key_of(message_id: str) -> str:
    """What identifies a message: no regard to case and surrounding space."""
    return message_id.strip(" \t\n\r").lower()


def told_at(receipt: Receipt) -> dt.datetime | None:
    """The message_timestamp, None where it is missing or cannot be true."""
    moment = receipt.message_timestamp
    if moment is None or moment.year < 2000:
        return None
    return None if moment > receipt.received_at + dt.timedelta(hours=24) else moment


def moment_of(receipt: Receipt) -> dt.datetime:
    return told_at(receipt) or receipt.received_at


def status_of(receipt: Receipt) -> str | None:
    return ALIASES.get(receipt.status or "", receipt.status)


def nulls_last(*values: Any) -> tuple[Any, ...]:
    return tuple((value is None, value) for value in values)


def currency_of(receipt: Receipt) -> str | None:
    if receipt.source == "sms":
        return None
    usage = json.loads(receipt.raw).get("usage", {})
    currency = usage.get("currency") if isinstance(usage, dict) else None
    if isinstance(currency, str) and re.fullmatch("[A-Za-z]{3}", currency):
        return currency.upper()
    return None


def parts_of(receipt: Receipt) -> int | None:
    """The number of parts that the Messages API states."""
    if receipt.source == "sms":
        return None
    sms = json.loads(receipt.raw).get("sms")
    total = sms.get("count_total") if isinstance(sms, dict) else None
    return int(str(total)) if re.fullmatch("[0-9]{1,4}", str(total)) else None


def speakers(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Of equal receipts the first. Chosen: a full tie goes by whatever else they say."""
    equal: dict[tuple[Any, ...], list[Receipt]] = defaultdict(list)
    for r in receipts:
        equal[status_of(r), r.err_code, r.scts_raw].append(r)

    def first(r: Receipt) -> tuple[Any, ...]:
        rest = (r.message_timestamp, r.price, currency_of(r), r.network_code, r.msisdn, r.sender)
        more = (
            r.client_ref,
            r.api_key,
            r.message_id,
            r.scts,
            list(r.problems),
            r.channel,
            parts_of(r),
        )
        return nulls_last(moment_of(r), r.received_at, *rest, *more)

    return [min(copies, key=first) for copies in equal.values()]


def by_age(receipts: Iterable[Receipt]) -> list[Receipt]:
    """Latest first. Chosen: a tie in status too goes by err_code, then by scts as written."""

    def latest(r: Receipt) -> tuple[Any, ...]:
        status = status_of(r)
        rank = TIES.index(status) if status in TIES else len(TIES)
        return (rank, *nulls_last(status, r.err_code, r.scts_raw))

    ordered = sorted(receipts, key=latest)
    return sorted(ordered, key=lambda r: (moment_of(r), r.received_at), reverse=True)


def deciding(latest_first: Sequence[Receipt]) -> Receipt:
    final = [r for r in latest_first if status_of(r) in FINAL]
    unknown = [r for r in latest_first if status_of(r) == "unknown"]
    return (final or unknown or latest_first)[0]


def of_receipts(receipts: Sequence[Receipt]) -> dict[str, Any]:
    """Fields of a message from its receipts alone."""
    latest_first = by_age(speakers(receipts))
    decides = deciding(latest_first)
    precedence = [decides, *latest_first]
    accepted = [r for r in latest_first if status_of(r) == "accepted"]
    finals = [r.received_at for r in latest_first if status_of(r) in FINAL]
    delivered = [t for r in latest_first if status_of(r) == "delivered" and (t := told_at(r))]
    prices = {r.price for r in latest_first if r.price is not None}
    problems = {problem for r in latest_first for problem in r.problems}
    if len(prices) > 1:
        problems.add("prices_disagree")
    if any(r.message_timestamp is not None and told_at(r) is None for r in latest_first):
        problems.add("message_timestamp_implausible")
    found: dict[str, Any] = {
        name: next((v for r in precedence if (v := getattr(r, name)) is not None), None)
        for name in FIELDS
    }
    return found | {
        "message_id": latest_first[-1].message_id,  # chosen: as first written
        "currency": next((c for r in precedence if (c := currency_of(r)) is not None), None),
        "parts": next((n for r in precedence if (n := parts_of(r)) is not None), None),
        "status": status_of(decides),
        "err_code": decides.err_code,
        "scts": decides.scts,
        "told_at": told_at(decides),
        "delivered_at": max(delivered, default=None),
        "receipts": len(receipts),
        "duplicates": len(receipts) - len(latest_first),
        "first_seen_at": min(r.received_at for r in latest_first),
        "last_seen_at": max(r.received_at for r in latest_first),
        "final_at": min(finals, default=None),
        "first_at": moment_of(latest_first[-1]),
        "accepted_at": told_at(accepted[-1]) if accepted else None,
        "problems": problems,
    }


NO_RECEIPTS: dict[str, Any] = {
    **dict.fromkeys(FIELDS),
    "message_id": None,
    "currency": None,
    "parts": None,
    "status": "none",
    "err_code": None,
    "scts": None,
    "told_at": None,
    "delivered_at": None,
    "receipts": 0,
    "duplicates": 0,
    "first_seen_at": None,
    "last_seen_at": None,
    "final_at": None,
    "first_at": None,
    "accepted_at": None,
    "problems": set(),
}
