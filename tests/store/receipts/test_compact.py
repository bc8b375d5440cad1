"""A closed day's files become one, whatever happens on the way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts import generations, read, scanning
from dlr_analytics.store.receipts.compact import closed_days, compact, compact_day
from dlr_analytics.store.receipts.files import Files
from dlr_analytics.store.receipts.read import open_receipts, select_receipts
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.webhook.receipt import COLUMNS
from tests.support.journals import NOON, Disk, without_part
from tests.support.receivers import stored

Fill = Callable[..., None]
DAY = NOON.date()
NEXT_DAY = NOON + dt.timedelta(days=1)


def files(data: Path, day: dt.date = DAY) -> list[str]:
    """Names in a day's folder."""
    folder = layout.receipts(data) / layout.day_folder(day)
    return sorted(without_part(path.name) for path in folder.iterdir())


def compacted(data: Path) -> Path:
    """The only file of a day that is compacted."""
    (file,) = (layout.receipts(data) / layout.day_folder(DAY)).iterdir()
    return file


def seen(data: Path) -> Counter[str]:
    """How often our own reader sees each message ID."""
    with tempfile.TemporaryDirectory() as scratch, connect() as connection:
        rows = connection.execute(
            f"select message_id from ({select_receipts(open_receipts(data, Path(scratch)))})"
        ).fetchall()
    return Counter(message_id for (message_id,) in rows)


@pytest.fixture
def three(data: Path, fill: Fill) -> Path:
    """A data directory with three sealed files in one day."""
    for number in "312":
        fill(number, received_at=NOON + dt.timedelta(seconds=int(number)))
        seal_all(data)
    assert len(files(data)) == 3
    return data


EACH_ONCE = {"1": 1, "2": 1, "3": 1}


def test_a_day_becomes_one_file_with_every_receipt_once_in_order_of_time(three: Path) -> None:
    assert compact_day(three, DAY) == 3
    assert files(three) == ["z-000001.parquet"]
    table = pq.read_table(compacted(three))
    assert table["message_id"].to_pylist() == ["1", "2", "3"]
    assert stored(three) == EACH_ONCE
    assert list(layout.staging(three).iterdir()) == []


def test_columns_and_types_stay(three: Path) -> None:
    folder = layout.receipts(three) / layout.day_folder(DAY)
    before = pq.ParquetFile(next(folder.iterdir())).schema_arrow
    compact_day(three, DAY)
    after = pq.ParquetFile(compacted(three)).schema_arrow
    assert after.names == list(COLUMNS)
    assert after.types == before.types


def test_a_second_run_changes_nothing(three: Path) -> None:
    compact_day(three, DAY)
    file = compacted(three)
    before = file.stat()
    assert compact_day(three, DAY) == 0
    assert os.path.samestat(before, file.stat())


def test_only_days_before_today_are_closed(three: Path, fill: Fill) -> None:
    fill("4", received_at=NEXT_DAY)
    seal_all(three)
    assert closed_days(three, NEXT_DAY.date()) == [DAY]


def test_what_comes_late_is_merged_again_and_no_name_is_forgotten(three: Path, fill: Fill) -> None:
    """A journal sealed, compacted, compacted and sealed again must not be there twice."""
    fill("4")
    (journal,) = layout.journal(three).iterdir()
    content = journal.read_bytes()
    seal_all(three)
    compact_day(three, DAY)
    fill("5")
    seal_all(three)
    compact_day(three, DAY)
    assert files(three) == ["z-000002.parquet"]
    journal.write_bytes(content)
    seal_all(three)
    assert stored(three) == {**EACH_ONCE, "4": 1, "5": 1}


