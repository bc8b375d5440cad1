"""What earlier states of this package wrote is read, merged and erased in, with equal answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.webhook.privacy import Privacy, protect_number
from tests.erasure.planted import holding
from tests.erasure.worlds import files
from tests.support.commands import run
from tests.support.earlier import BEFORE, DAYS, FOLDER, KEY, NUMBER, QUESTIONS
from tests.support.quick import pairs

pytestmark = pytest.mark.thorough

STATES = sorted(path.name for path in FOLDER.iterdir())


@pytest.fixture(
    params=[
        pytest.param("/".join(each.values), marks=each.marks)
        for each in pairs(STATES, ("data", "hashed"))
    ]
)
def earlier(request: pytest.FixtureRequest) -> Path:
    """One of the directories, as it is kept."""
    return FOLDER / str(request.param)


@pytest.fixture
def data(earlier: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(earlier, tmp_path / "data"))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that numbers are hashed with."""
    monkeypatch.setenv("DLR_MSISDN_KEY", KEY)


def answer(data: Path, name: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What the present release says."""
    done = run(capsys, *QUESTIONS[name], "--data", data, "--format", "json")
    assert done.code == 0, done.err
    rows: list[dict[str, Any]] = json.loads(done.out)
    return rows


def expected(earlier: Path) -> dict[str, list[dict[str, Any]]]:
    """What the state that wrote it said."""
    answers = json.loads(earlier.with_suffix(".json").read_text())
    return {
        name: [dict(zip(columns, row, strict=True)) for row in rows]
        for name, (columns, *rows) in answers.items()
    }


def assert_same(
    data: Path, earlier: Path, capsys: pytest.CaptureFixture[str], names: Sequence[str] = ()
) -> None:
    """All columns that the earlier state had are there, with its values."""
    for name, rows in expected(earlier).items():
        if name in (names or QUESTIONS):
            found = answer(data, name, capsys)
            columns = rows[0].keys()
            assert [{column: row[column] for column in columns} for row in found] == rows, name


def test_there_is_one_of_each_state_and_all_are_small() -> None:
    assert len(STATES) == len(DAYS) + 1
    assert len([*FOLDER.glob("*/*/journal/*.jsonl")]) == 2 * len(STATES)
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    assert size < 500_000


def test_it_is_read_and_verified(
    data: Path, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sealed, merged, cached and unsealed receipts, send records, quarantine; none is rewritten."""
    before = files(data)
    assert_same(data, earlier, capsys)
    assert run(capsys, "verify", "--data", data).code == 0
    assert "\nquarantine      1" in run(capsys, "status", "--data", data).out
    assert files(data) == before


def test_it_is_merged(data: Path, earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "compact", "--data", data).code == 0
    assert_same(data, earlier, capsys)
    assert run(capsys, "verify", "--data", data).code == 0


@pytest.mark.parametrize("merged", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_it_is_pruned(
    data: Path, earlier: Path, merged: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if merged:
        assert run(capsys, "compact", "--data", data).code == 0
    assert run(capsys, "prune", "--before", BEFORE, "--yes", "--data", data).code == 0
    assert_same(data, earlier, capsys, ["since"])
    rows = expected(earlier)["messages"]
    assert [row["message_id"] for row in answer(data, "messages", capsys)] == [
        row["message_id"] for row in rows if row["message_time"] >= BEFORE
    ]
    assert run(capsys, "verify", "--data", data).code == 0


@pytest.mark.parametrize("merged", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_number_is_forgotten(
    data: Path, earlier: Path, merged: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if merged:
        assert run(capsys, "compact", "--data", data).code == 0
    hashed = protect_number(NUMBER, Privacy("hash", KEY.encode()))
    assert holding(data) or hashed.encode() in _all_bytes(data)
    done = run(capsys, "forget", NUMBER, "--yes", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert holding(data) == []
    gone = {NUMBER, hashed}
    rows = expected(earlier)["messages"]
    assert sum(row["msisdn"] in gone for row in rows) > 2
    assert [row["message_id"] for row in answer(data, "messages", capsys)] == [
        row["message_id"] for row in rows if row["msisdn"] not in gone
    ]
    assert hashed.encode() not in _all_bytes(data)
    assert run(capsys, "verify", "--data", data).code == 0


def _all_bytes(data: Path) -> bytes:
    return b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
