"""The contract's definitions of ``messages`` in plain Python: slow, and easy to read beside it.

Written from the contract and not from the SQL. Where the contract leaves a choice, the choice is
marked with "chosen".
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.receipt import Receipt
from tests.support.oracles.receipts import FINAL, NO_RECEIPTS, key_of, nulls_last, of_receipts

MATURE = dt.timedelta(hours=72)


@dataclass(frozen=True)
class World:
    """What messages depend on, besides receipts and sends.

    ``places`` has country and name by network code, ``countries`` the country by MCC, ``offsets``
    the learned offset by message key.
    """

    as_of: dt.datetime
    given: bool
    currency: str
    pattern: re.Pattern[str] | None
    places: Mapping[str, tuple[str | None, str | None]]
    countries: Mapping[str, str]
    offsets: Mapping[str, int | None]


def of_sends(records: Sequence[Send]) -> dict[str, Any]:
    """Fields of the send log and the Reports API; where both have one, Reports wins."""

    def precedence(s: Send) -> tuple[Any, ...]:
        rest = (s.sent_at, s.part, s.price, s.currency, s.network_code, s.msisdn, s.sender)
        return s.source != "reports", nulls_last(
            *rest, s.client_ref, s.sms_id, s.parts, s.message_id
        )

    ordered = sorted(records, key=precedence)
    names = ("msisdn", "sender", "network_code", "client_ref", "price", "currency")
    found = {
        name: next((v for s in ordered if (v := getattr(s, name)) is not None), None)
        for name in (*names, "sms_id", "part", "parts")
    }
    times = {
        source: min((s.sent_at for s in records if s.source == source), default=None)
        for source in ("sends", "reports")
    }
    return found | times | {"message_id": ordered[0].message_id if ordered else None}


def sent_in(client_ref: str | None, pattern: re.Pattern[str] | None) -> dt.datetime | None:
    """The send time that the user's pattern finds. Chosen: none before 2000."""
    match = pattern.search(client_ref) if pattern and client_ref is not None else None
    if match is None:
        return None
    try:
        moment = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=int(match["epoch"]))
    except OverflowError:
        return None
    return moment if moment.year >= 2000 else None


def floor_seconds(later: dt.datetime | None, earlier: dt.datetime | None) -> int | None:
    if later is None or earlier is None:
        return None
    return (later - earlier) // dt.timedelta(seconds=1)


def message(
    key: str, receipts: Sequence[Receipt], records: Sequence[Send], world: World
) -> dict[str, Any]:
    """One message, all but ``outcome``, ``expected`` and ``expected_se``."""
    received: dict[str, Any] = of_receipts(receipts) if receipts else dict(NO_RECEIPTS)
    sent = of_sends(records)
    row: dict[str, Any] = received | {
        name: received[name] if received[name] is not None else sent[name]
        for name in ("msisdn", "sender", "network_code", "client_ref", "price", "currency")
    }
    row["channel"] = received["channel"] or "sms"
    row["message_id"] = received["message_id"] or sent["message_id"]
    row["currency"] = row["currency"] or world.currency
    row |= {"sms_id": sent["sms_id"], "part": sent["part"]}
    row["parts"] = received["parts"] if sent["parts"] is None else sent["parts"]
    problems = set(received["problems"])
    sources = {
        "sends": sent["sends"],
        "reports": sent["reports"],
        "client_ref": sent_in(row["client_ref"], world.pattern),
        "accepted": received["accepted_at"],
    }
    known = {source: moment for source, moment in sources.items() if moment is not None}
    row["sent_at_source"], row["sent_at"] = next(iter(known.items()), (None, None))
    true_times = [moment for source, moment in known.items() if source != "accepted"]
    if true_times and max(true_times) - min(true_times) > dt.timedelta(minutes=5):
        problems.add("send_times_disagree")
    row["message_time"] = row["sent_at"] or received["first_at"]
    row["country"], row["network"], is_unknown = place(row["network_code"], world)
    if is_unknown:
        problems.add("network_unknown")
    row["final"] = row["status"] in FINAL
    if row["status"] in ("accepted", "buffered"):
        row["err_code"] = None
    row |= clocked(row, world.offsets.get(key), problems)
    return row | {"problems": sorted(problems)}


