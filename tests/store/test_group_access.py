"""Who may read: the group what the data directory grants it, others nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dlr_analytics
from dlr_analytics.store import layout
from dlr_analytics.store.journal import codec
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


def data_directory(folder: Path, root: int) -> Path:
    """An empty data directory of the analysts' group, with the mode ``root``."""
    data = folder / "data"
    data.mkdir()
    if os.geteuid() == 0:
        os.chown(data, 0, ANALYSTS)
    data.chmod(root)
    return data


@pytest.mark.thorough
@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("root", [0o700, 0o2700, 0o750, 0o2750, 0o2770, 0o755, 0o710], ids=oct)
def test_whatever_is_made_grants_its_group_what_the_data_directory_grants(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], root: int
) -> None:
    data = data_directory(tmp_path, root)
    fill(data, capsys)
    assert {path.name for path in data.iterdir()} >= {*layout.SUBFOLDERS, "lock"}
    assert_grants(data, root)


def assert_grants(data: Path, root: int) -> None:
    """Everything in the data directory grants its group what this does."""
    made = sorted(path for path in data.rglob("*") if "dlr-spill-" not in str(path))
    modes = {str(path.relative_to(data)): path.stat().st_mode for path in made}
    assert {name: oct(stat.S_IMODE(mode)) for name, mode in modes.items()} == {
        name: oct(granted(root, mode)) for name, mode in modes.items()
    }
    if root & stat.S_ISGID and os.geteuid() == 0:
        assert {path.stat().st_gid for path in made} == {ANALYSTS}


@pytest.mark.thorough
@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("root", [0o700, 0o2750], ids=oct)
def test_what_prune_and_forget_write_again_grants_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], root: int
) -> None:
    """Receipts, send records, quarantine and the cache, masked and without what is removed."""
    data = data_directory(tmp_path, root)
    number, old = "447700900123", NOON - dt.timedelta(days=60)
    writer = Writer(data)
    writer.probe()
    for message_id, fields in (
        ("0A", {"msisdn": number}),
        ("0B", {"msisdn": "447700900124", "client_ref": number}),
        ("0C", {"msisdn": "447700900124", "message_timestamp": old}),
    ):
        line = codec.encode(make_receipt(message_id, **fields))
        raw = encode(QuarantineEntry(NOON, "no message ID", json.dumps(fields, default=str)))
        writer.write([Entry(NOON.date(), line), Entry(None, raw)])
    writer.release()
    assert seal_all(data) == []
    record_sends(data, [Send("0A", NOON), Send("0B", NOON, client_ref=number), Send("0C", old)])
    assert run(capsys, "compact", "--data", data).code == 0
    before = {path for path in data.rglob("*") if path.is_file()}
    assert run(capsys, "forget", number, "--yes", "--data", data).code == 0
    day = str((NOON - dt.timedelta(days=30)).date())
    assert run(capsys, "prune", "--before", day, "--yes", "--data", data).code == 0
    made = {path.relative_to(data).parts[0] for path in data.rglob("*.*") if path not in before}
    assert made >= {"receipts", "sends", "quarantine", "messages"}
    assert_grants(data, root)


@pytest.mark.thorough
@needs_root
def test_what_is_there_already_can_be_granted_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the commands of docs/production.md."""
    page = Path(__file__).parents[2] / "docs" / "production.md"
    commands = re.findall(r"`((?:chgrp -R|find DIR)[^`]*)`", page.read_text(encoding="utf-8"))
    data = tmp_path / "data"
    data.mkdir(0o700)
    fill(data, capsys)
    for path in (data, *data.rglob("*")):
        os.chown(path, OWNER, -1)
    for command in commands:
        words = command.replace("analysts", str(ANALYSTS)).replace("DIR", str(data)).split()
        subprocess.run(words, check=True)
    assert len(commands) == 3
    assert_grants(data, 0o2750)
    environment = os.environ | {"PYTHONPATH": str(Path(dlr_analytics.__file__).parents[1])}
    asked = [*of_group(ANALYSTS), sys.executable, "-m", "dlr_analytics", "status", f"--data={data}"]
    done = subprocess.run(asked, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "receipts        4" in done.stdout) == (0, True)
    import_receipts(data, [make_receipt("0E")])
    assert_grants(data, 0o2750)


@needs_root
def test_what_root_writes_belongs_to_the_owner_of_the_data_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise one ``sudo dlr compact`` keeps the receiver's user from merging any more."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, OWNER, ANALYSTS)
    data.chmod(0o2750)
    fill(data, capsys)
    made = {path for path in data.rglob("*") if "dlr-spill-" not in str(path)}
    assert len(made) > 15
    assert {path for path in made if path.stat().st_uid != OWNER} == set()
    assert_grants(data, 0o2750)


@needs_root
@pytest.mark.parametrize("name", ["compact.lock", "incoming.lock", "lock"])
@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_root_gives_away_no_file_that_a_link_leads_to(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    link: Callable[[Path, Path], None],
    name: str,
) -> None:
    """Whoever owns the data directory may have put one there."""
    data = data_directory(tmp_path, 0o2750)
    os.chown(data, OWNER, ANALYSTS)
    secret = tmp_path / "secret"
    secret.touch(0o600)
    link(secret, data / name)
    receipts = tmp_path / "receipts.jsonl"
    receipts.write_text(json.dumps({"messageId": "0A", "status": "delivered"}) + "\n")
    for command in (("import", receipts), ("compact",)):
        done = run(capsys, *command, "--data", data)
        assert done.code in {0, 1, 2}, done.err
    found = secret.stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (0, 0o600)


@pytest.mark.thorough
@pytest.mark.usefixtures("umask")
def test_a_data_directory_that_is_made_only_its_owner_can_enter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.chmod(0o2755)
    fill(tmp_path / "folder" / "data", capsys)
    for made in (tmp_path / "folder", tmp_path / "folder" / "data", *tmp_path.rglob("*.jsonl")):
        assert not made.stat().st_mode & 0o077


@pytest.mark.thorough
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
    data = data_directory(tmp_path, root)
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
        assert dlr("prune", "--before", "2020-01-01").returncode == 0
        said = dlr("forget", "447700900123")
        assert said.stdout.startswith("would remove: 4 messages, 4 receipts, 1 send record")
        (spilled,) = (data / "staging").glob("dlr-spill-*")
        assert said.stderr == (
            f"dlr: {spilled}: it cannot be read (Permission denied);"
            " a running process has it: run it again when that has ended\n"
        )
    else:
        assert question.returncode == 2
        assert "Permission denied" in question.stderr
        assert question.stderr.count("\n") == 1
    erasing = dlr("forget", "447700900123", "--yes")
    for written in (dlr("import", receipts), dlr("compact"), erasing):
        assert written.returncode == 2
        assert "Permission denied" in written.stderr
        assert written.stderr.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before
