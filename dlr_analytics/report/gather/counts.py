"""Counts of messages by day, network and sender, which all sections add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.query import BUCKETS, load, local_time
from dlr_analytics.report.gather.metrics import Row, parameters_of
from dlr_analytics.report.gather.own import OwnDimension, by_expressions
from dlr_analytics.report.model import Tally
from dlr_analytics.report.request import Request
from dlr_analytics.report.wilson import interval
from dlr_analytics.vocabulary import OUTCOMES

Key = TypeVar("Key", bound=Hashable)


class Count(NamedTuple):
    """A row of the statement ``day_counts``, whose columns explain it."""

    day: date
    network_code: str | None
    sender: str | None
    currency: str | None
    outcome: str
    err_code: int | None
    country: str | None
    network: str | None
    messages: int
    with_expected: int
    expected: float
    expected_se: float
    priced: int
    cost: Decimal | None
    measured: int
    within_30s: int
    own: tuple[str | None, ...] = ()
    """A value of each own dimension; None for those without one, and for the less frequent."""

    @property
    def undelivered(self) -> int:
        """Settled messages that were not delivered."""
        return 0 if self.outcome in ("delivered", "pending") else self.messages


@dataclass(slots=True)
class Money:
    """Sums of one currency."""

    priced: int = 0
    delivered: int = 0
    cost: Decimal = Decimal()
    wasted: Decimal = Decimal()


@dataclass(slots=True)
class Sums:
    """Sums over counts."""

    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    with_expected: int = 0
    expected: float = 0.0
    expected_se: float = 0.0
    measured: int = 0
    within_30s: int = 0
    money: dict[str | None, Money] = field(default_factory=lambda: defaultdict(Money))

    def add(self, count: Count) -> None:
        """Add a count."""
        self.outcomes[count.outcome] += count.messages
        self.with_expected += count.with_expected
        self.expected += count.expected
        self.expected_se += count.expected_se
        self.measured += count.measured
        self.within_30s += count.within_30s
        money = self.money[count.currency]
        money.priced += count.priced
        if count.outcome == "delivered":
            money.delivered += count.messages
        if count.cost is not None:
            money.cost += count.cost
            money.wasted += count.cost if count.undelivered else 0

    @property
    def messages(self) -> int:
        """All messages."""
        return sum(self.outcomes.values())

    @property
    def standard_error(self) -> float:
        """The standard error of the rate by its estimates of pending messages."""
        return self.expected_se / self.messages if self.messages else 0.0

    def tally(self) -> Tally:
        """Return messages by outcome, and the rate as the metric ``delivery-rate`` does."""
        messages, delivered = self.messages, self.outcomes["delivered"]
        rate = low = high = None
        if messages and self.with_expected == messages:
            # Sums of estimates can be above or below by what floating point loses.
            rate = min(max(self.expected / messages, 0.0), 1.0)
            low, high = interval(rate, messages, self.standard_error)
        return Tally(
            messages=messages,
            **self.outcomes,
            rate=rate,
            low=low,
            high=high,
            floor=delivered / messages if messages else None,
            best=(delivered + self.outcomes["pending"]) / messages if messages else None,
        )


def count_days(
    database: Database,
    since: datetime,
    until: datetime,
    asked: Request,
    own: Sequence[OwnDimension] = (),
) -> tuple[Count, ...]:
    """Count the messages from ``since`` to before ``until``, naive UTC."""
    day = BUCKETS["day"].format(local=local_time(asked.tz))
    query = load("day-counts").with_values(day=day)
    parameters = parameters_of(asked, since, until, by_expressions(own, database))
    rows, _ = database.compute(query, parameters, lambda found: found.fetchall())
    return tuple(Count._make((*row[len(own) :], row[: len(own)])) for row in rows)


def summed(counts: Iterable[Count]) -> Sums:
    """Add up counts."""
    sums = Sums()
    for count in counts:
        sums.add(count)
    return sums


def grouped(counts: Iterable[Count], key: Callable[[Count], Key]) -> Mapping[Key, Sums]:
    """Add up counts by a key, in the order in which keys occur."""
    found: dict[Key, Sums] = defaultdict(Sums)
    for count in counts:
        found[key(count)].add(count)
    return found


def named_networks(counts: Iterable[Count]) -> Mapping[str | None, Row]:
    """Return country and name of each network code, as columns of a row."""
    return {
        count.network_code: {
            "country": count.country,
            "network_code": count.network_code,
            "network": count.network,
        }
        for count in counts
    }
