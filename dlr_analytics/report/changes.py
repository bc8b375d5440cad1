"""Changes since the period before, and findings: figures, no formatting.

Shares are 0 to 1 and money is exact, as in :mod:`dlr_analytics.report.model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Scope = tuple[tuple[str, str | None], ...]
"""Columns of messages, or own dimensions, and their values; none for all messages."""

Amounts = tuple[tuple[str, Decimal], ...]
"""Amounts by currency."""


@dataclass(frozen=True, slots=True)
class Change:
    """A rate beside that of the period before.

    ``low`` to ``high`` is the 95 % interval of the difference, None where there are too few days or
    messages; ``firm`` tells whether it is more than chance, adjusted for the number of rows that
    were tested together.
    """

    before: float
    difference: float
    low: float | None = None
    high: float | None = None
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Former:
    """The period of equal length before; both days are included.

    ``whole`` tells whether the data covers it; if not, it is only used to tell what is usual.
    """

    first: date
    last: date
    whole: bool
    messages: int
    rate: float | None
    within_30s: float | None
    outcomes: tuple[tuple[str, int], ...]
    wasted: Amounts
    cost: Amounts

    @property
    def comparable(self) -> bool:
        """Whether there is something to compare with."""
        return self.whole and self.messages > 0 and self.rate is not None

    @property
    def days(self) -> int:
        """The number of its days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Cause:
    """What most of the messages lost in an incident ended with.

    ``err_codes`` are those of one kind, the most frequent first; without any, ``outcome`` says how
    they ended. ``messages`` of the ``undelivered`` ended so.
    """

    err_codes: tuple[int, ...]
    outcome: str
    meaning: str
    kind: str
    messages: int
    undelivered: int


@dataclass(frozen=True, slots=True)
class Loss:
    """Messages of one scope that were delivered less than usual.

    ``first`` to ``last`` are days; ``lasts`` tells whether the last one is also the last with
    messages. ``rate`` is of ``messages`` in the period; ``usual`` is the rate before. ``lost`` are
    the deliveries missing against that, ``points`` their share of all messages of the report.
    ``spread`` of ``spread_of`` are the networks of a sender or an own dimension's value, or the
    senders of a network, that lost.
    """

    scope: Scope
    subject: str
    first: date
    last: date
    lasts: bool
    usual: float
    rate: float
    messages: int
    lost: float
    points: float
    paid: Amounts
    cause: Cause | None
    spread: int
    spread_of: int
    course: tuple[tuple[float, float], ...]
    call: str


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A network's new price; ``a_month`` is what 30 days cost more."""

    subject: str
    currency: str
    since: date
    before: Decimal
    price: Decimal
    change: float | None
    messages: int
    extra: Decimal
    a_month: Decimal
    others: int
    """How many other prices changed."""
    call: str


Finding = Loss | NewPrice


@dataclass(frozen=True, slots=True)
class Examined:
    """How many networks, senders and own values had enough messages."""

    networks: int = 0
    senders: int = 0
    own: tuple[tuple[str, int], ...] = ()
    """Names of dimensions and the number of their values."""
