"""Folders of days on another disk, behind symbolic links, and links that have no place."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlr_analytics.erasure.proof import _files
from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.receipts.compact import compact_day
from tests.erasure.planted import NUMBER, holding
from tests.erasure.worlds import BEFORE, OLD, YOUNG, files, one
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.quick import pairs
from tests.support.receivers import stored

COMMANDS = [("prune", f"--before={BEFORE}"), ("forget", NUMBER)]
SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two days with an old and a young message each, and one with an old one."""
    data = tmp_path / "data"
    receive(data, [one("old-1", OLD, msisdn=NUMBER), one("young-1", YOUNG)])
    late = [one("old-2", YOUNG, msisdn=NUMBER, message_timestamp=OLD), one("young-2", YOUNG)]
    receive(data, late)
    return data


@pytest.fixture(params=["the same disk", "another disk"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder outside of the data directory."""
    if request.param == "the same disk":
        yield tmp_path
        return
    if not os.access(SHARED_MEMORY, os.W_OK):
        pytest.skip(f"{SHARED_MEMORY} cannot be written")
    if SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip(f"{SHARED_MEMORY} is no other disk")
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        yield Path(folder)


def link_days(data: Path, elsewhere: Path) -> list[Path]:
    """Move all days to another place, and leave links."""
    moved = []
    for day in sorted(layout.receipts(data).iterdir()):
        place = elsewhere / f"moved-{day.name}"
        shutil.move(day, place)
        day.symlink_to(place)
        moved.append(place)
    return moved


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("command", "elsewhere"),
    pairs(COMMANDS, ["the same disk", "another disk"]),
    indirect=["elsewhere"],
)
def test_days_behind_links_are_pruned_and_forgotten_where_they_lie(
    data: Path, elsewhere: Path, command: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    moved = link_days(data, elsewhere)
    assert holding(elsewhere)
    said = run(capsys, *command, "--data", data)
    assert (said.code, "2 messages, 2 receipts" in said.out) == (1, True), said
    done = run(capsys, *command, "--yes", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert stored(data) == Counter({"young-1": 1, "young-2": 1})
    assert holding(elsewhere) == []
    assert {*elsewhere.iterdir()} - {data} == {moved[1]}
    assert (layout.receipts(data) / layout.day_folder(YOUNG.date())).is_symlink()
    assert run(capsys, "verify", "--data", data).code == 0
    assert compact_day(data, YOUNG.date()) == 0
    state = files(data)
    assert run(capsys, *command, "--yes", "--data", data).code == 0
    assert files(data) == state


@pytest.mark.thorough
def test_what_a_killed_run_left_beside_a_linked_day_is_removed(
    data: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = link_days(data, elsewhere)[0]
    left = elsewhere / f".dlr-erase-{place.name}-1"
    left.mkdir()
    shutil.copy(next(place.iterdir()), left)
    for name in (f".dlr-erase-{place.name}-1.draft", f"tmp_.dlr-erase-{place.name}-2.draft"):
        shutil.copy(next(place.iterdir()), elsewhere / name)
    shutil.copy(next(place.iterdir()), elsewhere / f".dlr-copy-{place.name}-a.parquet")
    assert run(capsys, "forget", NUMBER, "--yes", "--data", data).code == 0
    assert holding(elsewhere) == []
    assert not list(elsewhere.glob("*.dlr-*"))


@pytest.mark.parametrize("name", ["messages/old", "sends/old", "archive", "receipts/x/old"])
def test_the_proof_reads_behind_every_link(tmp_path: Path, name: str) -> None:
    """Also behind one that leads back to a folder above it, once."""
    data, outside = tmp_path / "data", tmp_path / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text(NUMBER)
    (outside / "loop").symlink_to(tmp_path)
    (data / name).parent.mkdir(parents=True)
    (data / name).symlink_to(outside)
    found = list(_files(data))
    assert data / name / "a.txt" in found
    assert len(found) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=["prune", "forget"])
@pytest.mark.parametrize("name", ["file", "sends", "journal", "in a day", "gone", "loop"])
def test_other_links_are_refused_in_one_line_before_anything_changes(
    data: Path, name: str, command: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What they lead to would stay where it is."""
    outside = data.parent / "outside"
    day = min(layout.receipts(data).iterdir())
    if name == "file":
        link = next(day.iterdir())
        shutil.move(link, outside)
    elif name == "journal":
        link = layout.journal(data) / f"{OLD.date()}.testtest-000999.jsonl"
        outside.write_bytes(encode(one("old-3", OLD, msisdn=NUMBER)))
    elif name in {"gone", "loop"}:
        link = layout.receipts(data) / layout.day_folder(OLD.date() - dt.timedelta(days=1))
    else:
        outside.mkdir()
        link = (layout.sends(data) if name == "sends" else day) / "old"
        link.parent.mkdir(exist_ok=True)
    link.symlink_to(link if name == "loop" else outside)
    state = files(data)
    for more in ((), ("--yes",)):
        done = run(capsys, *command, *more, "--data", data)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert str(link) in done.err
    assert files(data) == state
    assert outside.exists() == (name not in {"gone", "loop"})


@pytest.mark.thorough
@pytest.mark.parametrize("folder", ["receipts", "quarantine", "sends", "journal"])
def test_a_whole_folder_may_be_a_link_on_the_same_disk(
    data: Path, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = data.parent / "elsewhere"
    (data / folder).mkdir(exist_ok=True)
    (data / folder).rename(place)
    (data / folder).symlink_to(place)
    (layout.quarantine(data) / "x.txt").parent.mkdir(exist_ok=True)
    (layout.quarantine(data) / "x.txt").write_text(NUMBER)
    done = run(capsys, "forget", NUMBER, "--yes", "--data", data)
    assert (done.code, str(layout.quarantine(data) / "x.txt") in done.err) == (1, True)
    (layout.quarantine(data) / "x.txt").unlink()
    assert run(capsys, "forget", NUMBER, "--yes", "--data", data).code == 0
    assert holding(data.parent) == []
