"""Folders that no receiver made: collected from other hosts, with nothing but Parquet files."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from tests.erasure.worlds import BEFORE, OLD, YOUNG, one
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.receivers import stored


@pytest.mark.thorough
@pytest.mark.parametrize("command", [("prune", f"--before={BEFORE}"), ("forget", "447700900123")])
def test_a_folder_with_receipts_alone_is_enough(
    tmp_path: Path, command: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    receive(tmp_path, [one("a", OLD, msisdn="447700900123"), one("b", YOUNG)])
    for folder in tmp_path.iterdir():
        if folder != layout.receipts(tmp_path):
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    assert run(capsys, *command, "--data", tmp_path).code == 1
    assert run(capsys, *command, "--yes", "--data", tmp_path).code == 0
    assert stored(tmp_path) == Counter({"b": 1})


@pytest.mark.parametrize("command", [("prune", f"--before={BEFORE}"), ("forget", "447700900123")])
def test_a_folder_that_does_not_exist_is_refused_in_one_line(
    tmp_path: Path, command: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ((), ("--yes",)):
        done = run(capsys, *command, *more, "--data", tmp_path / "none")
        assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert not (tmp_path / "none").exists()
    (tmp_path / "format").write_text("2")
    done = run(capsys, *command, "--yes", "--data", tmp_path)
    assert (done.code, "upgrade" in done.err) == (2, True)
