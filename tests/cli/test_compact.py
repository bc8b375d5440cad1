"""``dlr compact`` says what it merged, and names what it could not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.run import run
from tests.receivers import stored

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the sample."""
    shutil.copytree(SAMPLE, tmp_path / "data")
    return tmp_path / "data"


def test_each_closed_day_becomes_one_file_and_answers_stay(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, rate = (
        stored(data),
        run(capsys, "query", "delivery-rate", "--by", "day", "--data", data),
    )
    done = run(capsys, "compact", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("messages of 35 days kept; 35 days are closed\n")
    assert stored(data) == before
    assert run(capsys, "query", "delivery-rate", "--by", "day", "--data", data).out == rate.out
    again = run(capsys, "compact", "--data", data)
    assert again.out == "0 files of 0 days merged, messages of 0 days kept; 35 days are closed\n"


def test_a_damaged_file_is_named_and_the_exit_status_is_1(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = next((data / "receipts" / "received_date=2026-11-01").iterdir())
    file.write_bytes(file.read_bytes()[:100])
    done = run(capsys, "compact", "--data", data)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "received_date=2026-11-01: not compacted" in done.err


def test_a_folder_that_does_not_exist_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "compact", "--data", tmp_path / "nope")
    assert (done.code, done.out) == (2, "")
