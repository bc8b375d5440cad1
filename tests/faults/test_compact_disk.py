"""Compacting on a disk that is full, or that only reads: reported once, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Writer
from dlr_analytics.store.receipts.seal import seal_all
from tests.faults.disks import small_disk
from tests.support.journals import entry, without_part
from tests.support.receivers import DLR, stored

FIRST = dt.datetime(2026, 10, 1, 12)


def fill(data: Path, days: int, files: int) -> Counter[str]:
    """Small sealed files in each of the days; what is in them."""
    Writer(data).probe()
    for number in range(days * files):
        writer = Writer(data)
        moment = FIRST + dt.timedelta(days=number % days)
        writer.write([entry(f"{number}-{each}", moment) for each in range(50)])
        writer.release()
    assert seal_all(data) == []
    return stored(data)


def compact(data: Path, largest: int = resource.RLIM_INFINITY) -> subprocess.CompletedProcess[str]:
    """``dlr compact``; a file that would grow beyond ``largest`` is an error to it."""
    return subprocess.run(
        [*DLR, "compact", f"--data={data}"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest)),
    )


def files(data: Path) -> list[str]:
    """All names under ``receipts``."""
    return sorted(str(path) for path in layout.receipts(data).rglob("*.parquet"))


def test_where_nothing_can_be_written_anywhere_that_is_said_in_a_few_lines(tmp_path: Path) -> None:
    data = tmp_path / "data"
    before, names = fill(data, days=2, files=3), files(data)
    full = compact(data, largest=0)
    assert full.returncode == 2
    assert {line.split(":")[0] for line in full.stderr.splitlines()} == {"dlr"}
    assert (files(data), stored(data)) == (names, before)


@pytest.mark.thorough
def test_a_full_disk_leaves_each_day_as_it_was_and_the_next_run_merges_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    before, names = fill(data, days=2, files=3), files(data)
    full = compact(data, largest=1000)
    assert full.returncode == 1
    assert [line.split(":")[0] for line in full.stderr.splitlines()] == ["dlr"] * 2
    assert full.stderr.count("not compacted") == 2
    assert files(data) == names
    assert stored(data) == before

    fixed = compact(data)
    assert (fixed.returncode, fixed.stderr) == (0, "")
    names = [without_part(name.rpartition("/")[2]) for name in files(data)]
    assert names == ["z-000001.parquet"] * 2
    assert stored(data) == before
    assert list(layout.staging(data).iterdir()) == []


@pytest.mark.thorough
@pytest.mark.mount
def test_compaction_on_a_nearly_full_disk_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        data = disk / "data"
        before, names = fill(data, days=2, files=3), files(data)
        subprocess.run(["cp", "/dev/zero", str(disk / "ballast")], capture_output=True)
        full = compact(data)
        assert full.returncode == 1
        assert full.stderr.count('.draft": No space left on device\n') == full.stderr.count("\n")
        assert (files(data), stored(data)) == (names, before)

        (disk / "ballast").unlink()
        assert compact(data).returncode == 0
        assert len(files(data)) == 2
        assert stored(data) == before


@pytest.mark.mount
def test_a_folder_that_only_reads_is_exit_2_with_one_line_and_still_answers(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        data = disk / "data"
        before, names = fill(data, days=2, files=3), files(data)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        refused = compact(data)
        assert refused.returncode == 2
        assert refused.stderr == (
            f"dlr: {data}/compact.lock: Read-only file system; compacting writes there\n"
        )
        assert (files(data), stored(data)) == (names, before)
