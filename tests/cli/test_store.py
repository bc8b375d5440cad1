"""``dlr status``, ``dlr verify`` and ``dlr quarantine``: output and exit status."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.receipts.compact import compact_day
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import NOON, receipt
from tests.support.receivers import DLR, PATH, Running

Start = Callable[..., Running]


def dlr(command: str, data: Path, *options: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr."""
    done = subprocess.run(
        [*DLR, command, f"--data={data}", *options], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def data(start: Start) -> Path:
    """One receipt sealed, and one call in the quarantine."""
    receiver = start()
    receiver.ask("GET", f"{PATH}?messageId=0A00&status=delivered")
    receiver.ask("POST", PATH, '{"messageId":')
    assert receiver.stop() == (0, "")
    return receiver.data


@pytest.mark.parametrize("command", ["status", "verify", "quarantine"])
def test_a_folder_that_does_not_exist_is_one_line_and_exit_2(command: str, tmp_path: Path) -> None:
    code, out, complaint = dlr(command, tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert complaint == (
        f"dlr: no folder {tmp_path / 'nowhere'}; check --data, or receive into it first\n"
    )


def test_status_shows_counts_files_and_sizes(data: Path) -> None:
    code, out, complaint = dlr("status", data)
    assert (code, complaint) == (0, "")
    shown = dict(line.split(maxsplit=1) for line in out.replace("t r", "t-r").splitlines())
    assert shown["receipts"] == "1"
    assert shown["sealed"] == "files    1"
    assert shown["journals"] == "0"
    assert shown["quarantine"] == "1"
    assert dt.datetime.now(dt.UTC).strftime("%Y-") in shown["newest-receipt"]


def test_status_of_an_empty_folder_gives_a_hint(tmp_path: Path) -> None:
    code, out, hint = dlr("status", tmp_path)
    assert code == 0
    assert "newest receipt  none" in out
    assert hint == f"dlr: no receipts in {tmp_path} yet; try dlr receive, or dlr import\n"


def test_verify_of_a_sound_directory_says_so_and_exits_0(data: Path) -> None:
    assert dlr("verify", data) == (0, "", "2 files read, 0 with faults\n")


def test_verify_names_each_bad_file_and_exits_1(data: Path) -> None:
    (layout.journal(data) / "notes.txt").touch()
    (sealed,) = layout.receipts(data).rglob("*.parquet")
    sealed.write_bytes(sealed.read_bytes()[:100])
    code, out, summary = dlr("verify", data)
    assert code == 1
    assert [line.partition(": ")[0] for line in out.splitlines()] == [
        str(layout.journal(data) / "notes.txt"),
        str(sealed),
    ]
    assert summary == "3 files read, 2 with faults\n"


def test_quarantine_lists_arrival_reason_and_raw_and_exits_1(data: Path) -> None:
    code, out, complaint = dlr("quarantine", data)
    assert (code, complaint) == (1, "")
    arrived_at, reason, raw = out.rstrip("\n").split("\t")
    assert dt.datetime.fromisoformat(arrived_at).tzinfo is None
    assert reason.startswith("not JSON")
    assert raw == '{"body": "{\\"messageId\\":"}'


def test_an_empty_quarantine_exits_0(tmp_path: Path) -> None:
    assert dlr("quarantine", tmp_path) == (0, "", "")


def test_nothing_a_stranger_sent_reaches_the_terminal_as_a_command(tmp_path: Path) -> None:
    Writer(tmp_path).probe()
    hostile = QuarantineEntry(
        dt.datetime(2026, 11, 24), "no message ID", '{"body": "\x9b31m\u202e"}'
    )
    Writer(tmp_path).write([Entry(None, quarantine.encode(hostile))])
    _, out, _ = dlr("quarantine", tmp_path)
    assert out.endswith('{"body": "\\u009b31m\\u202e"}\n')


def test_replay_stores_what_is_understood_by_now_and_exits_by_what_is_left(
    tmp_path: Path,
) -> None:
    writer = Writer(tmp_path)
    writer.probe()
    arrival = dt.datetime(2026, 11, 1, 12)
    understood = QuarantineEntry(
        arrival, "not yet understood", '{"query": "messageId=1&status=failed"}'
    )
    writer.write([Entry(None, quarantine.encode(understood))])
    writer.release()
    assert dlr("quarantine", tmp_path, "--replay") == (0, "", "1 requests parsed and stored\n")
    assert "newest receipt  2026-11-01 12:00:00 UTC" in dlr("status", tmp_path)[1]


def test_status_says_what_was_merged_replaced_and_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    numbers = ["447700900001", "0123456789abcdef" * 2, "44********01"]
    for n, number in enumerate(numbers):
        receive(data, [receipt(f"0{n}", msisdn=number)])
    copies = {path: path.read_bytes() for path in layout.receipts(data).rglob("*.parquet")}
    assert compact_day(data, NOON.date()) == 3
    (merged,) = layout.receipts(data).rglob("*.parquet")
    os.utime(merged, (1_800_000_000, 1_800_000_000))
    for path, content in list(copies.items())[:2]:
        path.write_bytes(content)
    theirs = layout.sends(data) / "theirs.parquet"
    theirs.parent.mkdir()
    duckdb.sql(f"copy (select '00' as message_id) to '{theirs}'")
    layout.erasure_plan(data, "forget", "0").touch()
    shown = run(capsys, "status", "--data", data).out.splitlines()
    assert {line[:15].strip(): line[16:] for line in shown}.items() >= {
        "format": "1",
        "receipts": "3",
        "oldest message": "2026-11-03 12:00:00 UTC",
        "numbers": "1 kept, 1 hashed, 1 masked",
        "sealed files": "1",
        "superseded": "2 files",
        "without a sum": "1 files",
        "last compacted": "2027-01-15 08:00:00 UTC",
        "unfinished": "dlr forget; run again, it or dlr compact finishes what was begun",
    }.items()
