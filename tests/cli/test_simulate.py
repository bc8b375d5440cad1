"""``dlr simulate``: its outputs, and errors in one line."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

DLR = (sys.executable, "-m", "dlr_analytics")
WORLD = ("simulate", "--messages", "200", "--seed", "3", "--end", "2026-11-23")


def dlr(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DLR, *arguments], capture_output=True, text=True, cwd=cwd, timeout=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    done = dlr(*WORLD, "-o", "world.jsonl", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_a_file_comes_with_its_truth_and_its_send_log(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "world.jsonl",
        "world.jsonl.sends.csv",
        "world.jsonl.truth.json",
    ]


def test_the_truth_counts_the_lines(folder: Path) -> None:
    lines = (folder / "world.jsonl").read_text().splitlines()
    truth = json.loads((folder / "world.jsonl.truth.json").read_text())
    assert len(lines) == truth["receipts"] + truth["quarantined"] + truth["empty"]
    assert truth["messages"] == 200
    assert (truth["seed"], truth["days"], truth["end"]) == (3, 30, "2026-11-23 00:00:00")


def test_the_truth_knows_each_message(folder: Path) -> None:
    each = json.loads((folder / "world.jsonl.truth.json").read_text())["each_message"]
    assert {name: len(values) for name, values in each.items()} == dict.fromkeys(
        ("message_id", "network_code", "sent_at", "latency_s", "outcome"), 200
    )
    delivered = [outcome == "delivered" for outcome in each["outcome"]]
    assert [latency is not None for latency in each["latency_s"]] == delivered


def test_the_send_log_is_the_csv_that_dlr_sends_reads(folder: Path) -> None:
    with (folder / "world.jsonl.sends.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    truth = json.loads((folder / "world.jsonl.truth.json").read_text())
    assert len(rows) == truth["sends"]
    each = truth["each_message"]
    sent_at = dict(zip(each["message_id"], each["sent_at"], strict=True))
    for row in rows:
        assert row["sent_at"].replace("T", " ").rstrip("Z") == sent_at[row["message_id"]][:23]


def test_what_is_written_can_be_imported(folder: Path, tmp_path: Path) -> None:
    truth = json.loads((folder / "world.jsonl.truth.json").read_text())
    data = str(tmp_path / "imported")
    receipts = dlr("import", "--data", data, str(folder / "world.jsonl"))
    sends = dlr("sends", "--data", data, str(folder / "world.jsonl.sends.csv"))
    assert f" {truth['receipts']} new, 0 known, {truth['quarantined']} refused" in receipts.stdout
    assert f" {truth['sends']} new, 0 known, 0 refused" in sends.stdout


def test_without_a_file_the_same_lines_go_to_stdout(folder: Path) -> None:
    assert dlr(*WORLD).stdout == (folder / "world.jsonl").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--url", "http://127.0.0.1:9"], "nothing listens at http://127.0.0.1:9"),
        (["--url", "here"], "'here' is not a URL"),
        (["--end", "yesterdayish"], "end: 'yesterdayish' is no date"),
        (["-o", "no/such/folder/file"], "No such file or directory; give -o a file"),
        (["--days", "0"], "0 is not in the range"),
        (["--messages", "many"], "'many' is not a valid integer"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(arguments: list[str], sentence: str) -> None:
    done = dlr(*WORLD, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert sentence in line


def test_messages_and_seed_are_required() -> None:
    assert "Missing option '--messages'" in dlr("simulate", "--seed", "1").stderr
    assert "Missing option '--seed'" in dlr("simulate", "--messages", "1").stderr


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("received")
    options = ["receive", "--data", str(data), "--port", "0", "--admin-port", "0"]
    with subprocess.Popen([*DLR, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


def test_a_url_is_sent_to_without_a_bar_in_a_pipe(receiver: str) -> None:
    done = dlr(*WORLD, "--url", receiver)
    assert (done.returncode, done.stdout) == (0, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith(f" calls acknowledged by {receiver}")


@pytest.mark.thorough
def test_a_terminal_sees_a_bar(receiver: str) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    done = subprocess.run([*DLR, *WORLD, "--url", receiver], stderr=theirs, timeout=60)
    os.close(theirs)
    seen = b""
    while not seen.endswith(b"\n") or b"acknowledged" not in seen:
        seen += os.read(ours, 4096)
    os.close(ours)
    assert done.returncode == 0
    assert b"Sending: 100%" in seen