def test_a_day_that_is_compacted_while_it_is_listed_is_seen_whole(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing that returns one name before the files are replaced, and nothing after."""
    whole = scanning.list_entries
    folder = layout.receipts(three) / layout.day_folder(DAY)
    os.utime(folder, (0, 0))

    def cut(path: str | Path) -> list[os.DirEntry[str]]:
        before = whole(path)
        if Path(path) != folder:
            return before
        monkeypatch.setattr(scanning, "list_entries", whole)
        compact_day(three, DAY)
        return before[:1]

    monkeypatch.setattr(scanning, "list_entries", cut)
    assert seen(three) == EACH_ONCE
    assert files(three) == ["z-000001.parquet"]


def test_footers_that_vanish_while_they_are_opened_are_listed_again(
    three: Path, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    compact_day(three, DAY)
    fill("4")
    seal_all(three)
    replaced = generations.replaced_files

    def vanished(paths: Iterable[Path], files: Files) -> frozenset[Path]:
        monkeypatch.setattr(read, "replaced_files", replaced)
        listed = list(paths)
        compact_day(three, DAY)
        return replaced(listed, files)

    monkeypatch.setattr(read, "replaced_files", vanished)
    assert seen(three) == {**EACH_ONCE, "4": 1}


def test_a_journal_whose_receipts_are_compacted_is_not_read_twice(three: Path, fill: Fill) -> None:
    fill("4")
    (journal,) = layout.journal(three).iterdir()
    content = journal.read_bytes()
    seal_all(three)
    compact_day(three, DAY)
    fill("5")
    seal_all(three)
    journal.write_bytes(content)
    assert seen(three) == {**EACH_ONCE, "4": 1, "5": 1}


def test_a_file_with_other_columns_is_not_merged(three: Path) -> None:
    folder = layout.receipts(three) / layout.day_folder(DAY)
    mine = pq.read_table(next(folder.iterdir()), partitioning=None)
    pq.write_table(mine.append_column("mine", mine["message_id"]), folder / "mine.parquet")
    before = seen(three)
    assert compact_day(three, DAY) == 3
    assert files(three) == ["mine.parquet", "z-000001.parquet"]
    assert seen(three) == before
    assert compact_day(three, DAY) == 0


def test_a_day_with_a_damaged_file_stays_and_the_others_are_merged(three: Path, fill: Fill) -> None:
    fill("4", received_at=NEXT_DAY)
    fill("5", received_at=NEXT_DAY)
    seal_all(three)
    folder = layout.receipts(three) / layout.day_folder(DAY)
    first = min(folder.iterdir())
    first.write_bytes(first.read_bytes()[:200])
    before = files(three)
    bad, good = compact(three, [DAY, NEXT_DAY.date()])
    assert (bad.files, good.files) == (0, 2)
    assert f"{DAY}" in bad.finding
    assert good.finding == ""
    assert files(three) == before


def cannot_exchange(one: Path, other: Path) -> None:
    raise OSError(errno.EINVAL, "this disk cannot")


def test_where_folders_cannot_be_exchanged_the_file_is_put_beside_and_the_old_go(
    three: Path,
) -> None:
    assert compact_day(three, DAY, SystemCalls(exchange=cannot_exchange)) == 3
    assert files(three) == ["z-000001.parquet"]
    assert stored(three) == EACH_ONCE
    assert list(layout.staging(three).iterdir()) == []


def test_no_file_is_removed_that_none_replaces(three: Path) -> None:
    aside = layout.staging(three) / f"compact-{DAY}"
    aside.mkdir()
    (aside / "stranger.parquet").write_bytes(b"?")
    with pytest.raises(OSError, match="no compacted file replaces"):
        compact_day(three, DAY)
    assert (aside / "stranger.parquet").exists()
    assert stored(three) == EACH_ONCE


@pytest.mark.parametrize("whole", [True, False], ids=["exchange", "beside"])
def test_every_system_call_failing_loses_and_doubles_nothing(
    three: Path, tmp_path: Path, whole: bool
) -> None:
    """Fail the nth call for every n, read with our reader, then compact again."""
    number, finished = 0, False
    while not finished:
        number += 1
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(three, copy)
        disk = Disk(number, number)
        calls = disk.calls if whole else dataclasses.replace(disk.calls, exchange=cannot_exchange)
        try:
            compact_day(copy, DAY, calls)
        except OSError:
            assert seen(copy) == EACH_ONCE
            compact_day(copy, DAY)
        finished = disk.made < number
        assert stored(copy) == EACH_ONCE
        assert files(copy) in (["z-000001.parquet"], ["z-000002.parquet"])
        assert list(layout.staging(copy).iterdir()) == []
    assert number > 5


def test_a_file_that_comes_while_the_others_are_merged_is_merged_too(
    three: Path, fill: Fill
) -> None:
    fill("4")
    late = iter([seal_all])

    def sync(descriptor: int) -> None:
        for seal in late:
            seal(three)
        REAL.sync(descriptor)

    assert compact_day(three, DAY, SystemCalls(sync=sync)) == 4
    assert files(three) == ["z-000001.parquet"]
    assert stored(three) == {**EACH_ONCE, "4": 1}


def test_a_day_that_does_not_fit_into_memory_stays_as_it_was(three: Path) -> None:
    before = files(three)
    (done,) = compact(three, [DAY], memory=1)
    assert "not compacted: Out of Memory Error" in done.finding
    assert files(three) == before
    assert seen(three) == EACH_ONCE
    (done,) = compact(three, [DAY])
    assert (done.finding, seen(three)) == ("", EACH_ONCE)
