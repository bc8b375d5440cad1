"""One report, four files: the same figures, and no harm from what strangers wrote."""

from __future__ import annotations

import errno
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dlr_analytics.errors import MissingTool, UnknownName, UsageError
from dlr_analytics.report import output
from dlr_analytics.report.formats import markdown, pdf
from dlr_analytics.report.model import Country, Place, Report, Tally

HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "a|b\\|c",
    "[x](javascript:y)",
    "`tick`",
]


@pytest.fixture
def hostile(
    report: Report, make_place: Callable[..., Place], make_tally: Callable[..., Tally]
) -> Report:
    """A report with hostile networks."""
    of = make_tally(5000, 0.9)
    places = tuple(make_place(text, text, "XX", text, of) for text in HOSTILE)
    return replace(report, countries=(Country(places[0], places),))


def sheets(report: Report, folder: Path) -> Any:
    """The workbook of a report."""
    output.write(report, folder / "report.xlsx")
    return openpyxl.load_workbook(folder / "report.xlsx")


def cells(sheet: Any) -> list[list[Any]]:
    """The values below the head."""
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]


def test_an_unknown_ending_names_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"'.docx'.*\.html, \.pdf, \.xlsx, \.md"):
        output.check(Path("report.docx"))
    with pytest.raises(UnknownName, match="unknown ending 'report'"):
        output.check(Path("report"))


def test_a_missing_folder_is_an_error_before_anything_is_computed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        output.check(tmp_path / "no" / "report.html")
    (tmp_path / "a.html").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        output.check(tmp_path / "a.html")


