"""Who may read: the group what the data directory grants it, others nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dlr_analytics
from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import QuarantineEntry, encode
from dlr_analytics.store.receipts.insert import import_receipts
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.sends import Send, record_sends
from tests.support.commands import run
from tests.support.journals import NOON, entry, make_receipt
from tests.support.privileges import WITHOUT_PRIVILEGES, can_drop_privileges, of_group

OWNER = 65534
ANALYSTS = 4242

needs_root = pytest.mark.skipif(not can_drop_privileges(), reason="needs root and setpriv")


@pytest.fixture(params=[0, 0o022, 0o027, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every umask in use, and one that restricts nothing."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def fill(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever makes files: three receipts sealed, merged and cached, one not sealed, …"""
    for message_id in ("0A", "0B"):
        writer = Writer(data)
        writer.probe()
        writer.write([entry(message_id, NOON)])
        writer.release()
        assert seal_all(data) == []
    import_receipts(data, [make_receipt("0C")])
    record_sends(data, [Send("0A", NOON)])
    assert run(capsys, "compact", "--data", data).code == 0
    writer = Writer(data)
    unreadable = Entry(None, encode(QuarantineEntry(NOON, "no message ID", "{}")))
    writer.write([entry("0D", NOON), unreadable])
    writer.release()


def granted(root: int, mode: int) -> int:
    """What a file or folder may have where the data directory has ``root``."""
    if stat.S_ISDIR(mode):
        return 0o700 | root & (stat.S_IRWXG | stat.S_ISGID)
    return 0o600 | root & (stat.S_IRGRP | stat.S_IWGRP)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("root", [0o700, 0o2700, 0o750, 0o2750, 0o2770, 0o755, 0o710], ids=oct)
def test_whatever_is_made_grants_its_group_what_the_data_directory_grants(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], root: int
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    if os.geteuid() == 0:
        os.chown(data, 0, ANALYSTS)
    data.chmod(root)
    fill(data, capsys)
    made = sorted(path for path in data.rglob("*") if "dlr-spill-" not in str(path))
    modes = {str(path.relative_to(data)): path.stat().st_mode for path in made}
    assert {name: oct(stat.S_IMODE(mode)) for name, mode in modes.items()} == {
        name: oct(granted(root, mode)) for name, mode in modes.items()
    }
    assert {name.partition("/")[0] for name in modes} >= {*layout.SUBFOLDERS, "lock"}
    if root & stat.S_ISGID and os.geteuid() == 0:
        assert {path.stat().st_gid for path in made} == {ANALYSTS}


@pytest.mark.usefixtures("umask")
def test_a_data_directory_that_is_made_only_its_owner_can_enter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o2755)
    fill(tmp_path / "folder" / "data", capsys)
    for made in (tmp_path / "folder", tmp_path / "folder" / "data", *tmp_path.rglob("*.jsonl")):
        assert not made.stat().st_mode & 0o077


@needs_root
@pytest.mark.parametrize(
    ("root", "prefix", "reads"),
    [
        (0o2750, of_group(ANALYSTS), True),
        (0o2700, of_group(ANALYSTS), False),
        (0o2750, WITHOUT_PRIVILEGES, False),
        (0o2755, WITHOUT_PRIVILEGES, False),
    ],
    ids=["group", "shut", "others", "others of an open folder"],
)
def test_the_group_reads_everything_and_writes_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    root: int,
    prefix: tuple[str, ...],
    reads: bool,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 0, ANALYSTS)
    data.chmod(root)
    fill(data, capsys)
    for path in (data, *data.rglob("*")):
        os.chown(path, OWNER, -1)
    data.chmod(root)  # chown takes the bit of the group away
    receipts = tmp_path / "more.jsonl"
    receipts.write_text('{"messageId": "0E", "status": "delivered"}\n')

    def dlr(*words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(Path(dlr_analytics.__file__).parents[1])}
        command = [*prefix, sys.executable, "-m", "dlr_analytics", *words, "--data", data]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    question = dlr("sql", "select count(*) as found from receipts", "--format", "csv")
    if reads:
        assert (question.stdout, question.stderr) == ("found\n4\n", "")
        assert dlr("query", "delivery-rate").returncode == 0
        assert "receipts        4" in dlr("status").stdout
        assert dlr("verify").returncode == 0
    else:
        assert question.returncode == 2
        assert "Permission denied" in question.stderr
        assert question.stderr.count("\n") == 1
    for written in (dlr("import", receipts), dlr("compact")):
        assert written.returncode == 2
        assert "Permission denied" in written.stderr
        assert written.stderr.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before
