"""Files are added to a day whose folder is a link, also to one on another disk."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dlr_analytics.bucket.pull import Pulled, pull
from dlr_analytics.bucket.ship import ship
from dlr_analytics.store import layout, verify
from dlr_analytics.store.atomic import COPY, REAL, atomic_rename
from dlr_analytics.store.receipts.insert import import_receipts
from tests.bucket.directories import FOLDER, receive
from tests.bucket.stores import FaultyStore, in_memory
from tests.support.data_directories import receive as receive_receipts
from tests.support.journals import make_receipt
from tests.support.receivers import stored

SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture(params=["the same disk", "another disk"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Where the day's folder is moved to."""
    if request.param == "the same disk":
        yield tmp_path / "moved"
        return
    if not os.access(SHARED_MEMORY, os.W_OK):
        pytest.skip(f"{SHARED_MEMORY} cannot be written")
    if SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip(f"{SHARED_MEMORY} is no other disk")
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        yield Path(folder) / "moved"


@pytest.fixture
def data(place: Path, tmp_path: Path) -> Path:
    """A data directory with a receipt, of a day that is a link."""
    data = tmp_path / "data"
    receive(data, "1")
    shutil.move(data / FOLDER, place)
    (data / FOLDER).symlink_to(place)
    return data


def check(data: Path, place: Path, *names: str) -> None:
    """The link stays, the receipts are where it leads to, and nothing else is beside them."""
    assert (data / FOLDER).is_symlink()
    assert stored(data) == Counter(dict.fromkeys(names, 1))
    assert len(list(place.glob("*.parquet"))) == len(names)
    assert not list(place.parent.glob(f"{COPY}*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    files = verify.files_to_check(data)
    assert [verify.check_file(path, data) for path in files] == [[]] * len(files)


def test_what_is_pulled_is_stored_where_the_link_leads_to(
    data: Path, place: Path, tmp_path: Path
) -> None:
    bucket = FaultyStore()
    receive(tmp_path / "receiver", "2")
    assert ship(tmp_path / "receiver", in_memory(bucket)).findings == ()
    assert pull(in_memory(bucket), data) == Pulled(1, 0)
    check(data, place, "1", "2")
    assert pull(in_memory(bucket), data) == Pulled(0, 1)


def test_what_is_sealed_or_imported_is_stored_where_the_link_leads_to(
    data: Path, place: Path
) -> None:
    receive_receipts(data, [make_receipt("2")])
    check(data, place, "1", "2")
    assert import_receipts(data, [make_receipt("3")]).new == 1
    check(data, place, "1", "2", "3")
    assert not list(layout.staging(data).glob("*.parquet"))


@pytest.mark.parametrize("call", ["open", "sync", "rename"])
def test_a_failure_on_the_other_disk_leaves_the_file_where_it_was(
    call: str, tmp_path: Path
) -> None:
    """The first renaming fails, since the disk is another one; then a call on that disk."""
    staged, day = tmp_path / "staged", tmp_path / "day"
    staged.write_bytes(b"1")
    day.mkdir()

    def other_disk(one: Path, other: Path) -> None:
        if one == staged:
            raise OSError(errno.EXDEV, "another disk")
        full()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    first: Iterator[Callable[..., int | None]] = iter([getattr(REAL, call)])

    def works_once(*given: object) -> int | None:  # for the file that is to be renamed
        return next(first, full)(*given)

    calls = replace(REAL, rename=other_disk)
    if call != "rename":
        calls = replace(calls, **{call: works_once})  # type: ignore[arg-type]
    with pytest.raises(OSError, match="full"):
        atomic_rename(staged, day / "a.parquet", calls)
    assert staged.read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["staged"]
    assert not list(day.iterdir())