@pytest.mark.parametrize("name", ["report.html", "REPORT.MD", "report.xlsx"])
def test_an_existing_file_is_replaced(report: Report, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")
    output.write(report, tmp_path / name)
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize("name", ["a.html", "a.xlsx", "a.md"])
def test_what_cannot_be_written_whole_leaves_the_older_file(
    report: Report, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.write(report, tmp_path / name)
    before = (tmp_path / name).read_bytes()

    def half(_: Report, path: Path) -> None:
        path.write_bytes(before[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(output.WRITERS, f".{name.partition('.')[2]}", half)
    with pytest.raises(UsageError, match="No space left on device"):
        output.write(report, tmp_path / name)
    assert (tmp_path / name).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("ending", [".html", ".md", ".xlsx"])
def test_a_file_that_cannot_be_written_is_one_clear_line(
    report: Report, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / f"loop{ending}"
    target.symlink_to(target)
    with pytest.raises(UsageError, match="cannot write"):
        output.write(report, target)


def test_words_of_every_format_give_number_and_rate(report: Report, tmp_path: Path) -> None:
    for ending in (".html", ".md"):
        output.write(report, tmp_path / f"r{ending}")
        text = (tmp_path / f"r{ending}").read_text()
        assert "576,271" in text
        assert "94.5%" in text
    summary = [
        cell.value for row in sheets(report, tmp_path)["Summary"].iter_rows() for cell in row
    ]
    assert "94.5% of messages were delivered" in summary
    assert any(str(text).startswith("576,271 messages to 11 networks") for text in summary)
    assert {576_271, 0.945} <= set(summary)


def test_a_workbook_has_a_sheet_a_section_with_frozen_heads(report: Report, tmp_path: Path) -> None:
    book = sheets(report, tmp_path)
    assert book.sheetnames == [
        "Summary",
        "Outcomes",
        "What stands out",
        "By day",
        "Networks",
        "Senders",
        "Errors",
        "Latency",
        "Cost",
        "Data quality",
        "Coverage",
        "Definitions",
    ]
    assert {sheet.freeze_panes for sheet in book} == {"B5"}


def test_a_workbook_holds_real_numbers_with_their_formats(report: Report, tmp_path: Path) -> None:
    book = sheets(report, tmp_path)
    day, messages, _, rate, *_ = (cell for cell in book["By day"][5])
    assert day.value == datetime(2026, 10, 25)
    assert day.number_format == "d mmm yyyy"
    assert messages.value == report.days[0].tally.messages
    assert messages.number_format == "#,##0"
    assert rate.value == pytest.approx(report.days[0].tally.rate)
    assert rate.number_format == "0.0%"
    cost = book["Cost"]
    assert cost["B5"].number_format == "#,##0.00"
    assert cost["B5"].value == pytest.approx(float(report.spending[0].countries[0].cost))
    assert cost["C5"].value == pytest.approx(40.7)


def test_a_workbook_folds_nothing_and_adds_up(report: Report, tmp_path: Path) -> None:
    rows = cells(sheets(report, tmp_path)["Networks"])
    assert len(rows) == len(report.networks)
    assert sum(row[8] for row in rows) == report.tally.messages
    assert sum(row[6] for row in rows) == report.tally.undelivered


def test_no_text_becomes_a_formula_or_a_link(hostile: Report, tmp_path: Path) -> None:
    book = sheets(hostile, tmp_path)
    networks = [cell for row in book["Networks"].iter_rows(min_row=5, max_col=3) for cell in row]
    assert {cell.value for cell in networks} == set(HOSTILE)
    assert {cell.data_type for cell in networks} == {"s"}
    with zipfile.ZipFile(tmp_path / "report.xlsx") as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert b"<f>" not in inside
    assert b"hyperlink" not in inside


def test_a_missing_value_is_an_empty_cell_in_a_workbook(report: Report, tmp_path: Path) -> None:
    days = tuple(replace(d, tally=replace(d.tally, rate=None)) for d in report.days)
    assert cells(sheets(replace(report, days=days), tmp_path)["By day"])[0][3] is None


def test_the_bytes_of_a_workbook_depend_on_the_report_only(report: Report, tmp_path: Path) -> None:
    written = []
    for name in ("one.xlsx", "other.xlsx"):
        output.write(report, tmp_path / name)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def tables(text: str) -> list[list[str]]:
    """The rows of every Markdown table, split at unescaped bars."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


def test_markdown_tables_are_as_wide_as_their_heads_whatever_their_cells_contain(
    hostile: Report,
) -> None:
    text = markdown.render(hostile)
    width = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        (row,) = tables(line)
        width = width or len(row)
        assert len(row) == width, line


def test_markdown_holds_no_markup_of_a_stranger(hostile: Report) -> None:
    text = markdown.render(hostile)
    assert "<script" not in re.sub("`[^`]*`", "", text)
    assert re.findall(r"(?<!\\)\]\(", re.sub("`[^`]*`", "", text)) == []
    assert "\\[x\\](javascript:y)" in text


def test_markdown_has_every_section(report: Report) -> None:
    heads = re.findall("^## (.*)$", markdown.render(report), re.MULTILINE)
    assert heads == [
        "How 576,271 messages ended",
        "What stands out",
        "Delivery rate by day",
        "Delivery rate by country and network",
        "Delivery rate by sender",
        "Why 40,394 messages were not delivered",
        "How long delivery took",
        "What it cost",
        "How far to trust these figures",
        "Which networks can be compared",
        "Definitions",
    ]


def test_an_empty_period_is_reported_in_every_format(empty: Report, tmp_path: Path) -> None:
    assert markdown.render(empty).startswith(
        "SMS delivery report\n\n# No messages between 1 and 7 January 2025\n\nThe data in `data`"
    )
    assert "`dlr report --data data --since 2026-10-25`" in markdown.render(empty)
    assert sheets(empty, tmp_path).sheetnames == ["Summary", "Definitions"]


def test_without_a_browser_a_pdf_is_one_clear_line(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    with pytest.raises(MissingTool, match=r"needs a Chromium or Chrome.*; install chromium"):
        output.write(report, tmp_path / "report.pdf")


def test_a_browser_that_prints_nothing_is_one_clear_line(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho first >&2\necho no display >&2\n")
    browser.chmod(0o755)
    monkeypatch.setattr(pdf, "BROWSERS", (str(browser),))
    with pytest.raises(MissingTool, match=r"printed nothing \(no display\)"):
        output.write(report, tmp_path / "report.pdf")
