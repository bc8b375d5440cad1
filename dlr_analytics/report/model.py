"""What the report holds, as numbers: a frozen dataclass for each part, and nothing of how it looks.

Shares are 0 to 1, money is exact, durations are seconds, days are days in the report's time zone.
What is not known is None. Text that came over the wire has been tamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

FEW_SETTLED: Final = 100
"""Below this many settled messages a rate is too unsure for decimals, a trend or a colour."""

FEW_MEASURED: Final = 20
"""Below this many measured messages there is no percentile."""

PUSH_STEP_S: Final = 1
"""Push latencies are cut to whole seconds: the bound that they set lies up to this much higher."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages, how they ended, and the rate that this makes.

    ``rate`` is the contract's ``delivery_rate`` with its 95 % interval ``low`` to ``high``; None
    where what pending messages will come to cannot be told. ``floor`` is ``success_ratio`` and
    ``best`` is ``best_case``: what the rate comes to if no pending message arrives, or all do.
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
        """Messages whose end is known."""
        return self.messages - self.pending

    @property
    def undelivered(self) -> int:
        """Messages that are settled and were not delivered."""
        return self.settled - self.delivered

    @property
    def few(self) -> bool:
        """Whether too few are settled to say more than the counts."""
        return self.settled < FEW_SETTLED


@dataclass(frozen=True, slots=True)
class Period:
    """Which messages the report is about; both days are included, all times are in ``tz``."""

    first: date
    last: date
    as_of: datetime
    tz: str


@dataclass(frozen=True, slots=True)
class Extent:
    """What the data holds in all, whatever period was asked for."""

    messages: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Day:
    """One day; ``mature`` once its last message is older than 72 h."""

    day: date
    tally: Tally
    mature: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A country, or one network in it.

    ``course`` are the rates of its mature days in order, days pooled until each point stands for
    100 messages; each with the day in its middle, counted from the period's first. ``p95`` is
    the push latency's, ``from_accepted`` the share of the ``measured`` whose send time is the
    stand-in, ``cost_per_delivered`` is in the report's first currency.
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


@dataclass(frozen=True, slots=True)
class Country:
    """A country and its networks, by undelivered messages."""

    whole: Place
    networks: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why settled messages were not delivered: one err-code, None where there was none.

    ``networks`` are those with most of its messages, each with how many.
    """

    err_code: int | None
    meaning: str
    kind: str
    advice: str
    messages: int
    share: float
    networks: tuple[tuple[str, int], ...]
    spread: int
    """On how many networks it was seen."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How long delivery took to one place: the ``latency`` metric's row."""

    label: str
    measured: int
    from_accepted: float | None
    """Share of the measured whose send time is the stand-in."""
    within_10s: float | None
    within_30s: float | None
    within_60s: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    scts_p50: float | None
    scts_p50_margin: float | None
    scts_p95: float | None
    scts_p95_margin: float | None

    @property
    def few(self) -> bool:
        """Whether too few are measured for a percentile."""
        return self.measured < FEW_MEASURED

    @property
    def p50_doubtful(self) -> bool:
        """Whether the half by scts is above that by push, which comes after it."""
        return _above(self.scts_p50, self.p50)

    @property
    def p95_doubtful(self) -> bool:
        """Whether the 95 % by scts are above those by push."""
        return _above(self.scts_p95, self.p95)


def _above(estimate: float | None, bound: float | None) -> bool:
    return estimate is not None and bound is not None and estimate > bound + PUSH_STEP_S


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of measured messages confirmed within so many seconds, rising."""

    label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Latency:
    """All places together, some by themselves, and the curves to draw."""

    whole: Speed
    places: tuple[Speed, ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """The ``cost`` metric's row of one place in one currency."""

    label: str
    priced: int
    cost: Decimal
    per_message: Decimal | None
    per_delivered: Decimal | None
    wasted: Decimal


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent in one currency, by country; currencies are never added."""

    currency: str
    whole: Bill
    countries: tuple[Bill, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about the data that the figures rest on."""

    what: str
    count: int
    of: int | None
    """What ``count`` is a share of; None where a share would say nothing."""
    effect: str
    example: str | None = None
    """The ID of a message that shows it."""


COMPARABLE: Final = "comparable"
TOO_FEW: Final = "too few"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ``coverage`` metric's row of one network; shares are None where there are too few."""

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
        """Whether too little is known of its messages to compare its rate with others."""
        return self.verdict not in (COMPARABLE, TOO_FEW)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One undelivered message, listed where there are few."""

    message_time: datetime
    message_id: str
    outcome: str
    err_code: int | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report tells, from one look at the data."""

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

    @property
    def networks(self) -> tuple[Place, ...]:
        """All networks, in the order of the countries."""
        return tuple(place for country in self.countries for place in country.networks)