def place(code: str | None, world: World) -> tuple[str | None, str | None, bool]:
    """Country, network, and whether the code is in no list."""
    if code is None:
        return None, None, False
    if code in world.places:
        return *world.places[code], False
    is_numeric = re.fullmatch("[0-9]{5,6}", code) is not None
    if is_numeric:
        return world.countries.get(code[:3]), None, True
    named = re.match("([A-Za-z]{2})-", code)
    country = named[1].upper() if named else None
    return country if country in world.countries.values() else None, None, True


def clocked(row: Mapping[str, Any], offset: int | None, problems: set[str]) -> dict[str, Any]:
    """The columns that rest on scts and message_timestamp; names contradictions."""
    scts, pushed = row["scts"], row["told_at"]
    as_written = _apart(scts, pushed, hours=86)
    if as_written:
        offset = None
    scts_utc = None if offset is None or scts is None else scts - dt.timedelta(minutes=offset)
    contradict = as_written or _apart(scts_utc, pushed, hours=72)
    if contradict:
        problems.add("times_contradict")
    measured = row["status"] == "delivered" and not contradict
    # Chosen: who has read a message got it when it was delivered, where that is known.
    arrived = row["delivered_at"] if row["status"] == "read" else pushed
    is_delivered = row["status"] in ("delivered", "read") and not contradict
    return {
        "scts_offset_min": offset,
        "scts_utc": scts_utc,
        "latency_s": floor_seconds(scts_utc, row["sent_at"]) if measured else None,
        "push_latency_s": floor_seconds(arrived, row["sent_at"]) if is_delivered else None,
    }


def _apart(one: dt.datetime | None, other: dt.datetime | None, hours: int) -> bool:
    if one is None or other is None:
        return False
    return abs(one - other) > dt.timedelta(hours=hours)


def messages(
    receipts: Iterable[Receipt], sent: Iterable[Send], world: World
) -> dict[str, dict[str, Any]]:
    """All messages by their key, as of the world's moment."""
    came: dict[str, list[Receipt]] = defaultdict(list)
    records: dict[str, list[Send]] = defaultdict(list)
    for r in receipts:
        if r.received_at <= world.as_of:
            came[key_of(r.message_id)].append(r)
    for s in sent:
        key = key_of(s.message_id)
        if key in came or not world.given or s.sent_at <= world.as_of:
            records[key].append(s)
    rows = {
        key: message(key, came.get(key, ()), records.get(key, ()), world)
        for key in [*came, *records]
    }
    for row in rows.values():
        row["outcome"] = outcome(row, world.as_of)
    for row in rows.values():
        row["expected"], row["expected_se"] = expected(row, rows.values(), world.as_of)
    return rows


def is_mature(row: Mapping[str, Any], as_of: dt.datetime) -> bool:
    return bool(row["message_time"] < as_of - MATURE)


def outcome(row: Mapping[str, Any], as_of: dt.datetime) -> str:
    if row["final"]:
        return "delivered" if row["status"] == "read" else str(row["status"])
    if not is_mature(row, as_of):
        return "pending"
    return "unknown" if row["status"] == "unknown" else "silent"


def expected(
    row: Mapping[str, Any], everybody: Iterable[Mapping[str, Any]], as_of: dt.datetime
) -> tuple[float | None, float | None]:
    """The share g, and for a pending message sqrt(g (1 - g) / k); chosen: 1 where k is 0."""
    if row["outcome"] != "pending":
        return (1.0 if row["outcome"] == "delivered" else 0.0), None
    alike = [other for other in everybody if other["channel"] == row["channel"]]
    mature = [other for other in alike if is_mature(other, as_of)]
    own = [other for other in mature if other["network_code"] == row["network_code"]]
    basis = own if len(own) >= 100 else mature
    if len(basis) < 100:
        return None, None
    age = as_of - row["message_time"]
    still = [
        other
        for other in basis
        if other["final_at"] is None or other["final_at"] - other["message_time"] > age
    ]
    delivered = sum(other["outcome"] == "delivered" for other in still)
    if not still:
        return 0.0, 1.0
    share = Fraction(delivered, len(still))
    return float(share), math.sqrt(share * (1 - share) / len(still))


def differences(
    actual: Mapping[str, Any], right: Mapping[str, Any], columns: Iterable[str]
) -> dict[str, tuple[Any, Any]]:
    """The columns in which two rows differ, and both values."""
    return {
        column: (actual[column], right[column])
        for column in columns
        if not _same(actual[column], right[column])
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15)
    return bool(one == other)
