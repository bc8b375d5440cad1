"""The backup of docs/production.md is run as it stands, and restored: no receipt is lost."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.replay import replay
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.privacy import Privacy
from tests.deploy.fronts import program
from tests.support.data_directories import receive, store
from tests.support.pipelines import NOON, receipt
from tests.support.receivers import DLR, PATH, Running, stored

pytestmark = pytest.mark.deploy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
(SCRIPT,) = re.findall(
    r"^```sh\n(#!/bin/sh\n# /usr/local/bin/dlr-backup.*?)^```", PAGE, re.MULTILINE | re.DOTALL
)

MOVING = """#!{python}
import subprocess, sys
from pathlib import Path
code = subprocess.run(["{rsync}", *sys.argv[1:]]).returncode
data, part = Path(sys.argv[-2]).parent, Path(sys.argv[-2]).name
if part == "{replayed}":
    from dlr_analytics.store import replay
    from dlr_analytics.webhook.privacy import Privacy
    replay.seal_all = lambda data: []  # it may take as long as it likes
    replay.replay(data, Privacy())
if part == "{sealed}":
    from dlr_analytics.store.receipts.compact import is_compacting
    from dlr_analytics.store.receipts.seal import seal_all
    seal_all(data)
    (data.parent / "locked").write_text(str(is_compacting(data)))
