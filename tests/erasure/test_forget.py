"""``dlr forget``: nothing of a number is left anywhere, and nothing else is lost."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import subprocess
import termios
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.erasure.forget import forget
from dlr_analytics.erasure.numbers import read_numbers
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, quarantine
from dlr_analytics.webhook.privacy import Privacy, protect_number
from tests.erasure.planted import FIELDS, LONGER, NUMBER, SPELLINGS, holding, plant, values
from tests.erasure.worlds import OLD, YOUNG, files, one
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.receivers import DLR, PATH, Running, stored


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted directory, made once."""
    return plant(tmp_path_factory.mktemp("planted") / "data")


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def rows(data: Path, statement: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        files_ = f"read_parquet('{layout.receipts(data)}/*/*.parquet', union_by_name = true)"
        return connection.execute(statement.replace("receipts", files_)).fetchall()


def test_no_file_holds_it_in_values_or_bytes(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fields, spellings, encodings, files of others, journals, quarantine, sends, leftovers."""
    assert len(holding(data)) > 8
    before = stored(data)
    done = run(capsys, "forget", NUMBER, "--yes", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert holding(data) == []
    gone = {f"to-{n}" for n in range(len(SPELLINGS))} | {"sent", "TO-1"}
    after = stored(data)
    assert after == {name: times for name, times in before.items() if name not in gone}
    assert run(capsys, "verify", "--data", data).out.count("column raw is missing") == 1
    state = files(data)
    assert run(capsys, "forget", NUMBER, "--yes", "--data", data).code == 0
    assert run(capsys, "forget", NUMBER, "--data", data).code == 0
    assert files(data) == state


@pytest.mark.thorough
def test_of_others_only_its_digits_change(data: Path) -> None:
    assert forget(Settings(data=data), read_numbers([NUMBER]), yes=True).left == ()
    for field in FIELDS[:-1]:
        for (value,) in rows(data, f"select {field} from receipts where message_id ^@ '{field}'"):
            assert re.fullmatch(r"x (\+|%2B)?\*\*\*!", str(value)), value
    for (value,) in rows(data, "select raw from receipts where message_id ^@ 'raw-'"):
        ((name, listed),) = [(k, v) for k, v in json.loads(str(value)).items() if k[:3] == "to "]
        assert "***" in name
        assert listed[1:2] + listed[3:] == ["***", LONGER]
        assert json.loads(listed[2])["longer"] == LONGER
        assert json.loads(str(value))["rest"] == "Caf\u00e9"
    longer = "select client_ref from receipts where message_id = 'longer'"
    assert rows(data, longer) == [(LONGER,)]
    (their,) = rows(
        data, "select note, whole, real, longer, stays, list from receipts where stays = 7"
    )
    assert their == ("note ***", None, None, LONGER, 7, ["+***", "b"])
    assert [entry.raw for entry in quarantine.entries(data)] == [LONGER]


def test_without_yes_it_reads_all_and_touches_nothing(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for half in layout.staging(data).glob("*.parquet"):
        half.unlink()  # nobody can say what it holds
    state = files(data)
    done = run(capsys, "forget", "+44 7700 900123", "--data", data)
    assert done.code == 1
    assert "would remove: 9 messages, 11 receipts, 2 send records, 10 quarantine lines" in done.out
    assert files(data) == state
    assert run(capsys, "forget", "447700900999", "--data", data).code == 0


@pytest.mark.thorough
def test_cached_messages_are_forgotten_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "compact", "--data", data).code == 0
    assert any("messages/" in name for name in holding(data))
    assert run(capsys, "forget", NUMBER, "--yes", "--data", data).code == 0
    assert holding(data) == []


@pytest.mark.thorough
def test_hashes_go_with_their_key_and_are_refused_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = protect_number(NUMBER, Privacy("hash", b"secret"))
    receive(tmp_path, [one("a", OLD, msisdn=digest), one("b", OLD, msisdn="0" * 32)])
    receive(tmp_path, [one("c", YOUNG, msisdn=None, client_ref=f"for {digest.upper()}")])
    state = files(tmp_path)
    done = run(capsys, "forget", NUMBER, "--yes", "--data", tmp_path)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "DLR_MSISDN_KEY" in done.err
    assert files(tmp_path) == state
    copy = shutil.copytree(tmp_path, tmp_path.with_name("copy"))
    assert run(capsys, "forget", digest, "--yes", "--data", copy).code == 0
    monkeypatch.setenv("DLR_MSISDN_KEY", "secret")
    assert run(capsys, "forget", NUMBER, "--yes", "--data", tmp_path).code == 0
    for folder in (tmp_path, Path(copy)):
        assert set(stored(folder)) == {"b", "c"}
        assert not any(
            digest in text.lower() for f in folder.rglob("*.parquet") for text in values(f)
        )


def test_a_hash_goes_with_the_number_itself_where_there_is_the_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder has both forms if it was collected before numbers were hashed."""
    monkeypatch.setenv("DLR_MSISDN_KEY", "secret")
    digest = protect_number(NUMBER, Privacy("hash", b"secret"))
    numbers = {"a": NUMBER, "b": digest, "c": "0" * 32}
    receive(tmp_path, [one(name, OLD, msisdn=text) for name, text in numbers.items()])
    assert run(capsys, "forget", digest, "--yes", "--data", tmp_path).code == 0
    assert set(stored(tmp_path)) == {"c"}
    assert holding(tmp_path) == []


def test_masked_numbers_stay_and_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receive(tmp_path, [one("a", OLD, msisdn="44********23"), one("b", OLD, msisdn="44********24")])
    done = run(capsys, "forget", NUMBER, "--yes", "--data", tmp_path)
    assert done.code == 0
    assert "1 messages with a masked number look alike" in done.err
    assert set(stored(tmp_path)) == {"a", "b"}


def test_the_sender_of_receipts_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receive(tmp_path, [one("a", OLD, sender="+44 7700 900123")])
    state = files(tmp_path)
    done = run(capsys, "forget", NUMBER, "--yes", "--data", tmp_path)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "the account's own" in done.err
    assert files(tmp_path) == state


def test_numbers_come_from_a_file_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, listed = tmp_path / "data", tmp_path / "requests.txt"
    receive(data, [one("a", OLD, msisdn=NUMBER), one("b", OLD, msisdn="447700900124")])
    listed.write_text("# asked in November\n+44 7700 900123  # by letter\n\n447700900124\n")
    assert run(capsys, "forget", "--file", listed, "--yes", "--data", data).code == 0
    assert not stored(data)
    listed.write_text("+447700900123\nAcme\n")
    done = run(capsys, "forget", "--file", listed, "--yes", "--data", data)
    assert (done.code, "line 2" in done.err) == (2, True)
    assert run(capsys, "forget", "--yes", "--data", data).code == 2


@pytest.mark.thorough
def test_a_running_receiver_lets_go_of_its_files(data: Path, start: Callable[..., Running]) -> None:
    """Held in files that would be sealed in an hour."""
    receiver = start(data=data, seal_seconds="3600")
    for query in (f"messageId=n&msisdn={NUMBER}&status=delivered", f"x={NUMBER}", "messageId=m"):
        assert receiver.ask(path=f"{PATH}?{query}").code == 200
    assert forget(Settings(data=data), read_numbers([NUMBER]), yes=True).left == ()
    assert holding(data) == []
    assert receiver.ask(path=f"{PATH}?messageId=after").code == 200
    assert receiver.stop()[0] == 0
    assert {"m", "after"} <= stored(data).keys()


@pytest.mark.thorough
def test_a_live_sealers_work_is_not_removed(data: Path) -> None:
    name = "2026-10-01.0123456789abcdef-000001.jsonl"
    journal = layout.journal(data) / name
    journal.touch()
    with journal.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        forget(Settings(data=data), read_numbers(["447700900999"]), yes=True)
        assert (layout.staging(data) / f"{name}.good").exists()
    forget(Settings(data=data), read_numbers(["447700900999"]), yes=True)
    assert not (layout.staging(data) / f"{name}.good").exists()


@pytest.mark.thorough
def test_a_file_of_the_users_is_named_with_the_remedy(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "notes.txt").write_text("0044 7700 900123")
    done = run(capsys, "forget", NUMBER, "--yes", "--data", data)
    assert done.code == 1
    assert f"{data / 'notes.txt'}: it holds a number or hash" in done.err
    assert "remove it, or the number from it" in done.err
    assert holding(data) == ["notes.txt"], "no plan with the number stays either"


@pytest.mark.thorough
@pytest.mark.parametrize("yes", [(), ("--yes",)], ids=["only counted", "removed"])
def test_progress_is_shown_on_a_terminal_wherever_files_are_read(
    data: Path, yes: tuple[str, ...]
) -> None:
    """Their sums, the folders to rewrite, and the proof."""
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    command = [*DLR, "forget", NUMBER, *yes, f"--data={data}"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal)
    os.close(terminal)
    shown = b"".join(iter(lambda: piece(screen), b""))
    os.close(screen)
    assert running.wait() < 2
    bars = set(re.findall(rb"(\d+)/\d+ \[|(\d+) paths \[", shown))
    assert (b"0", b"") in bars  # of how many is known
    assert (b"", b"0") in bars  # folders are listed as they are read


def piece(screen: int) -> bytes:
    """What a terminal was sent; at the end Linux says that there is an error, others nothing."""
    try:
        return os.read(screen, 4096)
    except OSError:
        return b""
