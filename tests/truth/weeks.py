"""Worlds of a hundred networks, as counts by hour: how often ``compare`` is right.

``python -m tests.truth.weeks`` prints the table of docs/studies/compare.md. Counts are drawn, not
receipts, and summed by week; the statement of ``compare`` runs over them with their numbers as
weights, and its verdicts are those of the package.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlr_analytics.analysis.filters import ALL_CHANNELS, Filters
from dlr_analytics.analysis.query import load
from dlr_analytics.analysis.studies.compare import judged
from dlr_analytics.analysis.studies.periods import Period, earlier_periods, relation

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

RUNS: Final = 120
NETWORKS: Final = 100
CHANGED: Final = 5
CHANGE: Final = -0.03
WEEKS: Final = 13
HOURS: Final = 24 * 7
LATEST: Final = Period(dt.datetime(2026, 11, 17), dt.datetime(2026, 11, 24))

WEIGHTED: Final = (
    "delivered as value, messages as weight, 0e0 as value_se, cast(null as varchar) as priced_in"
)


@dataclass(frozen=True)
class World:
    """How networks behave; standard deviations of rates are shares.

    Attributes
    ----------
    hourly : tuple
        The least and the most messages an hour of a network: sizes are log-uniform.
    together : float
        The correlation of a day's effect with that of the day before.
    weeks : float
        The standard deviation of the effect of a week.
    wander : float
        The standard deviation of a step from week to week that stays.
    volume : float
        The standard deviation of a day's volume, relative.
    campaigns : float
        The share of days on which a network sends 2 to 8 times as much, to numbers of which 2 to 6
        points fewer can be reached.
    """

    name: str
    hourly: tuple[float, float] = (10, 1000)
    together: float = 0.0
    weeks: float = 0.0
    wander: float = 0.0
    volume: float = 0.15
    campaigns: float = 0.0
    days: float = 0.008
    hours: float = 0.012


WORLDS: Final = (
    World("10 to 1,000 messages an hour, days independent"),
    World("days hang together (correlation 0.6)", together=0.6),
    World("weeks differ by 0.5 points", weeks=0.005),
    World("rates wander by 0.5 points a week, and stay", wander=0.005),
    World("campaigns on one day in ten", campaigns=0.1),
    World("volume of days ± 80 %", volume=0.8),
    World("20 to 500 messages a week", hourly=(20 / HOURS, 500 / HOURS)),
)


class Score(NamedTuple):
    """How often ``compare`` is right in a world.

    ``alarms`` is the share of quiet weeks in which any network is called changed, ``false`` the
    mean share of false ones among the changed, ``found`` the mean number of those that changed.
    """

    alarms: float
    false: float
    found: float


Drawn = tuple[tuple[pd.DataFrame, ...], tuple[pd.DataFrame, ...]]
"""Worlds in which nothing changed, and the same in which the first networks did."""


def drawn(world: World, runs: int = RUNS, seed: int = 1) -> Drawn:
    """Draw weeks in which nothing changed, and weeks in which five networks did."""
    draw = np.random.default_rng(seed)
    quiet, changed = zip(*(_weeks(world, draw) for _ in range(runs)), strict=True)
    return quiet, changed


def score(weeks: Drawn, periods: int) -> Score:
    """Compare the last week with so many earlier ones."""
    quiet, changed = weeks
    alarms = [len(names) > 0 for names in _called(quiet, periods)]
    called = list(_called(changed, periods))
    false = [sum(name >= CHANGED for name in names) / max(len(names), 1) for names in called]
    found = [sum(name < CHANGED for name in names) for names in called]
    return Score(float(np.mean(alarms)), float(np.mean(false)), float(np.mean(found)))


def _weeks(world: World, draw: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Messages and delivered by network and week; then those where the first networks changed."""
    rates, volumes = _rates(world, draw)
    messages = draw.poisson(volumes)
    order = draw.permutation(NETWORKS)  # sizes are sorted by nothing: any five change
    delivered = draw.binomial(messages, rates)
    fallen = rates.copy()
    fallen[order[:CHANGED], -1] += CHANGE
    fallen_delivered = delivered.copy()
    fallen_delivered[:, -1] = draw.binomial(messages[:, -1], np.clip(fallen[:, -1], 0, 1))
    return tuple(  # type: ignore[return-value]
        _table(messages[order], good[order]) for good in (delivered, fallen_delivered)
    )


