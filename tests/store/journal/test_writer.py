"""Whatever fails and whenever: what was acknowledged is there, once, and nothing piles up."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import stat
from collections import Counter
from pathlib import Path

import pytest

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.journal.codec import checksummed_line, is_intact
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.receipts.seal import seal_all
from tests.support.journals import NOON, Disk, entry
from tests.support.receivers import stored

TOMORROW = NOON + dt.timedelta(days=1)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_journal_has_the_receipts_of_one_writer_and_one_day(data: Path) -> None:
    writer = Writer(data)
    writer.write([entry("1"), entry("2", TOMORROW), entry("3")])
    writer.write([entry("4")])
    assert files(layout.journal(data)) == [
        f"2026-11-24.{writer.name}-000001.jsonl",
        f"2026-11-25.{writer.name}-000002.jsonl",
    ]
    assert stored(data) == {"1": 1, "2": 1, "3": 1, "4": 1}


def test_a_batch_is_on_disk_with_one_sync_for_all_of_it(data: Path) -> None:
    disk = Disk()
    writer = Writer(data, disk.calls)
    writer.write([entry("1")])
    disk.names.clear()
    writer.write([entry(str(number)) for number in range(2, 100)])
    assert disk.names == ["write", "sync"]


def test_a_journal_s_name_is_on_disk_before_anything_in_it_is_acknowledged(data: Path) -> None:
    disk = Disk()
    Writer(data, disk.calls).write([entry("1")])
    assert disk.names == ["open", "rename", "sync_folder", "write", "sync"]


def test_a_journal_is_readable_by_its_owner_only(data: Path) -> None:
    Writer(data).write([entry("1")])
    (journal,) = layout.journal(data).iterdir()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(layout.journal(data).stat().st_mode) == 0o700
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_after_a_failed_sync_nothing_more_goes_into_that_file(data: Path) -> None:
    disk = Disk(7, 7)  # open, rename, sync_folder, write, sync, write, and now the second sync
    writer = Writer(data, disk.calls)
    writer.write([entry("1")])
    with pytest.raises(StoreError, match="No space left on device"):
        writer.write([entry("2")])
    writer.write([entry("3")])
    assert len(files(layout.journal(data))) == 2
    assert stored(data) == {"1": 1, "3": 1}


def test_what_a_failed_write_left_half_is_cut_off_again(data: Path) -> None:
    writer = Writer(data, Disk(6, 6).calls)
    writer.write([entry("1")])
    with pytest.raises(StoreError):
        writer.write([entry("2")])
    (journal,) = layout.journal(data).iterdir()
    assert journal.read_bytes() == entry("1").line


@pytest.mark.parametrize("all_of_it", [False, True])
def test_what_is_written_to_a_removed_journal_is_not_acknowledged(
    data: Path, *, all_of_it: bool
) -> None:
    writer = Writer(data)
    writer.write([entry("1")])
    (journal,) = layout.journal(data).iterdir()
    if all_of_it:
        shutil.rmtree(data)
    else:
        journal.unlink()
    with pytest.raises(StoreError, match="removed while it was written"):
        writer.write([entry("2")])
    writer.write([entry("2")])
    assert stored(data) == {"2": 1}


def test_a_failure_of_one_day_takes_the_whole_batch_back(data: Path) -> None:
    disk = Disk(9, 9)  # the write of the second day
    with pytest.raises(StoreError):
        Writer(data, disk.calls).write([entry("1"), entry("2", TOMORROW)])
    assert stored(data) == {}


def test_a_full_disk_leaves_no_heap_of_files(data: Path) -> None:
    writer = Writer(data, Disk(1, 1000).calls)
    for _ in range(100):
        with pytest.raises(StoreError):
            writer.write([entry("1")])
    left = [*layout.journal(data).iterdir(), *layout.staging(data).iterdir()]
    assert left == []


def outcome(data: Path, disk: Disk) -> tuple[list[str], list[str]]:
    """Ten batches on a failing disk, each tried once; what was acknowledged, and what was not."""
    writer = Writer(data, disk.calls)
    acknowledged, refused = [], []
    for number in range(10):
        batch = [entry(f"{number}a"), entry(f"{number}b", NOON + dt.timedelta(days=number % 2))]
        ids = [f"{number}a", f"{number}b"]
        try:
            writer.write(batch)
            acknowledged += ids
        except StoreError:
            refused += ids
        if number % 4 == 3:
            writer.release()
    return acknowledged, refused


def journaled(data: Path) -> Counter[str]:
    """Message IDs in the journals' whole lines."""
    return Counter(
        json.loads(line)["message_id"]
        for path in layout.journal(data).iterdir()
        for line in path.read_bytes().splitlines(keepends=True)
        if is_intact(line)
    )


