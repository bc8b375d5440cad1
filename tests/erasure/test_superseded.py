"""Files that a merged one replaces, and that are there again, are erased too."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dlr_analytics.erasure import prune
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import compact_day
from tests.erasure.planted import NUMBER, holding
from tests.erasure.worlds import BEFORE, OLD, YOUNG, files, one
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.receivers import stored

COMMANDS = {"prune": ("prune", f"--before={BEFORE}"), "forget": ("forget", NUMBER)}


@pytest.mark.thorough
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("again", ["before", "after"])
def test_a_copy_of_a_replaced_file_is_erased(
    tmp_path: Path, name: str, again: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Put there before a run or after one."""
    command = COMMANDS[name]
    old = {"msisdn": NUMBER, "message_timestamp": OLD}
    receive(tmp_path, [one("old-1", YOUNG, **old), one("young-1", YOUNG)])
    receive(tmp_path, [one("old-2", YOUNG, **old), one("young-2", YOUNG)])
    folder = layout.receipts(tmp_path) / layout.day_folder(YOUNG.date())
    copies = {path: path.read_bytes() for path in folder.iterdir()}
    assert compact_day(tmp_path, YOUNG.date()) == 2
    if again == "after":
        assert run(capsys, *command, "--yes", "--data", tmp_path).code == 0
    for path, content in copies.items():
        path.write_bytes(content)
    assert "superseded      2 files" in run(capsys, "status", "--data", tmp_path).out
    assert len(holding(tmp_path)) >= 2
    assert run(capsys, *command, "--data", tmp_path).code == 1
    done = run(capsys, *command, "--yes", "--data", tmp_path)
    assert (done.code, done.err) == (0, "")
    assert holding(tmp_path) == []
    assert stored(tmp_path) == Counter({"young-1": 1, "young-2": 1})
    assert "superseded      0 files" in run(capsys, "status", "--data", tmp_path).out


def test_without_yes_copies_are_counted_up_to_the_date_of_a_run_that_was_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(tmp_path, [one("old-1", YOUNG, message_timestamp=OLD), one("young-1", YOUNG)])
    receive(tmp_path, [one("young-2", YOUNG)])
    copies = {path: path.read_bytes() for path in layout.receipts(tmp_path).rglob("*.parquet")}
    assert compact_day(tmp_path, YOUNG.date()) == 2

    def stopped(*_: object) -> list[str]:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(prune, "carry_out", stopped)
        assert run(capsys, *COMMANDS["prune"], "--yes", "--data", tmp_path).code == 2
    for path, content in copies.items():
        path.write_bytes(content)
    earlier = ("prune", "--before=2020-01-01", "--data", tmp_path)
    asked, counted = run(capsys, *COMMANDS["prune"], "--data", tmp_path), run(capsys, *earlier)
    assert counted.out == asked.out
    assert (counted.code, "1 file" in counted.out) == (1, True)


@pytest.mark.thorough
def test_copies_of_young_receipts_stay_for_compact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receive(tmp_path, [one("young-1", YOUNG)])
    receive(tmp_path, [one("young-2", YOUNG)])
    copies = {path: path.read_bytes() for path in layout.receipts(tmp_path).rglob("*.parquet")}
    assert compact_day(tmp_path, YOUNG.date()) == 2
    for path, content in copies.items():
        path.write_bytes(content)
    state = files(tmp_path)
    for more in ((), ("--yes",)):
        assert run(capsys, *COMMANDS["prune"], *more, "--data", tmp_path).code == 0
    assert files(tmp_path) == state
