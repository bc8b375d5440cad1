"""``dlr watch``: a line an alert or rows, and the exit status."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.analysis.cache import snapshot
from dlr_analytics.analysis.studies.watch.alert import COLUMNS
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import after, receipt

HOSTILE = "<b>\u202eShop\nsilence: all networks"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Hourly receipts of ten days, the last ones refused."""
    folder = tmp_path / "data"
    refused: dict[str, Any] = {"status": "rejected", "err_code": 50, "sender": HOSTILE}
    receive(
        folder,
        [
            *(receipt(f"m{minutes}", seconds=60 * minutes) for minutes in range(0, 14_400, 20)),
            *(receipt(f"r{n}", seconds=60 * (14_390 + n / 4), **refused) for n in range(6)),
        ],
    )
    return folder


def test_an_alert_is_one_line_with_kind_and_sentence(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "watch", "--data", data, "--as-of", after(days=10).isoformat())
    assert (done.code, done.err) == (1, "")
    (line,) = done.out.splitlines()
    assert line.startswith("filtered: 23410 (")
    assert "6 messages from <b>" in line
    assert "Shop silence: all networks that ended" in line
    assert "\u202e" not in line


def test_without_an_alert_nothing_is_printed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "watch", "--data", data, "--as-of", "2026-11-13T09:00")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_as_of_is_the_clock_s_time_and_not_the_newest_receipt(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "now", lambda: after(days=11))
    done = run(capsys, "watch", "--data", data)
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("silence: all networks: no receipts in the last 24 hours")


@pytest.mark.thorough
def test_query_watch_exits_as_watch_does(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at, code in ((after(days=10).isoformat(), 1), ("2026-11-13T09:00", 0)):
        assert run(capsys, "query", "watch", "--data", data, "--as-of", at).code == code


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["table", "csv", "json", "md"])
def test_rows_are_printed_in_each_format(
    data: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    at = after(days=10).isoformat()
    done = run(capsys, "watch", "--data", data, "--as-of", at, "--format", form)
    assert done.code == 1
    if form == "json":
        (row,) = json.loads(done.out)
        assert list(row) == list(COLUMNS)
        assert row["sender"] == HOSTILE
    elif form == "csv":
        (row,) = csv.DictReader(io.StringIO(done.out))
        assert list(row) == list(COLUMNS)
        assert row["sender"] == HOSTILE
    else:
        assert len(done.out.splitlines()) == (2 if form == "table" else 3)
        assert "\u202e" not in done.out


def test_no_alert_is_an_empty_array(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = "2026-11-13T09:00"
    done = run(capsys, "watch", "--data", data, "--as-of", at, "--format", "json")
    assert (done.code, done.out) == (0, "[]\n")


def test_a_folder_without_receipts_gives_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "watch", "--data", tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "no receipts" in done.err


@pytest.mark.thorough
@pytest.mark.parametrize(
    "wrong",
    [("--as-of", "soon"), ("--where", "1;2"), ("--tz", "Mars"), ("--by", "day"), ("--format", "x")],
)
def test_a_wrong_option_is_an_error_in_one_line(
    data: Path, wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "watch", "--data", data, *wrong)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


def test_a_missing_folder_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, "watch", "--data", tmp_path / "none")
    assert (done.code, done.out) == (2, "")
