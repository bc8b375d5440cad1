"""``forecast`` against months whose end is known: error, a straight line's error, coverage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from dlr_analytics.analysis.studies.spending import Spent, expect

Record = Callable[[str, object], None]

MONTH = dt.date(2026, 11, 1)
LENGTH = 30
WEEKDAYS = np.array([1.1, 1.15, 1.1, 1.1, 1.2, 0.6, 0.5])
ON_DAYS = (3, 10, 18, 25)


@dataclass(frozen=True)
class World:
    """A business: what its days differ, what its level moves in a week, and grows in a month."""

    noise: float = 0.12
    walk: float = 0.02
    growth: float = 0.0
    campaigns: float = 0.0
    history: int = 120


def costs(world: World, rng: np.random.Generator) -> dict[dt.date, float]:
    """The cost of each day of the history and of the month."""
    first = MONTH - dt.timedelta(days=world.history)
    days = [first + dt.timedelta(days=at) for at in range(world.history + LENGTH)]
    at = np.arange(len(days))
    level = np.cumsum(rng.normal(0, world.walk / np.sqrt(7), len(days)))
    level += world.growth * at / 30.4 + rng.normal(0, world.noise, len(days))
    shape = WEEKDAYS[[day.weekday() for day in days]]
    bursts = np.where(rng.random(len(days)) < world.campaigns, 3.0, 1.0)
    return dict(zip(days, (shape * np.exp(level) * bursts).tolist(), strict=True))


@dataclass(frozen=True)
class Judged:
    """Of so many months: mean errors as shares of the month, and how often the interval held."""

    error: float
    straight: float
    covered: float


def judge(world: World, day: int, months: int) -> Judged:
    """Forecast months on a day at any time of it."""
    rng = np.random.default_rng([day, world.history, int(1000 * world.noise)])
    today = MONTH.replace(day=day)
    errors, straight, covered = [], [], []
    for _ in range(months):
        every, gone = costs(world, rng), rng.random()
        past = {at: Spent(cost, (1 - gone) * cost) for at, cost in every.items() if at < today}
        rest = expect(past, today)
        assert rest is not None
        so_far = sum(cost for at, cost in every.items() if MONTH <= at < today)
        so_far += gone * every[today]
        month = sum(cost for at, cost in every.items() if at >= MONTH)
        covered.append(rest.low <= month - so_far <= rest.high)
        errors.append(abs(so_far + rest.expected - month) / month)
        straight.append(abs(so_far * LENGTH / (day - 1 + gone) - month) / month)
    return Judged(*(float(np.mean(values)) for values in (errors, straight, covered)))


def line(name: str, judged: dict[int, Judged]) -> str:
    """A row of the table."""
    return f"forecast, {name}: " + "; ".join(
        f"day {day} error {one.error:.1%} (straight line {one.straight:.1%}), "
        f"covered {one.covered:.0%}"
        for day, one in judged.items()
    )


def test_the_interval_holds_the_end_of_the_month() -> None:
    judged = judge(World(), 10, months=60)
    assert judged.covered >= 0.85
    assert judged.error < 0.05


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "world", "least"),
    [
        ("steady", World(), 0.93),
        ("20 days of history", World(history=20), 0.93),
        ("days differ by 30 %", World(noise=0.3), 0.93),
        ("grows 10 % a month", World(growth=0.1), 0.83),
        ("level moves 5 % a week", World(walk=0.05), 0.86),
        ("campaigns on 3 % of days", World(campaigns=0.03), 0.86),
    ],
)
def test_errors_and_coverage(
    name: str, world: World, least: float, record_property: Record
) -> None:
    judged = {day: judge(world, day, months=300) for day in ON_DAYS}
    record_property("figures", line(name, judged))
    assert min(one.covered for one in judged.values()) >= least
    assert judged[ON_DAYS[-1]].error < judged[ON_DAYS[0]].error
    assert judged[3].error < judged[3].straight