sys.exit(code)
"""
"""Stand-in for rsync: copies, and then moves what is in quarantine or journals."""

STEPS = ("quarantine", "journal", "receipts")


@dataclass
class Backup:
    """Runs the script; ``programs`` come before those of the system."""

    folder: Path
    data: Path
    programs: Path = field(init=False)

    def __post_init__(self) -> None:
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        self.add("dlr-backup", SCRIPT)

    def add(self, name: str, text: str) -> None:
        """Put a program before those of the system."""
        (self.programs / name).write_text(text, encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def run(self) -> Path:
        """Back up, and return the snapshot."""
        before = set(self.folder.glob("backup/20*"))
        given = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "DLR_DATA": str(self.data),
            "BACKUP": str(self.folder / "backup"),
        }
        done = subprocess.run(
            [self.programs / "dlr-backup"], env=os.environ | given, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        (made,) = set(self.folder.glob("backup/20*")) - before
        return made

    def restore(self, snapshot: Path) -> Path:
        """Restore into an empty folder, and check it as the page says."""
        target = self.folder / "restored"
        subprocess.run([program("rsync"), "-a", f"{snapshot}/", f"{target}/"], check=True)
        verified = subprocess.run([*DLR, "verify", "--data", target], capture_output=True)
        assert verified.returncode == 0, verified.stderr
        return target


@pytest.fixture
def backup(tmp_path: Path) -> Backup:
    return Backup(tmp_path, tmp_path / "data")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("replayed", "sealed"), list(itertools.combinations_with_replacement(STEPS, 2))
)
def test_what_moves_during_a_backup_is_in_it_and_counts_once(
    backup: Backup, replayed: str, sealed: str
) -> None:
    receive(backup.data, [receipt("SEALED")])
    store(backup.data, receipt("UNSEALED"))
    writer = Writer(backup.data)
    raw = '{"query": "messageId=REPLAYED&status=delivered"}'
    writer.write([Entry(None, quarantine.encode(QuarantineEntry(NOON, "not yet", raw)))])
    writer.release()
    backup.add(
        "rsync",
        MOVING.format(
            python=sys.executable, rsync=program("rsync"), replayed=replayed, sealed=sealed
        ),
    )
    restored = backup.restore(backup.run())
    replay(restored, Privacy())
    assert seal_all(restored) == []
    assert stored(restored) == {"SEALED": 1, "UNSEALED": 1, "REPLAYED": 1}
    assert (backup.folder / "locked").read_text(encoding="utf-8") == "True"


@pytest.mark.thorough
def test_receipts_acknowledged_before_a_backup_are_there_after_a_restore(
    backup: Backup, start: Callable[..., Running]
) -> None:
    receiver = start(data=backup.data, seal_seconds="0.2")
    acknowledged: list[str] = []
    ended = threading.Event()

    def post() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            if receiver.ask(path=f"{PATH}?messageId=B{number}&status=delivered").code == 200:
                acknowledged.append(f"B{number}")

    posting = threading.Thread(target=post)
    posting.start()
    try:
        for _ in range(3):
            while len(acknowledged) < 20:
                ended.wait(0.01)
            expected = list(acknowledged)
            snapshot = backup.run()
            ended.wait(1.1)  # snapshots are named by the second
    finally:
        ended.set()
        posting.join()
    receiver.stop(signal.SIGKILL)
    shutil.rmtree(backup.data)
    restored = backup.restore(snapshot)
    found = stored(restored)
    assert [name for name in expected if found[name] != 1] == []
    assert max(found.values()) == 1
    again = start(data=restored)
    assert again.ask(path=f"{PATH}?messageId=AFTER&status=delivered").code == 200
    assert stored(restored)["AFTER"] == 1


@pytest.mark.parametrize("mode", [0o700, 0o2750])
def test_who_may_read_is_the_same_after_a_restore(backup: Backup, mode: int) -> None:
    receive(backup.data, [receipt("A")])
    backup.data.chmod(mode)
    restored = backup.restore(backup.run())
    assert stat.S_IMODE(restored.stat().st_mode) == mode


def test_a_snapshot_keeps_what_is_removed_later_until_it_expires(backup: Backup) -> None:
    receive(backup.data, [receipt("A")])
    old, aged = backup.run(), backup.folder / "backup" / "2020-01-01T000000Z"
    old.rename(aged)
    (sealed,) = layout.receipts(backup.data).rglob("*.parquet")
    sealed.unlink()
    newer = backup.run()
    assert stored(aged) == {"A": 1}
    assert stored(newer) == {}
    os.utime(aged, (0, 0))
    newer.rename(newer.with_name("2020-01-02T000000Z"))
    backup.run()
    assert not aged.exists()


def test_all_that_is_not_derived_is_copied_in_the_order_in_which_data_moves(
    backup: Backup,
) -> None:
    (listed,) = re.findall(r"^for part in (.*); do$", SCRIPT, re.MULTILINE)
    parts = ["quarantine", "journal", "receipts", "sends", "networks.csv", "instance", "format"]
    assert listed.split()[:7] == parts
    receive(backup.data, [receipt("SEALED")])
    store(backup.data, receipt("UNSEALED"))
    record_sends(backup.data, [Send("SEALED", NOON)])
    writer = Writer(backup.data)
    writer.write([Entry(None, quarantine.encode(QuarantineEntry(NOON, "not yet", "{}")))])
    writer.release()
    for name in parts[4:]:
        (backup.data / name).write_text("1")
    (backup.data / "messages").mkdir(exist_ok=True)
    snapshot = backup.run()
    assert sorted(path.name for path in snapshot.iterdir()) == sorted(parts)
    for path in snapshot.rglob("*"):
        original = backup.data / path.relative_to(snapshot)
        assert path.is_dir() or path.read_bytes() == original.read_bytes()


@pytest.mark.thorough
def test_a_number_that_a_snapshot_brings_back_is_forgotten_with_the_file_of_requests(
    backup: Backup,
) -> None:
    requests = backup.folder / "requests.txt"
    requests.write_text("+44 7700 900123\n")
    forget: list[str | Path] = [*DLR, "forget", "--file", requests, "--yes", "--data"]
    receive(backup.data, [receipt("A", msisdn="447700900123"), receipt("B")])
    snapshot = backup.run()
    assert subprocess.run([*forget, backup.data], capture_output=True).returncode == 0
    restored = backup.restore(snapshot)
    assert stored(restored) == {"A": 1, "B": 1}
    assert subprocess.run([*forget, restored], capture_output=True).returncode == 0
    assert stored(restored) == stored(backup.data) == {"B": 1}
