"""``dlr prune`` and ``dlr forget`` on a full disk: one clear line, and nothing half done."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from tests.faults.disks import small_disk
from tests.support.receivers import DLR

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PLAIN = 'dlr: {}: Could not write file "{}'
REMEDY = '": No space left on device; remove the cause, then run it again\n'


def contents(data: Path) -> dict[Path, bytes]:
    """All files that have data."""
    folders = (layout.receipts(data), layout.sends(data), layout.quarantine(data))
    return {path: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.*"))}


@pytest.mark.thorough
@pytest.mark.mount
@pytest.mark.parametrize(
    "command", [["prune", "--before", "2026-11-10"], ["forget", "447700900301"]]
)
def test_a_full_disk_is_one_line_and_the_next_run_removes_all(
    tmp_path: Path, command: list[str]
) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        data = Path(shutil.copytree(SAMPLE, disk / "data"))
        before = contents(data)
        subprocess.run(["cp", "/dev/zero", str(disk / "ballast")], capture_output=True)
        erase = [*DLR, *command, "--yes", f"--data={data}"]
        full = subprocess.run(erase, capture_output=True, text=True)
        assert full.returncode == 2
        assert full.stderr.startswith(PLAIN.format(data, layout.staging(data)))
        assert full.stderr.endswith(REMEDY)
        assert full.stderr.count("\n") == 1
        assert contents(data) == before

        (disk / "ballast").unlink()
        done = subprocess.run(erase, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert contents(data) != before
