"""``compare`` in simulated worlds of a hundred networks: false alarms, and what is found."""

from __future__ import annotations

import pytest

from tests.truth.weeks import WORLDS, World, drawn, score

INDEPENDENT = WORLDS[0]


@pytest.mark.slow
def test_where_days_are_independent_four_of_five_changes_are_found_with_few_false_ones() -> None:
    found = score(drawn(INDEPENDENT), periods=12)
    print(INDEPENDENT.name, found)
    assert found.alarms <= 0.06
    assert found.false <= 0.06
    assert found.found >= 4


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS[1:], ids=lambda world: world.name)
def test_in_harder_worlds_fewer_are_found_and_false_ones_stay_few(world: World) -> None:
    """Not as few where rates wander or campaigns are frequent, as the page of the study says."""
    found = score(drawn(world), periods=12)
    print(world.name, found)
    assert found.false <= (0.15 if world.wander or world.campaigns else 0.06)
    assert found.found < 5


def test_a_change_is_found_in_a_few_worlds_drawn_at_once() -> None:
    found = score(drawn(INDEPENDENT, runs=3), periods=12)
    assert found.found >= 3
    assert found.alarms < 1
