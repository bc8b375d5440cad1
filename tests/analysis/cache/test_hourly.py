"""The day under way, cached hour by hour: the same messages, and nothing derived twice."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from dlr_analytics.analysis.cache import refresh, writer
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import compact_day
from dlr_analytics.store.sends import Send, record_sends
from tests.support.cache import (
    cache_state,
    cached_rows,
    refresh_cache,
    rows_from_receipts,
    snapshot_rows,
)
from tests.support.data_directories import receive
from tests.support.pipelines import NOON, after, receipt

TODAY = NOON.date()


def hourly(data: Path, today: dt.date = TODAY) -> int:
    """What ``dlr compact --open-day`` caches."""
    return refresh_cache(data, today, open_day=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two hours of the day under way, and a day before it."""
    data = tmp_path / "data"
    receive(data, [receipt("old", "accepted", seconds=-86_400), receipt("gone", seconds=-86_300)])
    receive(data, [receipt("a"), receipt("b", "accepted")])
    receive(data, [receipt("b", seconds=3600), receipt("old", seconds=3660)])
    return data


def state_of(data: Path) -> tuple[int, frozenset[dt.date], frozenset[dt.date]]:
    """How many files are new, and which days have changed or were merged."""
    state = writer.current_state(Settings(data=data))
    return len(state.new_files()), state.changed, state.merged


def test_sealed_files_of_the_day_under_way_are_cached_as_they_are(data: Path) -> None:
    assert hourly(data) == 2
    assert state_of(data) == (0, frozenset(), frozenset())
    receive(data, [receipt("a", "failed", seconds=7200), receipt("c", seconds=7300)])
    assert state_of(data) == (1, frozenset(), frozenset())
    assert snapshot_rows(data) == rows_from_receipts(data)
    assert hourly(data) == 1
    assert hourly(data) == 0
    assert snapshot_rows(data) == rows_from_receipts(data)
    assert {row["message_key"] for row in cached_rows(data)} == {"a", "b", "c", "old", "gone"}


@pytest.mark.thorough
def test_as_of_a_moment_of_the_cached_hours_nothing_later_counts(data: Path) -> None:
    receive(data, [receipt("b", "failed", seconds=7200)])
    record_sends(data, [Send("silent", after(5000)), Send("b", after(7100))])
    hourly(data)
    for seconds in (-86_350, 0, 3630, 3660, 7000, 7200):
        moment = after(seconds)
        assert snapshot_rows(data, moment) == rows_from_receipts(data, moment), moment


@pytest.mark.thorough
def test_a_day_that_is_merged_stays_cached(data: Path) -> None:
    hourly(data)
    right = snapshot_rows(data)
    assert compact_day(data, TODAY) == 2
    assert state_of(data) == (0, frozenset(), frozenset({TODAY}))
    assert snapshot_rows(data) == right
    before = cache_state(data).days
    refresh_cache(data)
    assert cache_state(data).days == before, "no message is derived again"
    assert state_of(data) == (0, frozenset(), frozenset())
    assert snapshot_rows(data) == right


@pytest.mark.thorough
def test_what_was_merged_with_files_that_were_not_cached_is_derived_again(data: Path) -> None:
    hourly(data)
    receive(data, [receipt("a", "failed", seconds=7200)])
    assert refresh.partly_cached(Settings(data=data), [TODAY]) == [TODAY]
    compact_day(data, TODAY)
    assert state_of(data)[1] == {TODAY}
    assert snapshot_rows(data) == rows_from_receipts(data)
    refresh_cache(data)
    assert snapshot_rows(data) == rows_from_receipts(data)


def test_a_file_with_fewer_receipts_that_replaces_cached_ones_is_derived_again(
    data: Path, tmp_path: Path
) -> None:
    """Such as one from which a message was removed: it does not say that it was merged."""
    hourly(data)
    day = layout.receipts(data) / layout.day_folder(TODAY)
    sealed = sorted(day.iterdir())
    sealed[1].unlink()
    assert state_of(data)[1] == {TODAY}
    assert snapshot_rows(data) == rows_from_receipts(data)


def test_a_copy_of_a_data_directory_has_its_cache(data: Path, tmp_path: Path) -> None:
    """Whatever times its files have."""
    hourly(data)
    copy = shutil.copytree(data, tmp_path / "copy", copy_function=shutil.copyfile)
    assert state_of(copy) == (0, frozenset(), frozenset())
    assert snapshot_rows(copy) == snapshot_rows(data)


def test_a_file_of_another_program_that_is_written_over_is_new(data: Path) -> None:
    """Its name says nothing: two of one size may have other receipts."""
    day = layout.receipts(data) / layout.day_folder(TODAY)
    one, other = sorted(day.iterdir())
    one.rename(day / "part-0.parquet")
    hourly(data)
    assert state_of(data)[0] == 0
    (day / "part-0.parquet").write_bytes(other.read_bytes())
    other.unlink()
    assert snapshot_rows(data) == rows_from_receipts(data)
