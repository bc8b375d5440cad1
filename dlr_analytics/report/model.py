"""The figures of a report: a frozen dataclass for each part, no formatting.

Shares are 0 to 1, money is exact, durations are seconds, days are days in the report's time zone.
Unknown is None. Untrusted text has been sanitised.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from dlr_analytics.analysis.filters import DEFAULT_CHANNEL
from dlr_analytics.report.changes import Amounts, Change, Examined, Finding, Former
from dlr_analytics.report.request import Request
from dlr_analytics.report.speeds import Latency

FEW_SETTLED: Final = 100
"""Below this many settled messages a rate is too uncertain for decimals, a trend or a colour."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages by outcome, and their delivery rate.

    ``rate`` is the metric's ``delivery_rate`` with its 95 % interval ``low`` to ``high``; None
    where the outcome of pending messages cannot be estimated. ``floor`` is ``success_ratio`` and
    ``best`` is ``best_case``: the rate if no pending message arrives, or all do.
    """

    messages: int
    delivered: int
    failed: int
    expired: int
    rejected: int
    unknown: int
    silent: int
    pending: int
    rate: float | None
    low: float | None
    high: float | None
    floor: float | None
    best: float | None

    @property
    def settled(self) -> int:
        """Messages that are not pending."""
        return self.messages - self.pending

    @property
    def undelivered(self) -> int:
        """Messages that are settled but not delivered."""
        return self.settled - self.delivered

    @property
    def few(self) -> bool:
        """Whether too few are settled for more than counts."""
        return self.settled < FEW_SETTLED


@dataclass(frozen=True, slots=True)
class Period:
    """The period of a report: both days are included, times are in ``tz``."""

    first: date
    last: date
    as_of: datetime
    tz: str


@dataclass(frozen=True, slots=True)
class Extent:
    """All messages in the data directory, whatever the period of the report."""

    messages: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Day:
    """A day; ``mature`` once its last message is older than 72 h."""

    day: date
    tally: Tally
    mature: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A country, or a network in it.

    ``course`` is the rate over its mature days, pooled until each point represents 100 messages;
    each point has the day in its middle, counted from the first of the period. ``p95`` is that of
    push latency, ``from_accepted`` the share of ``measured`` whose send time is the stand-in;
    ``cost_per_delivered`` is in its ``currency``, the one most of its messages are billed in.
    ``is_silent`` tells that no final receipt ever came.
    """

    country: str | None
    country_name: str
    code: str | None
    network: str | None
    tally: Tally
    course: tuple[tuple[float, float], ...]
    measured: int
    from_accepted: float | None
    p95: float | None
    cost_per_delivered: Decimal | None
    currency: str | None = None
    change: Change | None = None
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A sender ID, or a value of an own dimension, and its messages.

    ``name`` is None for messages without one, or of the less frequent ones.

    ``cause`` is the most frequent err-code of its undelivered messages, with their number.
    """

    name: str | None
    tally: Tally
    course: tuple[tuple[float, float], ...]
    change: Change | None
    cause: tuple[int | None, int] | None
    wasted: Amounts


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of the user's own, and its values."""

    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country and its networks, ordered by undelivered messages."""

    whole: Place
    networks: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """An err-code of settled, undelivered messages; None for those without one.

    ``where`` is what it is concentrated in, if anything.
    """

    err_code: int | None
    meaning: str
    kind: str
    advice: str
    messages: int
    share: float
    where: Concentration | None = None


@dataclass(frozen=True, slots=True)
class Concentration:
    """A sender, network, country or day, its share of something, and of all messages."""

    name: str
    share: float
    of_traffic: float


@dataclass(frozen=True, slots=True)
class Bill:
    """The cost of one place in one currency: a row of the ``cost`` metric."""

    label: str
    priced: int
    cost: Decimal
    per_message: Decimal | None
    per_delivered: Decimal | None
    wasted: Decimal


@dataclass(frozen=True, slots=True)
class Spending:
    """The cost in one currency, by country; currencies are never added."""

    currency: str
    whole: Bill
    countries: tuple[Bill, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A property of the data that affects the figures."""

    what: str
    count: int
    of: int | None
    """The total that ``count`` is a share of; None where a share is meaningless."""
    effect: str
    example: str | None = None
    """The ID of a message as an example."""


COMPARABLE: Final = "comparable"
TOO_FEW: Final = "too few"


@dataclass(frozen=True, slots=True)
class Coverage:
    """A network's row of the ``coverage`` metric; shares are None where few."""

    country_name: str
    code: str | None
    network: str | None
    mature: int
    answered: float | None
    timed_out: float | None
    unknown: float | None
    silent: float | None
    accepted_only: float | None
    verdict: str

    @property
    def incomparable(self) -> bool:
        """Whether too little is known of its messages to compare its rate."""
        return self.verdict not in (COMPARABLE, TOO_FEW)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An undelivered message, listed where there are few."""

    message_time: datetime
    message_id: str
    outcome: str
    err_code: int | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a report, from one state of the data."""

    source: str
    command: str
    period: Period
    extent: Extent | None
    tally: Tally
    days: tuple[Day, ...]
    countries: tuple[Country, ...]
    reasons: tuple[Reason, ...]
    undelivered: tuple[Undelivered, ...]
    latency: Latency
    spending: tuple[Spending, ...]
    quality: tuple[Remark, ...]
    coverage: tuple[Coverage, ...]
    channel: str = DEFAULT_CHANNEL
    options: str = ""
    """What a query takes to read the same messages, except the condition."""
    request: Request = field(default_factory=Request)
    ahead: int = 0
    """Receipts more than a day ahead of the clock."""
    has_receipts: bool = False
    """Whether the data directory has any, of whatever channel."""
    former: Former | None = None
    change: Change | None = None
    former_days: tuple[Day, ...] = ()
    senders: tuple[Group, ...] = ()
    own: tuple[Dimension, ...] = ()
    findings: tuple[Finding, ...] = ()
    examined: Examined = field(default_factory=Examined)

    @property
    def networks(self) -> tuple[Place, ...]:
        """The networks of all countries, in their order."""
        return tuple(place for country in self.countries for place in country.networks)
