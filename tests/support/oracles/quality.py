"""What is wrong with each message, in plain Python, written from the words of `flaws.py`."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dlr_analytics.flaws import FLAWS, Flaw
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.receipt import Receipt
from tests.support.oracles.receipts import (
    key_of,
    moment_of,
    nulls_last,
    speakers,
    status_of,
    told_at,
)

Flaws = dict[tuple[str, str], int | None]
"""How many receipts show it, by message key and problem; None where only the message does."""


def flaws(
    rows: Mapping[str, Mapping[str, Any]],
    receipts: Iterable[Receipt],
    sends: Iterable[Send],
    as_of: dt.datetime,
) -> Flaws:
    """All flaws of the messages ``rows``, whose columns have an oracle of their own."""
    came: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        if receipt.received_at <= as_of:
            came[key_of(receipt.message_id)].append(receipt)
    logged = {key_of(send.message_id) for send in sends}
    found: Flaws = {}
    for key, row in rows.items():
        shown = _of_receipts(row, came[key])
        named = {*row["problems"], *_of_message(row, key in logged)}
        named |= {name for name in shown if name.startswith("receipt_")}
        found |= {(key, name): shown.get(name) for name in named}
    return found


def _of_message(row: Mapping[str, Any], logged: bool) -> Iterable[str]:
    if not row["receipts"]:
        yield "receipt_missing"
    elif not logged:
        yield "send_missing"
    if row["sent_at"] is None:
        yield "send_time_missing"
    if row["sent_at_source"] == "accepted":
        yield "send_time_stand_in"
    offset_missing = row["scts"] is not None and row["scts_offset_min"] is None
    measurable = row["status"] == "delivered" and "times_contradict" not in row["problems"]
    if measurable and offset_missing:
        yield "offset_unknown"
    if row["price"] is None:
        yield "price_unknown"
    if row["network_code"] is None:
        yield "network_code_missing"


def _of_receipts(row: Mapping[str, Any], receipts: Sequence[Receipt]) -> dict[str, int]:
    """How many receipts show each problem."""
    equal = Counter((status_of(r), r.err_code, r.scts_raw) for r in receipts)
    counts = Counter({"receipt_repeated": sum(equal.values()) - len(equal)})
    for receipt in speakers(receipts):
        before = [r for r in receipts if r.received_at < receipt.received_at]
        counts["receipt_out_of_order"] += any(moment_of(r) > moment_of(receipt) for r in before)
    for receipt in receipts:
        named = set(receipt.problems)
        if receipt.message_timestamp is not None and told_at(receipt) is None:
            named.add("message_timestamp_implausible")
        if row["sent_at_source"] not in (None, "accepted") and _second(
            moment_of(receipt)
        ) < _second(row["sent_at"]):
            named.add("receipt_before_send")
        if receipt.received_at - row["message_time"] > dt.timedelta(hours=72):
            named.add("receipt_late")
        counts.update(named)
    return {name: count for name, count in counts.items() if count}


def _second(moment: dt.datetime) -> dt.datetime:
    return moment.replace(microsecond=0)


def quality(
    rows: Mapping[str, Mapping[str, Any]],
    found: Flaws,
    by: str | None,
    elsewhere: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """The rows of ``quality``: in each group those problems that are there; of all, every one.

    ``elsewhere`` are the messages of other channels.
    """
    groups: dict[Any, list[str]] = defaultdict(list)
    for key, row in rows.items():
        groups[row[by] if by else None].append(key)
    others: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row in elsewhere:
        others[row[by] if by else None].append(row)
    if not by:
        groups[None] = list(rows)
    return [
        ({by: group} if by else {}) | result
        for group in sorted({*groups, *others}, key=nulls_last)
        for flaw in FLAWS
        if (
            result := _left_out(flaw, others[group])
            if flaw.level == "other"
            else _summed(flaw, groups[group], rows, found)
        )["messages"]
        or not by
    ]


def _left_out(flaw: Flaw, others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    is_channel = flaw.problem == "other_channel"
    shown = others if is_channel else []
    return {
        "problem": flaw.problem,
        "meaning": flaw.meaning,
        "messages": len(shown),
        "share": None,
        "in_receipts": sum(row["receipts"] for row in shown) if is_channel else None,
        "example": min((row["message_id"] for row in shown), default=None),
        "effect": flaw.effect,
    }


def _summed(
    flaw: Flaw, keys: Sequence[str], rows: Mapping[str, Mapping[str, Any]], found: Flaws
) -> dict[str, Any]:
    showing = [key for key in keys if (key, flaw.problem) in found]
    counts = [n for key in showing if (n := found[key, flaw.problem]) is not None]
    return {
        "problem": flaw.problem,
        "meaning": flaw.meaning,
        "messages": len(showing),
        "share": len(showing) / len(keys) if keys else None,
        "in_receipts": sum(counts) if counts or flaw.level == "receipt" else None,
        "example": min((rows[key]["message_id"] for key in showing), default=None),
        "effect": flaw.effect,
    }
