"""A folder at rest is listed once, one that changes until its listing is whole."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlr_analytics.errors import DamagedFile
from dlr_analytics.store import layout
from dlr_analytics.store.receipts import listing, scanning
from dlr_analytics.store.receipts.listing import list_data
from dlr_analytics.store.receipts.read import open_receipts
from dlr_analytics.store.receipts.scanning import files_below, scan_folder

LONG_AGO = (1_000_000_000, 1_000_000_000)


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Number of listings of each folder, by its name."""
    counted: Counter[str] = Counter()
    scandir = os.scandir

    def count(folder: str | Path) -> object:
        counted[Path(folder).name] += 1
        return scandir(folder)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", count)
        yield counted


def test_a_folder_at_rest_is_listed_once(tmp_path: Path, listings: Counter[str]) -> None:
    (tmp_path / "a").touch()
    os.utime(tmp_path, LONG_AGO)
    assert [entry.name for entry in scan_folder(tmp_path)] == ["a"]
    assert listings.total() == 1


def test_a_folder_that_has_just_changed_is_listed_until_two_listings_agree(
    tmp_path: Path, listings: Counter[str]
) -> None:
    (tmp_path / "a").touch()
    assert [entry.name for entry in scan_folder(tmp_path)] == ["a"]
    assert listings.total() == 2


@pytest.mark.parametrize("what", ["changed", "exchanged"])
def test_a_folder_that_changes_during_listing_is_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    folder, other = tmp_path / "day", tmp_path / "other"
    for made, name in ((folder, "old"), (other, "new")):
        made.mkdir()
        (made / name).touch()
        os.utime(made, LONG_AGO)
    original = scanning.list_entries

    def once(where: str | Path) -> list[os.DirEntry[str]]:
        monkeypatch.setattr(scanning, "list_entries", original)
        before = original(where)
        if what == "changed":
            (folder / "old").rename(folder / "new")
        else:
            folder.rename(tmp_path / "gone")
            other.rename(folder)
        return before

    monkeypatch.setattr(scanning, "list_entries", once)
    assert [entry.name for entry in scan_folder(folder)] == ["new"]


def test_a_modification_time_in_the_future_is_not_settled(tmp_path: Path) -> None:
    ahead = time.time() + 3600
    os.utime(tmp_path, (ahead, ahead))
    assert scan_folder(tmp_path) == []


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert scan_folder(tmp_path / "nope") == []


def test_subfolders_are_searched_but_not_through_links(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.parquet").touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert files_below(tmp_path, ".parquet") == [str(tmp_path / "a" / "b" / "c.parquet")]


def test_a_reader_lists_each_day_once(tmp_path: Path, listings: Counter[str]) -> None:
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    days = [layout.receipts(data) / f"received_date=2026-11-0{day}" for day in (1, 2, 3)]
    for day in days:
        day.mkdir(parents=True)
        for number in range(5):
            (day / f"{number}.parquet").touch()
        os.utime(day, LONG_AGO)
    os.utime(layout.receipts(data), LONG_AGO)
    assert len(open_receipts(data, scratch).sealed) == 15
    assert [listings[name] for name in ("receipts", *(day.name for day in days))] == [1, 1, 1, 1]


def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    receipts = layout.receipts(tmp_path)
    receipts.mkdir()
    (receipts / "a.parquet").symlink_to(tmp_path / "unmounted")
    with pytest.raises(DamagedFile, match=r"a\.parquet: a broken symbolic link; fix it"):
        list_data(tmp_path)


def test_a_day_on_a_disk_that_is_not_mounted_is_an_error(tmp_path: Path) -> None:
    """Figures without it would look like any others."""
    receipts = layout.receipts(tmp_path)
    receipts.mkdir()
    (receipts / "received_date=2026-11-01").symlink_to(tmp_path / "unmounted")
    with pytest.raises(DamagedFile, match=r"2026-11-01: a broken symbolic link; fix it"):
        list_data(tmp_path)


def test_a_file_compacted_while_it_is_listed_is_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts = layout.receipts(tmp_path)
    receipts.mkdir()
    (receipts / "a.parquet").touch()
    original = scanning.stored_files

    def once(where: Path, ending: str) -> list[str]:
        monkeypatch.setattr(listing, "stored_files", original)
        before = original(where, ending)
        (receipts / "a.parquet").rename(receipts / "z-000001.parquet")
        return before

    monkeypatch.setattr(listing, "stored_files", once)
    assert list(list_data(tmp_path).sealed) == [str(receipts / "z-000001.parquet")]
