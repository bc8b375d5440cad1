"""A result as a workbook: typed cells, and no text of strangers becomes a formula."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import dlr_analytics as dlr
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.errors import UsageError
from tests.support.data_directories import database
from tests.support.pipelines import receipt
from tests.support.sample import SAMPLE

HEAD = 4


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return database(
        tmp_path,
        receipt("A", sender="=HYPERLINK(1)"),
        receipt("B", "failed", err_code=3, sender="+cmd"),
    )


@pytest.fixture(scope="module")
def sample() -> Database:
    """Enough data for each question."""
    return dlr.open(SAMPLE)


def sheet(path: Path) -> Any:
    """The only sheet of a workbook."""
    (only,) = openpyxl.load_workbook(path).worksheets
    return only


def table(path: Path) -> list[tuple[Any, ...]]:
    """The heads and the rows below them."""
    return [tuple(cell.value for cell in row) for row in sheet(path).iter_rows(min_row=HEAD)]


def test_heads_are_the_columns_and_figures_are_numbers(db: Database, tmp_path: Path) -> None:
    result = db.cost(by="network_code")
    result.to_excel(tmp_path / "cost.xlsx")
    heads, *rows = table(tmp_path / "cost.xlsx")
    assert heads == result.columns
    assert [[float(v) if n > 3 else v for n, v in enumerate(row)] for row in rows] == [
        [float(v) if n > 3 else v for n, v in enumerate(row)] for row in result.rows()
    ]


def test_a_sender_that_begins_with_an_equals_sign_is_text(db: Database, tmp_path: Path) -> None:
    db.delivery_rate(by="sender").to_excel(tmp_path / "rate.xlsx")
    cells = [row[0] for row in sheet(tmp_path / "rate.xlsx").iter_rows(min_row=HEAD + 1)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells} == {"=HYPERLINK(1)", "+cmd"}


def test_a_number_that_excel_would_round_is_text(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    db.sql("select 999999999999999 as short, 1234567890123456789 as long").to_excel(path)
    assert table(path)[1:] == [(999_999_999_999_999, "1234567890123456789")]


def test_the_same_result_makes_the_same_bytes(db: Database, tmp_path: Path) -> None:
    result = db.delivery_rate(by="sender")
    for name in ("a.xlsx", "b.xlsx"):
        result.to_excel(tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_times_are_times_and_lists_are_text(db: Database, tmp_path: Path) -> None:
    result = db.sql(
        "select timestamp '2026-11-01 12:00' as at, ['x', 'y'] as names, 'nan'::double as n,"
        " timestamp '0001-01-01' as old, true as yes, timestamptz '2026-11-01 12:00+02' as zoned"
    )
    result.to_excel(tmp_path / "x.xlsx")
    assert table(tmp_path / "x.xlsx")[1] == (
        dt.datetime(2026, 11, 1, 12),
        "x, y",
        None,
        "0001-01-01T00:00:00",
        "True",
        dt.datetime(2026, 11, 1, 10),
    )


@pytest.mark.thorough
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_to_each_question_is_a_workbook_with_its_columns(
    question: str, sample: Database, tmp_path: Path
) -> None:
    result = sample.ask(question, {})
    result.to_excel(tmp_path / "x.xlsx")
    heads, *rows = table(tmp_path / "x.xlsx")
    assert heads == result.columns
    assert len(rows) == len(result)


@pytest.mark.parametrize("figure", ["delivery_rate", "cost_per_message"])
def test_figures_and_their_differences_are_the_numbers_of_the_result(
    figure: str, sample: Database, tmp_path: Path
) -> None:
    result = sample.decompose(figure, by="network_code")
    result.to_excel(tmp_path / "x.xlsx")
    _, *rows = table(tmp_path / "x.xlsx")
    assert len(rows) > 1
    for cells, values in zip(rows, result, strict=True):
        for cell, value in zip(cells[1:], values[1:], strict=True):
            assert cell == (None if value is None else pytest.approx(float(value)))


def test_a_write_that_fails_leaves_the_file_that_was_there(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out" / "rate.xlsx"
    path.parent.mkdir()
    db.delivery_rate().to_excel(path)
    before = path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match=r"cannot write .*rate\.xlsx: No space left on device"):
        db.cost().to_excel(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_one_line(db: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no folder .*nowhere"):
        db.cost().to_excel(tmp_path / "nowhere" / "x.xlsx")


def test_another_ending_is_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"rate\.csv is no workbook; end the name in \.xlsx"):
        db.delivery_rate().to_excel(tmp_path / "rate.csv")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@SUM(A1)",
        "{=A1}",
        "http://example.com",
        "mailto:a@b",
        "12",
        "x" * 40_000,
        "",
    ],
    ids=["formula", "function", "array", "url", "mail", "digits", "long", "empty"],
)
def test_any_text_of_a_stranger_stays_text(text: str, db: Database, tmp_path: Path) -> None:
    quoted = text.replace("'", "''")
    db.sql(f"select '{quoted}' as x").to_excel(tmp_path / "x.xlsx")
    cell = sheet(tmp_path / "x.xlsx").cell(HEAD + 1, 1)
    assert cell.data_type in {"s", "inlineStr", "n"}
    assert cell.hyperlink is None
    assert (cell.value or "") == text[:32_767]