@pytest.mark.parametrize("lasting", [False, True])
def test_whichever_call_fails_the_acknowledged_are_stored_once_and_the_refused_are_not(
    tmp_path: Path, lasting: bool
) -> None:
    Writer(tmp_path / "sound").probe()
    sound = Disk()
    outcome(tmp_path / "sound", sound)
    assert sound.made > 40
    for nth in range(1, sound.made + 1):
        data = tmp_path / str(nth)
        Writer(data).probe()
        acknowledged, refused = outcome(data, Disk(nth, 10_000 if lasting else nth))
        assert refused
        seen = journaled(data)
        assert all(seen[message_id] == 1 for message_id in acknowledged), nth
        # A disk on which nothing works any more keeps what could not be cut off, once.
        assert all(seen[message_id] <= lasting for message_id in refused), nth


def test_if_truncation_fails_acknowledged_lines_are_still_distinguished(
    data: Path,
) -> None:
    # The write tears, and truncating fails too: the torn line stays at the end.
    writer = Writer(data, Disk(6, 7).calls)
    writer.write([entry("1")])
    with pytest.raises(StoreError):
        writer.write([entry("2")])
    assert stored(data) == {"1": 1}
    assert seal_all(data) == []
    assert stored(data) == {"1": 1}


def test_a_failure_that_is_no_disk_s_is_raised_as_it_is_and_nothing_counts(data: Path) -> None:
    attempts = itertools.count()

    def sync(descriptor: int) -> None:
        if next(attempts) == 1:
            raise MemoryError
        REAL.sync(descriptor)

    writer = Writer(data, SystemCalls(sync=sync))
    writer.write([entry("1")])
    with pytest.raises(MemoryError):
        writer.write([entry("2")])
    writer.write([entry("3")])
    assert stored(data) == {"1": 1, "3": 1}


def test_files_are_released_by_age_or_by_size(data: Path) -> None:
    writer = Writer(data)
    writer.write([entry("1")])
    size = len(entry("1").line)
    assert writer.release(seconds=3600, size=size + 1) == 0
    assert writer.release(seconds=3600, size=size) == 1
    writer.write([entry("2")])
    assert writer.release(seconds=0, size=2**40) == 1
    assert writer.release() == 0


def test_two_writers_never_share_a_name(data: Path) -> None:
    for _ in range(2):
        Writer(data).write([entry("1")])
    assert len(files(layout.journal(data))) == 2


def test_quarantine_files_are_synced_and_released_like_journals(data: Path) -> None:
    writer = Writer(data)
    line = checksummed_line({"reason": "no message ID"})
    writer.write([Entry(None, line)])
    assert files(layout.quarantine(data)) == [f"{writer.name}-000001-0.jsonl"]
    assert writer.release() == 1


def test_a_probe_writes_where_receipts_go_and_leaves_nothing(tmp_path: Path) -> None:
    disk = Disk()
    Writer(tmp_path / "data", disk.calls).probe()
    assert disk.names[-6:] == ["open", "rename", "sync_folder", "write", "sync", "unlink"]
    assert files(layout.staging(tmp_path / "data")) == []
    assert files(tmp_path / "data") == sorted(layout.SUBFOLDERS)


def test_a_probe_says_why_nothing_can_be_stored(data: Path) -> None:
    for nth in range(1, 6):
        with pytest.raises(StoreError, match="data: No space left on device"):
            Writer(data, Disk(nth, nth).calls).probe()
        assert files(layout.staging(data)) == []


def test_a_data_directory_below_a_file_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file/data: Not a directory"):
        Writer(tmp_path / "file" / "data").probe()
