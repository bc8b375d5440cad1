"""A file has its name only once its bytes are on disk."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dlr_analytics.errors import DamagedFile, DataFolderMissing
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import (
    SystemCalls,
    atomic_rename,
    existing_folder,
    make_folder,
    write_all,
)
from dlr_analytics.store.instance import instance_name, stored_name
from dlr_analytics.store.locks import exclusive_lock, try_lock
from tests.support.journals import Disk


def test_a_file_is_synced_then_renamed_then_its_folder_is_synced(tmp_path: Path) -> None:
    (tmp_path / "staged").write_text("all of it")
    disk = Disk()
    atomic_rename(tmp_path / "staged", tmp_path / "name", disk.calls)
    assert disk.names == ["open", "sync", "rename", "sync_folder"]
    assert [path.name for path in tmp_path.iterdir()] == ["name"]


@pytest.mark.parametrize("nth", range(1, 6))
def test_whatever_fails_the_name_holds_the_old_content_or_all_of_the_new(
    tmp_path: Path, nth: int
) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "name").write_text("old")
    (tmp_path / "staged").write_text("new")
    disk = Disk(nth, nth)
    if nth <= 4:
        with pytest.raises(OSError, match="No space left"):
            atomic_rename(tmp_path / "staged", tmp_path / "day" / "name", disk.calls)
    else:
        atomic_rename(tmp_path / "staged", tmp_path / "day" / "name", disk.calls)
    assert (tmp_path / "day" / "name").read_text() == ("old" if nth <= 3 else "new")


def test_a_renamed_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    (tmp_path / "staged").write_text("447700900123")
    (tmp_path / "staged").chmod(0o644)
    atomic_rename(tmp_path / "staged", tmp_path / "day" / "name")
    assert stat.S_IMODE((tmp_path / "day" / "name").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "day").stat().st_mode) == 0o700


def test_each_folder_that_is_made_is_on_disk_before_the_next(tmp_path: Path) -> None:
    disk = Disk()
    make_folder(tmp_path / "a" / "b", disk.calls)
    make_folder(tmp_path / "a" / "b", disk.calls)
    assert disk.names == ["sync_folder", "sync_folder"]
    assert (tmp_path / "a" / "b").is_dir()


def test_every_byte_is_written_however_few_the_system_takes() -> None:
    written: list[bytes] = []

    def write(_: int, data: bytes | memoryview) -> int:
        written.append(bytes(data[:3]))
        return min(3, len(data))

    write_all(0, b"0123456789", SystemCalls(write=write))
    assert written == [b"012", b"345", b"678", b"9"]


def test_a_locked_file_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "journal").touch()
    with try_lock(tmp_path / "journal") as first, try_lock(tmp_path / "journal") as second:
        assert (first, second) == (True, False)
    with try_lock(tmp_path / "journal") as third:
        assert third


def test_a_missing_file_cannot_be_locked(tmp_path: Path) -> None:
    with try_lock(tmp_path / "journal") as ours:
        assert not ours


def test_a_file_removed_between_opening_and_locking_is_not_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"
    path.touch()

    def lock(descriptor: int) -> bool:
        path.unlink()
        path.touch()  # the name means another file by now
        return True

    monkeypatch.setattr("dlr_analytics.store.locks._lock_now", lock)
    with try_lock(path) as ours:
        assert not ours


def test_shared_and_exclusive_locks_wait_for_each_other(tmp_path: Path) -> None:
    with exclusive_lock(tmp_path / "lock"), try_lock(tmp_path / "lock") as ours:
        assert not ours


def test_a_folder_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DataFolderMissing, match=r"no folder .*nowhere; check --data"):
        existing_folder(tmp_path / "nowhere")


def test_an_instance_name_is_stable_and_unique(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert instance_name(tmp_path / "a") == instance_name(tmp_path / "a")
    assert instance_name(tmp_path / "a") != instance_name(tmp_path / "b")
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"instance", "lock"}


def test_all_that_start_at_once_find_one_name(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(instance_name, [tmp_path] * 8))
    assert len(names) == 1


def test_a_name_that_an_editor_has_ended_with_a_line_stays_one_word(tmp_path: Path) -> None:
    layout.instance(tmp_path).write_bytes(b"k3f9x2ab\r\n")
    assert instance_name(tmp_path) == stored_name(tmp_path) == "k3f9x2ab"


@pytest.mark.parametrize("damage", [b"\xff\xfek3", b"one\ntwo", b"one two"])
def test_a_name_that_cannot_be_sent_is_refused_with_a_remedy(tmp_path: Path, damage: bytes) -> None:
    layout.instance(tmp_path).write_bytes(damage)
    with pytest.raises(DamagedFile, match=r"instance: not one word of ASCII .*; remove it"):
        instance_name(tmp_path)


def test_a_name_that_a_crash_left_empty_is_made_up_again(tmp_path: Path) -> None:
    layout.instance(tmp_path).touch()
    assert instance_name(tmp_path) == instance_name(tmp_path) != ""
