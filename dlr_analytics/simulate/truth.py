"""What is true of a simulation, counted from its plan and not from its calls."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final

from dlr_analytics.simulate.clocks import HOUR, to_time
from dlr_analytics.simulate.fates import Fate
from dlr_analytics.simulate.history import History
from dlr_analytics.simulate.networks import Network
from dlr_analytics.simulate.pushes import Push
from dlr_analytics.simulate.senders import Message
from dlr_analytics.vocabulary import FINAL_STATUSES, MATURE_HOURS, OUTCOMES

CURRENCY: Final = "EUR"
_FOR_EVER: Final = 10**15


@dataclass(frozen=True, slots=True)
class MessageTruth:
    """One message: when it was sent and delivered (naive UTC), and its status in the end.

    ``delivered_at`` is the carrier's moment, which no receipt tells so exactly; None where no
    receipt ever says ``delivered``. ``status`` is an outcome, ``silent`` where nothing final comes.
    """

    message_id: str
    network_code: str
    sent_at: dt.datetime
    delivered_at: dt.datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class NetworkTruth:
    """One network over all its messages, in the end.

    ``latency_s`` holds the true percentiles from sending to the carrier's moment of delivery, in
    seconds (the smallest value with at least that share at or below it). ``scts_offset_min`` is by
    how many minutes the ``scts`` of delivered and failed receipts runs ahead of UTC, in standard
    and in summer time; ``accepted``, ``buffered`` and ``expired`` are in UTC.
    """

    messages: int
    delivered: int
    delivery_rate: float
    latency_s: Mapping[str, float] | None
    scts_offset_min: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Truth:
    """Counts as of the newest receipt, and in the end when nothing more can come.

    ``receipts`` counts stored calls, repeats included. Outcomes follow the contract's definitions.
    """

    as_of: dt.datetime
    receipts: int
    quarantined: int
    empty: int
    messages: int
    sends: int
    outcomes: Mapping[str, int]
    outcomes_in_the_end: Mapping[str, int]
    cost: Mapping[str, Decimal]
    cost_in_the_end: Mapping[str, Decimal]
    networks: Mapping[str, NetworkTruth]
    each_message: tuple[MessageTruth, ...]

    def summary(self) -> dict[str, object]:
        """All but the single messages, ready for ``json.dumps``."""
        return {
            "as_of": self.as_of.isoformat(),
            "receipts": self.receipts,
            "quarantined": self.quarantined,
            "empty": self.empty,
            "messages": self.messages,
            "sends": self.sends,
            "outcomes": dict(self.outcomes),
            "outcomes_in_the_end": dict(self.outcomes_in_the_end),
            "cost": {currency: str(sum_) for currency, sum_ in self.cost.items()},
            "cost_in_the_end": {cur: str(sum_) for cur, sum_ in self.cost_in_the_end.items()},
            "networks": {code: asdict(network) for code, network in self.networks.items()},
        }


def tell(history: History, end: int) -> Truth:
    """The truth about a history of which the pushes until ``end`` have been heard."""
    pushes = [push for push in history.pushes if push.arrived <= end]
    as_of = max(push.arrived for push in pushes)
    now, later = _by_message(pushes), _by_message(history.pushes)
    messages = history.messages
    ends = {m.message_id: outcome(m, later[m.message_id], _FOR_EVER) for m in messages}
    outcomes = [outcome(m, now[m.message_id], as_of) for m in messages]
    strays = Counter(stray.kind for stray in history.strays)
    each = tuple(_of_message(m, history.fates[m.message_id], ends[m.message_id]) for m in messages)
    return Truth(
        as_of=to_time(as_of),
        receipts=len(pushes),
        quarantined=strays["quarantined"],
        empty=strays["empty"],
        messages=len(messages),
        sends=sum(m.account.logged for m in messages),
        outcomes=_counted(outcomes),
        outcomes_in_the_end=_counted(ends.values()),
        cost={CURRENCY: _cost(messages, now)},
        cost_in_the_end={CURRENCY: _cost(messages, later)},
        networks=_by_network(messages, each),
        each_message=each,
    )


def outcome(message: Message, pushes: Iterable[Push], as_of: int) -> str:
    """The contract's ``outcome`` of a message of which ``pushes`` have come by ``as_of``."""
    firsts: dict[tuple[str, int, str | None], Push] = {}
    for push in sorted(pushes, key=_order):
        firsts.setdefault((push.status, push.err_code, push.scts), push)
    finals = [push for push in firsts.values() if push.status in FINAL_STATUSES]
    if finals:
        return max(finals, key=_order).status
    if _message_time(message, firsts.values()) >= as_of - MATURE_HOURS * HOUR:
        return "pending"
    return "unknown" if any(push.status == "unknown" for push in firsts.values()) else "silent"


def _order(push: Push) -> tuple[int, int]:
    return push.pushed, push.arrived


def _message_time(message: Message, pushes: Iterable[Push]) -> int:
    return message.sent if message.account.logged else min(push.pushed for push in pushes)


def _by_message(pushes: Iterable[Push]) -> Mapping[str, list[Push]]:
    found: dict[str, list[Push]] = defaultdict(list)
    for push in pushes:
        found[push.message.message_id].append(push)
    return found


def _counted(outcomes: Iterable[str]) -> dict[str, int]:
    counts = Counter(outcomes)
    return {name: counts[name] for name in OUTCOMES}


def _cost(messages: Iterable[Message], pushes: Mapping[str, list[Push]]) -> Decimal:
    """The sum of prices over messages of which at least one receipt names the price."""
    return sum(
        (Decimal(m.price) for m in messages if any(p.price_told for p in pushes[m.message_id])),
        Decimal(0),
    )


def _of_message(message: Message, fate: Fate, status: str) -> MessageTruth:
    delivered_at = to_time(fate.at) if status == "delivered" and fate.at else None
    return MessageTruth(
        message.message_id, message.network.code, to_time(message.sent), delivered_at, status
    )


def _by_network(
    messages: Iterable[Message], each: Iterable[MessageTruth]
) -> dict[str, NetworkTruth]:
    networks = {m.network.code: m.network for m in messages}
    truths: dict[str, list[MessageTruth]] = defaultdict(list)
    for truth in each:
        truths[truth.network_code].append(truth)
    return {code: _of_network(networks[code], truths[code]) for code in sorted(networks)}


def _of_network(network: Network, truths: Sequence[MessageTruth]) -> NetworkTruth:
    delivered = [truth for truth in truths if truth.status == "delivered"]
    seconds = [(t.delivered_at - t.sent_at).total_seconds() for t in delivered if t.delivered_at]
    clock = network.scts
    offsets = {
        "standard": clock.standard_min,
        "summer": clock.standard_min + 60 * clock.summer_time,
    }
    return NetworkTruth(
        messages=len(truths),
        delivered=len(delivered),
        delivery_rate=len(delivered) / len(truths),
        latency_s={f"p{p}": percentile(seconds, p) for p in (50, 90, 95, 99)} if seconds else None,
        scts_offset_min=None if network.messages_api else offsets,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value with at least ``percent`` per cent of all at or below it.

    Examples
    --------
    >>> percentile([3.0, 1.0, 2.0, 4.0], 50)
    2.0
    """
    return sorted(values)[-(-len(values) * percent // 100) - 1]
