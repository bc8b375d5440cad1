"""Nothing damaged is copied into the cache: the sum of the new file would be right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.analysis.cache import refresh
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.parquet.checksum import MAGIC
from dlr_analytics.store.receipts.compact import closed_days
from dlr_analytics.store.sends import Send, record_sends
from tests.support.cache import EVER, refresh_cache, rows_from_receipts, snapshot_rows
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import NOON, after, receipt

Find = Callable[[Path], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days cached, then a late receipt of the first day and a new send record."""
    data = tmp_path_factory.mktemp("made") / "data"
    receive(data, [receipt("a"), receipt("b", seconds=90_000)])
    record_sends(data, [Send("a", after(-60))])
    refresh_cache(data)
    receive(data, [receipt("a", "failed", seconds=180_000)])
    record_sends(data, [Send("a", after(-90))])
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "data", copy_function=shutil.copy2)


def cached(suffix: str) -> Find:
    """Find the file of a kind that has the message."""

    def find(data: Path) -> Path:
        return next(layout.messages(data).rglob(f"*{NOON.date()}*/*{suffix}"))

    return find


def offsets(data: Path) -> Path:
    return next(layout.messages(data).rglob(f"*{layout.SCTS_OFFSETS}"))


def sends(number: int) -> Find:
    def find(data: Path) -> Path:
        return sorted(layout.sends(data).iterdir(), key=lambda path: path.stat().st_mtime)[number]

    return find


def received(seconds: int) -> Find:
    def find(data: Path) -> Path:
        day = layout.receipts(data) / layout.day_folder(after(seconds).date())
        return next(day.iterdir())

    return find


def damage_sum(path: Path) -> bytes:
    """Change a bit of the sum only: all values are read as before."""
    content = bytearray(path.read_bytes())
    content[content.index(MAGIC) + 20] ^= 1
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "find",
    [
        *(cached(".parquet"), cached(layout.SCTS_VOTES), offsets),
        *(cached(layout.KEYS_AND_DURATIONS), cached(layout.OPEN_RECEIPTS)),
        *(sends(0), sends(1), received(0), received(180_000)),
    ],
    ids=[
        "facts",
        "votes",
        "offsets",
        "keys",
        "open receipts",
        "sends",
        "new sends",
        "receipts",
        "new receipts",
    ],
)
@pytest.mark.parametrize("cut", [False, True], ids=["changed", "truncated"])
def test_a_damaged_file_is_named_and_stays_and_so_does_the_cache(
    data: Path, find: Find, cut: bool
) -> None:
    file = find(data)
    whole = file.read_bytes()
    damage_sum(file)
    if cut:
        file.write_bytes(whole[:-5])
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    asked = Settings(data=data)
    lots = refresh.plan_batches(asked, closed_days(data, EVER))
    (done,) = refresh.cache_batches(asked, lots)
    assert f"not cached: {file}: " in done.finding
    is_derived = file.is_relative_to(layout.messages(data))
    assert ("`dlr compact` rebuilds it" in done.finding) == is_derived
    left = {path: path.read_bytes() for path in before if path.exists()}
    assert left == before


def test_compact_names_it_and_says_that_something_was_found(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = damage_sum(sends(1)(data))
    done = run(capsys, "compact", "--data", data)
    assert (done.code, f"{sends(1)(data)}: it has changed" in done.err) == (1, True)
    assert sends(1)(data).read_bytes() == content


@pytest.mark.thorough
def test_questions_check_no_sum(data: Path) -> None:
    right = snapshot_rows(data)
    for file in (path for one in layout.PARQUET_SUFFIXES for path in data.rglob(f"*{one}")):
        damage_sum(file)
    assert snapshot_rows(data) == rows_from_receipts(data) == right
