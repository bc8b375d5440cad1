"""``dlr forget`` killed before any change that it makes to the disk, and finished later."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dlr_analytics.erasure.forget import forget
from dlr_analytics.erasure.numbers import read_numbers
from dlr_analytics.erasure.run import finish
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.seal import seal_all
from tests.erasure.killing import killer
from tests.erasure.planted import NUMBER, holding, plant
from tests.support.receivers import stored


def check(made: Path, data: Path, kills: list[int] | None) -> int:
    """Kill it at each of the changes, by default at every sixth. The number of changes."""
    with killer(data, "forget", NUMBER, "--yes", f"--data={data}") as runner:
        shutil.copytree(made, data)
        total = runner.run(10**9)
        after = stored(data)
        for number in kills or range(1, total + 1, 6):
            shutil.rmtree(data)
            shutil.copytree(made, data)
            assert runner.run(number) < number, "it was not killed"
            assert stored(data) >= after, number
            if number % 3 or not layout.erasure_plans(data):
                assert forget(Settings(data=data), read_numbers([NUMBER]), yes=True).left == ()
            else:
                assert finish(Settings(data=data)) == [], "without the number being given again"
            assert holding(data) == [], number
            assert stored(data) == after, number
    return total


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted directory, sealed."""
    data = plant(tmp_path_factory.mktemp("planted") / "data")
    assert seal_all(data) == []
    return data


@pytest.mark.thorough
def test_killed_at_some_changes_nothing_is_left_in_the_end(made: Path, tmp_path: Path) -> None:
    assert check(made, tmp_path / "data", [9, 30]) > 40


@pytest.mark.slow
def test_killed_at_every_sixth_change_nothing_is_left_in_the_end(
    made: Path, tmp_path: Path
) -> None:
    check(made, tmp_path / "data", None)
