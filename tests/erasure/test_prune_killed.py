"""``dlr prune`` killed before any change that it makes to the disk, and run again."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.erasure.prune import prune
from dlr_analytics.erasure.run import finish
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.seal import seal_all
from tests.erasure.killing import killer
from tests.erasure.worlds import BEFORE, STAY, world
from tests.support.receivers import stored


def by_message(ids: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, times in ids.items():
        found[name.strip().lower()] += times
    return found


def plain(data: Path) -> Counter[str]:
    """What a reader that knows nothing of this package sees."""
    with duckdb.connect() as connection:
        files = f"{layout.receipts(data)}/*/*.parquet"
        rows = connection.execute("select message_id from read_parquet(?)", [files]).fetchall()
    return Counter(message_id for (message_id,) in rows)


def check(made: Path, data: Path, kills: list[int] | None) -> int:
    """Kill it at each of the changes; by default at every third. The number of changes."""
    with killer(data, "prune", f"--before={BEFORE}", "--yes", f"--data={data}") as runner:
        shutil.copytree(made, data)
        total = runner.run(10**9)
        assert by_message(stored(data)) == STAY
        for number in kills or range(1, total + 1, 3):
            shutil.rmtree(data)
            shutil.copytree(made, data)
            assert runner.run(number) < number, "it was not killed"
            for seen in (by_message(stored(data)), by_message(plain(data))):
                assert {name: seen[name] for name in STAY} == STAY, number
            if number % 2:
                assert finish(Settings(data=data)) == []
            assert prune(Settings(data=data), BEFORE, yes=True).left == ()
            assert by_message(stored(data)) == STAY, number
            assert by_message(plain(data)) == STAY, number
            assert layout.erasure_plans(data) == []
            assert not list(layout.receipts(data).glob("received_date=2026-10-01"))
            left = [path.name for path in layout.staging(data).iterdir()]
            assert [name for name in left if not name.startswith("dlr-spill-")] == [], number
    return total


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world, sealed."""
    data = world(tmp_path_factory.mktemp("world") / "data")
    assert seal_all(data) == []
    return data


@pytest.mark.thorough
def test_killed_at_some_changes_the_next_run_ends_the_same(made: Path, tmp_path: Path) -> None:
    assert check(made, tmp_path / "data", [8, 23, 40]) > 40


@pytest.mark.slow
def test_killed_at_every_third_change_the_next_run_ends_the_same(
    made: Path, tmp_path: Path
) -> None:
    check(made, tmp_path / "data", None)
