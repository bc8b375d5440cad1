"""The truth of a simulation, counted from its history instead of its calls."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Final

from dlr_analytics.simulate.world.clocks import HOUR, to_time
from dlr_analytics.simulate.world.conditions import covers
from dlr_analytics.simulate.world.history import History
from dlr_analytics.simulate.world.incidents import FOREVER, Campaign, Incident
from dlr_analytics.simulate.world.networks import Network
from dlr_analytics.simulate.world.pushes import Push, Story
from dlr_analytics.simulate.world.senders import Message
from dlr_analytics.vocabulary import FINAL_STATUSES, MATURE_HOURS, OUTCOMES

CURRENCY: Final = "EUR"
_END_OF_TIME: Final = 10**15
_CAPITAL: Final = re.compile("(?<=[a-z])[A-Z]")


@dataclass(frozen=True, slots=True)
class MessageTruth:
    """Send time, delivery time (naive UTC) and final outcome of a message.

    ``delivered_at`` is the carrier's time, more exact than in any receipt; None without a
    ``delivered`` receipt. ``outcome`` is ``silent`` without a final receipt.
    """

    message_id: str
    network_code: str
    sent_at: dt.datetime
    delivered_at: dt.datetime | None
    outcome: str

    @property
    def latency_s(self) -> float | None:
        """True seconds from sending to delivery by the carrier."""
        if self.delivered_at is None:
            return None
        return (self.delivered_at - self.sent_at).total_seconds()


@dataclass(frozen=True, slots=True)
class NetworkTruth:
    """Final figures of a network over all its messages.

    ``delivery_rate`` is ``delivered`` / ``messages``. ``latency_s`` holds the true percentiles
    from sending to delivery by the carrier, in seconds (the smallest value with at least that share
    at or below it). ``scts_offset_min`` is the offset from UTC of the ``scts`` of delivered and
    failed receipts, in minutes, in ``standard`` and in ``summer`` time; ``accepted``,
    ``buffered`` and ``expired`` are written in UTC.
    """

    messages: int
    delivered: int
    delivery_rate: float
    latency_s: Mapping[str, float] | None
    scts_offset_min: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class IncidentTruth:
    """An incident: what happened from when to when, to whom, and how much.

    ``network_codes`` is empty and ``sender`` None where all are affected; ``ends_at`` is None
    without an end. ``size`` is the share of deliveries that remains (``outage``), a rate
    (``bad_period``), a share (``rate_change``, ``filtering``, ``fake_receipts``), a factor
    (``slowdown``, ``volume_change``), a price or a number of messages (``campaign``).
    ``messages`` counts those sent meanwhile that are affected.
    """

    kind: str
    begins_at: dt.datetime
    ends_at: dt.datetime | None
    network_codes: tuple[str, ...]
    sender: str | None
    size: float
    messages: int


@dataclass(frozen=True, slots=True)
class Truth:
    """Counts as of the newest receipt, and final ones.

    ``receipts`` counts stored calls, repetitions included; ``messages`` those with a receipt or a
    line in the send log. Outcomes follow the package's definitions, ``cost`` is by currency.
    ``outcomes_by_network`` has the messages with a receipt that has a network code.
    """

    as_of: dt.datetime
    receipts: int
    quarantined: int
    empty: int
    messages: int
    sends: int
    outcomes: Mapping[str, int]
    outcomes_by_network: Mapping[str, Mapping[str, int]]
    outcomes_in_the_end: Mapping[str, int]
    cost: Mapping[str, Decimal]
    cost_in_the_end: Mapping[str, Decimal]
    networks: Mapping[str, NetworkTruth]
    incidents: tuple[IncidentTruth, ...]
    each_message: tuple[MessageTruth, ...]

    def summary(self) -> dict[str, object]:
        """All except ``each_message``, for ``json.dumps(…, default=str)``."""
        found = asdict(replace(self, each_message=()))
        del found["each_message"]
        return found


@dataclass(frozen=True, slots=True)
class _Received:
    """A message with its receipts by a time, and its outcome at that time."""

    message: Message
    pushes: tuple[Push, ...]
    outcome: str

    @property
    def network_code(self) -> str | None:
        known = any(push.has_network_code for push in self.pushes)
        return self.message.network.code if known else None

    @property
    def price(self) -> Decimal:
        known = any(push.has_price for push in self.pushes)
        return Decimal(self.message.price) if known else Decimal(0)


def derive_truth(history: History, incidents: Sequence[Incident], end: int) -> Truth:
    """Derive the truth of a history, by the pushes that arrive until ``end``."""
    arrivals = [push.arrived for push in history.pushes if push.arrived <= end]
    as_of = max(arrivals, default=end)
    now = [_received(story, as_of) for story in history.stories if _is_known(story, as_of)]
    later = [_received(story, _END_OF_TIME) for story in history.stories]
    known = [each for each in later if each.message.account.logged or each.pushes]
    strays = Counter(stray.kind for stray in history.strays)
    messages = tuple(map(_of_message, history.stories, later))
    return Truth(
        as_of=to_time(as_of),
        receipts=len(arrivals),
        quarantined=strays["quarantined"],
        empty=strays["empty"],
        messages=len(now),
        sends=sum(each.message.account.logged for each in now),
        outcomes=_counted(now),
        outcomes_by_network=_counted_by_network(now),
        outcomes_in_the_end=_counted(known),
        cost={CURRENCY: sum((each.price for each in now), Decimal(0))},
        cost_in_the_end={CURRENCY: sum((each.price for each in known), Decimal(0))},
        networks=_by_network(history.stories, messages),
        incidents=tuple(_of_incident(incident, history.stories) for incident in incidents),
        each_message=messages,
    )


def _is_known(story: Story, as_of: int) -> bool:
    """Whether a message has a line in the send log or a receipt."""
    return story.message.account.logged or any(push.arrived <= as_of for push in story.pushes)


def _received(story: Story, as_of: int) -> _Received:
    pushes = tuple(push for push in story.pushes if push.arrived <= as_of)
    return _Received(story.message, pushes, outcome(story.message, pushes, as_of))


def outcome(message: Message, pushes: Iterable[Push], as_of: int) -> str:
    """Outcome of a message, by its pushes that have arrived by ``as_of``."""
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
    if message.account.logged:
        return message.sent
    return min((push.pushed for push in pushes), default=message.sent)


def _counted(received: Iterable[_Received]) -> dict[str, int]:
    counts = Counter(message.outcome for message in received)
    return {name: counts[name] for name in OUTCOMES}


def _counted_by_network(received: Iterable[_Received]) -> dict[str, dict[str, int]]:
    by_network: dict[str, list[_Received]] = defaultdict(list)
    for message in received:
        if message.network_code is not None:
            by_network[message.network_code].append(message)
    return {code: _counted(by_network[code]) for code in sorted(by_network)}


def _of_message(story: Story, received: _Received) -> MessageTruth:
    message = story.message
    return MessageTruth(
        message_id=message.message_id,
        network_code=message.network.code,
        sent_at=to_time(message.sent),
        delivered_at=to_time(story.fate.at) if received.outcome == "delivered" else None,
        outcome=received.outcome,
    )


def _by_network(stories: Iterable[Story], each: Iterable[MessageTruth]) -> dict[str, NetworkTruth]:
    networks = {story.message.network.code: story.message.network for story in stories}
    truths: dict[str, list[MessageTruth]] = defaultdict(list)
    for truth in each:
        truths[truth.network_code].append(truth)
    return {code: _of_network(networks[code], truths[code]) for code in sorted(networks)}


def _of_network(network: Network, truths: Sequence[MessageTruth]) -> NetworkTruth:
    seconds = [truth.latency_s for truth in truths if truth.latency_s is not None]
    clock = network.scts
    offsets = {
        "standard": clock.standard_min,
        "summer": clock.standard_min + 60 * clock.summer_time,
    }
    return NetworkTruth(
        messages=len(truths),
        delivered=len(seconds),
        delivery_rate=len(seconds) / len(truths),
        latency_s={f"p{p}": percentile(seconds, p) for p in (50, 90, 95, 99)} if seconds else None,
        scts_offset_min=None if network.messages_api else offsets,
    )


def _of_incident(incident: Incident, stories: Iterable[Story]) -> IncidentTruth:
    return IncidentTruth(
        kind=_CAPITAL.sub(r"_\g<0>", type(incident).__name__).lower(),
        begins_at=incident.begins,
        ends_at=None if incident.ends == FOREVER else incident.ends,
        network_codes=incident.network_codes,
        sender=incident.sender,
        size=incident.size,
        messages=sum(_is_affected(story.message, incident) for story in stories),
    )


def _is_affected(message: Message, incident: Incident) -> bool:
    if isinstance(incident, Campaign):
        return (message.client_ref or "").startswith(incident.prefix)
    return covers(incident, message.network.code, message.sender, to_time(message.sent))


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value with at least ``percent`` per cent of all at or below it.

    Examples
    --------
    >>> percentile([3.0, 1.0, 2.0, 4.0], 50)
    2.0
    """
    return sorted(values)[-(-len(values) * percent // 100) - 1]
