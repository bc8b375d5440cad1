"""Offsets learned again near changed hours are those learned from all votes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dlr_analytics.analysis.cache import offsets
from dlr_analytics.analysis.engines.duckdb import DuckDBEngine, connect
from dlr_analytics.analysis.messages import vocabulary_tables
from dlr_analytics.analysis.messages.parameters import INTERNAL, PUBLIC, DerivationParameters
from dlr_analytics.analysis.messages.pipeline import Stage, run
from tests.support.pipelines import NOON

DAYS = 150
FIRST_HOUR = 480_000
COLUMNS = {
    "first_seen": "DATE",
    "network_code": "VARCHAR",
    "status": "VARCHAR",
    "pushed_hour": "INTEGER",
    "reading": "INTEGER",
    "scts_quarter": "INTEGER",
    "on_beat": "BOOLEAN",
    "votes": "BIGINT",
}
PARAMETERS = DerivationParameters(NOON)

NETWORKS = {"dense": 1, "thin": 8, "rare": 90, "same": 5}
"""Mean hours between two hours with votes; those of the last do not change."""

SEEDS = 25

Vote = tuple[Any, ...]


def votes_of(chance: random.Random, network: str, every: float) -> list[Vote]:
    """Votes of a network: one offset, or two, that may change; late pushes, and silent weeks.

    ``every`` is the mean number of hours between two hours with votes.
    """
    found = []
    hour, offset = FIRST_HOUR, chance.choice([0, 60, 330])
    other = chance.choice([None, None, offset + 60])
    while (hour := hour + 1 + int(chance.expovariate(1 / every))) < FIRST_HOUR + 24 * DAYS:
        if chance.random() < 0.002:
            hour += chance.randrange(24 * 30)
        if chance.random() < 0.01:
            offset = chance.choice([0, 60, 330])
        for _ in range(chance.choice([1, 1, 2, 3])):
            late = chance.choice([0] * 20 + [1, 2, 60, 24 * 60, 86 * 60])
            said = offset if other is None or chance.random() < 0.6 else other
            reading = max(-86 * 60, 15 * round((said - late) / 15))
            quarter = 4 * hour + chance.randrange(4) + reading // 15
            beat = chance.random() < 0.9
            count = chance.choice([1, 1, 2, 5, 30])
            found.append((NOON.date(), network, "delivered", hour, reading, quarter, beat, count))
    return found


def learned(votes: list[Vote]) -> DuckDBEngine:
    """An engine with the offsets of all these votes."""
    engine = DuckDBEngine(connect())
    vocabulary_tables.create(engine)
    engine.use(INTERNAL, PUBLIC)
    engine.create_values("scts_votes_by_day", COLUMNS, votes)
    run(Stage.OFFSETS, engine, PARAMETERS)
    return engine


def rows(engine: DuckDBEngine) -> list[Vote]:
    """The offsets, in order."""
    return engine.rows("select * from scts_offsets order by all")


def changes_of(chance: random.Random, votes: list[Vote]) -> tuple[list[Vote], list[Vote]]:
    """Some votes that come, and some that are withdrawn, from some day on."""
    since = FIRST_HOUR + 24 * chance.choice([DAYS - 1, DAYS - 20, DAYS - 60, 100, 10])
    late = [vote for vote in votes if vote[3] >= since and vote[1] != "same"]
    changed = chance.sample(late, min(len(late), chance.choice([1, 3, 40])))
    half = len(changed) // 2
    return changed[half:], [(*vote[:-1], -vote[-1]) for vote in changed[:half]]


@pytest.mark.thorough
def test_offsets_learned_near_changed_hours_are_those_of_all_votes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever votes are added or withdrawn, of dense networks and sparse ones."""
    cuts: list[Any] = []
    drop = DuckDBEngine.drop_namespace

    def look_and_drop(self: DuckDBEngine, namespace: str) -> None:
        if namespace == "near":
            cuts.extend(self.rows("select cut from near.cuts"))
        drop(self, namespace)

    monkeypatch.setattr(DuckDBEngine, "drop_namespace", look_and_drop)
    for seed in range(SEEDS):
        chance = random.Random(seed)
        votes = [vote for name, every in NETWORKS.items() for vote in votes_of(chance, name, every)]
        added, withdrawn = changes_of(chance, votes)
        before = [vote for vote in votes if vote not in added]
        engine = learned(before)
        engine.create_table("known", "from scts_offsets")
        engine.create_values("vote_changes", COLUMNS, [*added, *withdrawn])
        engine.create_table(
            "votes_now", "select * from scts_votes_by_day union all select * from vote_changes"
        )
        for relation in ("scts_offsets", "scts_votes", "scts_votes_by_day"):
            engine.drop_table(relation)
        offsets.relearn(engine, PARAMETERS, "select * from votes_now", "pipeline.known")
        assert rows(engine) == rows(learned([*before, *added, *withdrawn])), seed
    assert len(cuts) > SEEDS / 2, "a window is enough in many of them"
