"""Days as they should not be: strangers in their folders, clocks that were set back."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.locks import exclusive_lock
from dlr_analytics.store.receipts.compact import (
    closed_days,
    compact,
    compact_day,
    is_compacting,
)
from dlr_analytics.store.receipts.seal import seal_all
from tests.support.journals import NOON, without_part
from tests.support.receivers import stored

Fill = Callable[..., None]
DAY = NOON.date()
ONE = dt.timedelta(days=1)


@pytest.fixture
def folder(data: Path, fill: Fill) -> Path:
    """The folder of a day with two sealed files."""
    for number in "12":
        fill(number)
        seal_all(data)
    return layout.receipts(data) / layout.day_folder(DAY)


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(without_part(path.name) for path in folder.iterdir())


def test_files_of_others_stay_where_they_are(data: Path, folder: Path) -> None:
    (folder / "_SUCCESS").touch()
    (folder / ".crc").write_bytes(b"of somebody else's")
    assert compact_day(data, DAY) == 2
    assert names(folder) == [".crc", "_SUCCESS", "z-000001.parquet"]
    assert (folder / ".crc").read_bytes() == b"of somebody else's"
    assert stored(data) == {"1": 1, "2": 1}
    assert compact_day(data, DAY) == 0
    assert list(layout.staging(data).iterdir()) == []


def test_a_day_on_another_disk_stays_there(data: Path, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    before = names(elsewhere)
    assert compact_day(data, DAY) == 0
    assert folder.is_symlink()
    assert names(elsewhere) == before
    assert stored(data) == {"1": 1, "2": 1}


def test_parquet_in_a_folder_below_stays_there_and_is_read(data: Path, folder: Path) -> None:
    below = folder / "hour=12"
    below.mkdir()
    table = pq.read_table(min(folder.glob("*.parquet")), partitioning=None)
    renamed = table.set_column(1, "message_id", [["3"]])
    pq.write_table(renamed, below / "mine.parquet")
    assert compact_day(data, DAY) == 2
    assert names(folder) == ["hour=12", "z-000001.parquet"]
    assert stored(data) == {"1": 1, "2": 1, "3": 1}


def test_other_folders_and_files_are_not_days(data: Path, folder: Path) -> None:
    for name in ("received_date=soon", "received_date=2026-13-01", "mine", "received_date"):
        (folder.parent / name).mkdir()
    shutil.copy(min(folder.iterdir()), folder.parent / "beside.parquet")
    assert closed_days(data, DAY + ONE) == [DAY]


def test_a_clock_set_back_closes_fewer_days(data: Path, folder: Path, fill: Fill) -> None:
    fill("3", received_at=NOON + ONE)
    seal_all(data)
    done = list(compact(data, closed_days(data, DAY + 2 * ONE)))
    assert [one.files for one in done] == [2, 1]
    before = names(folder)
    assert closed_days(data, DAY) == []
    assert [one.files for one in compact(data, closed_days(data, DAY + ONE))] == [0]
    assert names(folder) == before


def test_what_a_receiver_stores_while_its_clock_is_behind_joins_the_merged_day(
    data: Path, folder: Path, fill: Fill
) -> None:
    compact_day(data, DAY)
    fill("late", received_at=NOON)
    seal_all(data)
    assert stored(data) == {"1": 1, "2": 1, "late": 1}
    assert compact_day(data, DAY) == 2
    assert names(folder) == ["z-000002.parquet"]
    assert stored(data) == {"1": 1, "2": 1, "late": 1}


def test_an_empty_day_stays_empty(data: Path) -> None:
    folder = layout.receipts(data) / layout.day_folder(DAY)
    folder.mkdir()
    assert compact_day(data, DAY) == 0
    assert names(folder) == []


def test_a_compaction_of_another_process_is_detected(data: Path) -> None:
    assert not is_compacting(data)
    with exclusive_lock(layout.compact_lock(data)):
        assert is_compacting(data)
    assert not is_compacting(data)


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path) -> None:
    layout.compact_lock(tmp_path).mkdir()
    with pytest.raises(StoreError, match="compacting writes there"):
        is_compacting(tmp_path)