def _rates(world: World, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """Rate and expected volume by network, week and hour."""
    shape = (NETWORKS, WEEKS, HOURS)
    effects = np.zeros((NETWORKS, WEEKS * 7))
    effects[:, 0] = draw.normal(0, world.days, NETWORKS)
    fresh = world.days * np.sqrt(1 - world.together**2)
    for day in range(1, WEEKS * 7):
        step = draw.normal(0, fresh, NETWORKS)
        effects[:, day] = world.together * effects[:, day - 1] + step
    by_week = draw.normal(0, world.wander, (NETWORKS, WEEKS)).cumsum(axis=1)
    by_week += draw.normal(0, world.weeks, by_week.shape)
    campaign = draw.random((NETWORKS, WEEKS * 7)) < world.campaigns
    lost = np.where(campaign, draw.uniform(0.02, 0.06, campaign.shape), 0)
    own = draw.uniform(0.85, 0.97, (NETWORKS, 1, 1))
    by_day = np.repeat((effects - lost).reshape(NETWORKS, WEEKS, 7), 24, axis=2)
    hourly = draw.normal(0, world.hours, shape)
    rates = np.clip(own + by_week[:, :, None] + by_day + hourly, 0, 1)
    least, most = (float(np.log(size)) for size in world.hourly)
    sizes = np.exp(draw.uniform(least, most, (NETWORKS, 1, 1)))
    course = 1 + 0.8 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi)
    days = np.maximum(draw.normal(1, world.volume, campaign.shape), 0.05)
    days *= np.where(campaign, draw.uniform(2, 8, campaign.shape), 1)
    return rates, sizes * course * np.repeat(days.reshape(NETWORKS, WEEKS, 7), 24, axis=2)


def _table(messages: Counts, delivered: Counts) -> pd.DataFrame:
    """A row a network and week, the last week the latest."""
    network, week = np.indices((NETWORKS, WEEKS))
    middles = [LATEST.begins + dt.timedelta(days=7 * at + 3) for at in range(1 - WEEKS, 1)]
    return pd.DataFrame(
        {
            "network": network.ravel(),
            "message_time": np.array(middles, dtype="datetime64[us]")[week.ravel()],
            "messages": messages.sum(axis=2).ravel(),
            "delivered": delivered.sum(axis=2).ravel(),
        }
    )


def _called(worlds: tuple[pd.DataFrame, ...], periods: int) -> Iterator[list[int]]:
    """The networks that are called changed, world by world."""
    for rows in _compared(worlds, periods):
        yield [row["network"] for row in judged(rows) if row["verdict"] == "changed"]


def _compared(worlds: tuple[pd.DataFrame, ...], periods: int) -> Iterator[list[dict[str, Any]]]:
    """The rows of the statement, world by world: all worlds in one run of it."""
    counts = pd.concat(worlds, keys=range(len(worlds)), names=["world"]).reset_index("world")
    every = [LATEST, *earlier_periods(LATEST, periods, "UTC")]
    query = load("compare").with_values(periods=relation(every), figure=WEIGHTED)
    filters = Filters(by=("world", "network"), channel=ALL_CHANNELS)
    with duckdb.connect() as connection:
        connection.register("messages", counts)
        found = connection.sql(query.statement(filters, counts.columns))
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    for _, group in groupby(rows, key=lambda row: row["world"]):
        yield list(group)


def table() -> Iterator[str]:
    """The lines of the table in docs/studies/compare.md."""
    yield "| world | 5 periods | 7 periods | 12 periods |"
    yield "|---|---|---|---|"
    for world in WORLDS:
        weeks = drawn(world)
        scores = (score(weeks, periods) for periods in (5, 7, 12))
        cells = (f"{100 * a:.1f} % / {100 * f:.1f} % / {n:.1f}" for a, f, n in scores)
        yield f"| {world.name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
