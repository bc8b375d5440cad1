"""Folders of several hosts, joined by copying one over the other, lose and double nothing."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dlr_analytics.store import layout
from dlr_analytics.store.connection import connect
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.receipts import generations
from dlr_analytics.store.receipts.compact import compact, compact_day
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.verify import check_file
from tests.support.journals import NOON, entry
from tests.support.receivers import stored

DAY = NOON.date()


def day_folder(data: Path) -> Path:
    """The folder of the day."""
    return layout.receipts(data) / layout.day_folder(DAY)


def receive(data: Path, *message_ids: str) -> None:
    """Receive and seal; each call makes one file."""
    writer = Writer(data)
    writer.probe()
    writer.write([entry(message_id, NOON + dt.timedelta(seconds=1)) for message_id in message_ids])
    writer.release()
    seal_all(data)


def host(data: Path, name: str, generations: int = 2) -> Path:
    """A data directory that was compacted after each of its files."""
    receive(data, f"{name}-first")
    for number in range(generations):
        receive(data, f"{name}-{number}", f"{name}-{number}-too")
        compact_day(data, DAY)
    return data


def as_earlier_releases_named(data: Path) -> None:
    """Give the compacted files of a folder the names of earlier releases, in footers too."""
    for path in day_folder(data).glob("z-*.parquet"):
        names = "\n".join(
            f"z-{generations.generation_of(Path(name)):06d}.parquet"
            if name.startswith("z-")
            else name
            for name in pq.read_metadata(path).metadata[b"replaces"].decode().split("\n")
        )
        old = path.with_name(f"z-{generations.generation_of(path):06d}.parquet")
        with connect() as connection:
            connection.execute(
                f"copy (from read_parquet('{path}', hive_partitioning = false)) to '{old}'"
                f" (format parquet, kv_metadata {{replaces: '{names}'}})"
            )
        path.unlink()


def copy_over(source: Path, target: Path) -> None:
    """What ``rsync -a SOURCE/receipts/ TARGET/receipts/`` does."""
    shutil.copytree(layout.receipts(source), layout.receipts(target), dirs_exist_ok=True)


def plainly_read(data: Path) -> Counter[str]:
    """How often a reader that knows nothing of compaction sees each message ID."""
    files = day_folder(data).glob("*.parquet")
    return Counter(
        value for file in files for value in pq.read_table(file)["message_id"].to_pylist()
    )


def faults(data: Path) -> dict[str, list[str]]:
    """What ``verify`` says of each file of the day."""
    checked = {path.name: check_file(path, data) for path in day_folder(data).iterdir()}
    return {name: found for name, found in checked.items() if found}


def once(*hosts: Path) -> Counter[str]:
    """Each receipt of these hosts once."""
    return Counter({message_id: 1 for data in hosts for message_id in plainly_read(data)})


@pytest.mark.thorough
@pytest.mark.parametrize("before", [1, 2, 3])
def test_two_compacted_folders_joined_have_each_receipt_once(tmp_path: Path, before: int) -> None:
    one, two = host(tmp_path / "one", "a", 2), host(tmp_path / "two", "b", before)
    expected = once(one, two)
    copy_over(one, two)
    assert expected.total() == 6 + 2 * before
    assert stored(two) == plainly_read(two) == expected
    assert faults(two) == {}
    assert compact_day(two, DAY) == 2
    assert stored(two) == plainly_read(two) == expected
    copy_over(one, two)
    assert stored(two) == expected
    assert compact_day(two, DAY) == 0
    assert stored(two) == plainly_read(two) == expected


@pytest.mark.thorough
@pytest.mark.parametrize("of_whom", ["mine", "theirs"])
def test_a_name_of_earlier_releases_may_mean_the_file_of_another_host(
    tmp_path: Path, of_whom: str
) -> None:
    """One host's first generation beside another host's second, which replaced its own first."""
    one, two = host(tmp_path / "one", "a", 1), host(tmp_path / "two", "b", 2)
    as_earlier_releases_named(one)
    as_earlier_releases_named(two)
    if of_whom == "theirs":
        receive(two, "b-late")
        compact_day(two, DAY)
    expected = once(one, two)
    copy_over(one, two)
    assert stored(two) == plainly_read(two) == expected
    assert list(faults(two)) == ["z-000001.parquet"]
    assert compact_day(two, DAY) == 2
    assert stored(two) == plainly_read(two) == expected
    assert faults(two) == {}


def test_old_names_are_replaced_and_merged(tmp_path: Path) -> None:
    data = host(tmp_path / "data", "a", 2)
    as_earlier_releases_named(data)
    (old,) = day_folder(data).iterdir()
    assert old.name == "z-000002.parquet"
    receive(data, "late")
    shutil.copy(old, tmp_path)
    expected = once(data)
    assert compact_day(data, DAY) == 2
    (new,) = day_folder(data).iterdir()
    assert generations.generation_of(new) == 3
    shutil.copy(tmp_path / old.name, old)
    assert stored(data) == expected
    assert list(faults(data)) == [old.name]
    assert compact_day(data, DAY) == 0
    assert plainly_read(data) == expected


def test_of_the_same_receipts_compacted_on_two_hosts_one_file_counts(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for number in range(3):
        receive(one, str(number))
    shutil.copytree(one, two)
    for data in (one, two):
        compact_day(data, DAY)
    copy_over(one, two)
    assert stored(two) == once(one)
    assert compact_day(two, DAY) == 0
    assert plainly_read(two) == once(one)


def test_of_a_folder_collected_before_and_after_its_compaction_one_copy_counts(
    tmp_path: Path,
) -> None:
    """A host compacts what another has collected from it, and has compacted with its own."""
    one, two = tmp_path / "one", tmp_path / "two"
    for number in range(3):
        receive(one, f"a-{number}")
    receive(two, "b")
    expected = once(one, two)
    copy_over(one, two)
    compact_day(one, DAY)
    compact_day(two, DAY)
    copy_over(one, two)
    assert stored(two) == expected
    (collected,) = day_folder(one).iterdir()
    assert list(faults(two)) == [collected.name]
    assert "dlr compact removes this one" in faults(two)[collected.name][0]
    assert compact_day(two, DAY) == 0
    assert stored(two) == plainly_read(two) == expected
    assert faults(two) == {}


def test_files_that_share_receipts_are_named_and_not_merged(tmp_path: Path) -> None:
    """Two hosts that began with the same files: what each of them added must not be lost."""
    one, two = tmp_path / "one", tmp_path / "two"
    receive(one, "both")
    shutil.copytree(one, two)
    for data, name in ((one, "a"), (two, "b")):
        receive(data, name)
        compact_day(data, DAY)
    copy_over(one, two)
    before = sorted(day_folder(two).iterdir())
    assert sorted(faults(two)) == [path.name for path in before]
    (done,) = compact(two, [DAY])
    assert "stands for" in done.finding
    assert sorted(day_folder(two).iterdir()) == before
