"""Every format of a report has the same sections with the same figures."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dlr_analytics.presentation.table import Column, Table, Value
from dlr_analytics.report.formats import excel, html, markdown
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.registry import SECTIONS, sections, tables
from dlr_analytics.vocabulary import OUTCOMES
from tests.support import reports
from tests.support.pages import Page

REPORTS: dict[str, Callable[[], Report]] = {
    "ordinary": reports.made_report,
    "with findings": reports.found_report,
    "small": reports.small_report,
    "few": reports.few_report,
    "large": reports.crowded_report,
    "empty": reports.empty_report,
    "no data": lambda: replace(reports.empty_report(), extent=None),
    "all delivered": lambda: replace(reports.made_report(), reasons=()),
    "no prices": lambda: replace(reports.made_report(), spending=()),
}

DRAWN = {
    *("Rate, %", "95% interval from, %", "to, %", "Pending", "Stand-in send time, %"),
    *("Change, points", "More than chance"),
}
ABSENT = {"0", "0.0", *(outcome.capitalize() for outcome in OUTCOMES)}
"""Of outcomes that do not occur the page has one line."""
NAMED_ONCE = {"Network", "Country"}
"""Columns of networks that the page has in other forms, or in its table of all networks only."""


@pytest.fixture(params=REPORTS)
def any_report(request: pytest.FixtureRequest) -> Report:
    """A report of each size of data."""
    return REPORTS[request.param]()


def values(table: Table) -> Iterator[tuple[Column, Value]]:
    """Every value of a table with its column."""
    for row in table.rows:
        yield from zip(table.columns, row, strict=True)


def page_sections(report: Report) -> list[Page]:
    """The sections of the page that have a heading, the figures on top left out."""
    main = html.render(report).partition("<main")[2].partition("</main>")[0]
    parts = main.split("<section")[1:]
    return [Page(f"<section{part}") for part in parts if "<h2>" in part and "cards" not in part]


def headings(page: Page) -> list[str]:
    """The texts of the headings of a page."""
    return [text for tag, text in page.texts if tag == "h2"]


def workbook(report: Report, folder: Path) -> Any:
    """The workbook of a report, opened."""
    excel.write(report, folder / "report.xlsx")
    return openpyxl.load_workbook(folder / "report.xlsx")


def expected_cell(column: Column, value: Value) -> object:
    """What a cell of the workbook holds."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime(*value.timetuple()[:3])
    return pytest.approx(float(value * column.kind.scale))


def test_every_format_has_the_same_sections_in_one_order(
    any_report: Report, tmp_path: Path
) -> None:
    titles = [table.title for table in tables(any_report)]
    assert [title for page in page_sections(any_report) for title in headings(page)] == titles
    assert re.findall("^## (.*)$", markdown.render(any_report), re.MULTILINE) == titles
    _, *sheets = workbook(any_report, tmp_path)
    assert [sheet["A1"].value for sheet in sheets] == titles
    assert [sheet.title for sheet in sheets] == [table.name for table in tables(any_report)]


def test_a_workbook_holds_every_value(any_report: Report, tmp_path: Path) -> None:
    book = workbook(any_report, tmp_path)
    for table in tables(any_report):
        rows = list(book[table.name].iter_rows(min_row=5, values_only=True)) if table.rows else []
        assert len(rows) == len(table.rows)
        found = [cell for row in rows for cell in row[: len(table.columns)]]
        assert found == [expected_cell(column, value) for column, value in values(table)]


def test_markdown_holds_every_value(any_report: Report) -> None:
    lines = [line for line in markdown.render(any_report).splitlines() if line.startswith("| ")]
    rows = [re.sub(r"\\(.)|`", r"\1", line)[2:-2].split(" | ") for line in lines]
    written = [row for row in rows if set(row) - {"---", "---:"}]
    expected = []
    for table in tables(any_report):
        if table.rows:
            expected.append([column.head for column in table.columns])
        for row in table.rows:
            pairs = zip(table.columns, row, strict=True)
            expected.append([column.kind.write(value) for column, value in pairs])
    assert [[cell.replace("&lt;", "<") for cell in row] for row in written] == expected


def test_the_page_holds_every_value(any_report: Report) -> None:
    pages = {title: page for page in page_sections(any_report) for title in headings(page)}
    for table in tables(any_report):
        page = pages[table.title]
        folded = "summary" in {tag for tag, _ in page.tags}
        left_out = {"More than chance"} if table.name == "Senders" else set()
        if table.name == "Networks" and not folded:
            left_out = DRAWN | NAMED_ONCE
        texts = (text.strip().removesuffix("%") for _, text in page.texts)
        expected = Counter(
            column.kind.write(value).removesuffix("%")
            for column, value in values(table)
            if column.head not in left_out
            and value is not None
            and not (table.name == "Outcomes" and column.kind.write(value) in ABSENT)
        )
        del expected[""]
        assert expected - Counter(texts) == Counter()


def test_every_note_and_caption_is_in_every_format(any_report: Report, tmp_path: Path) -> None:
    def words(text: str) -> str:
        return re.sub(r"[`\\'\s]", "", text).replace("&lt;", "<")

    page = words("".join(text for _, text in Page(html.render(any_report)).texts))
    text = words(markdown.render(any_report))
    book = workbook(any_report, tmp_path)
    for table in tables(any_report):
        for sentence in (table.caption, table.note):
            assert words(sentence) in text
            assert words(sentence) in page or table.name == "By day"
            assert not sentence or sentence in {book[table.name][f"A{n}"].value for n in (2, 3)}


def test_a_page_folds_networks_that_a_workbook_lists_in_full(tmp_path: Path) -> None:
    large = reports.crowded_report()
    body = html.render(large).partition('<table class="net">')[2].partition("</table>")[0]
    assert 40 < len(large.networks) == 300
    assert body.count("<tr") < 150
    assert "more networks" in body
    rows = list(workbook(large, tmp_path)["Networks"].iter_rows(min_row=5, values_only=True))
    assert [row[0] for row in rows] == [place.code for place in large.networks]
    assert sum(row[8] for row in rows) == large.tally.messages


def test_errors_and_latency_are_in_every_format_of_a_small_report(tmp_path: Path) -> None:
    small = reports.small_report()
    titles = [table.title for table in tables(small)]
    assert "Why 25 messages were not delivered" in titles
    assert "How long delivery took" in titles
    assert "0 messages are measured; times are shown from 20 on." in markdown.render(small)
    assert workbook(small, tmp_path)["Errors"]["D5"].value == 25


def test_a_trend_needs_a_hundred_settled_messages_in_every_format() -> None:
    shown = {name: {s.anchor for s in sections(make())} for name, make in REPORTS.items()}
    assert {name for name in REPORTS if "trend" in shown[name]} == {
        "ordinary",
        "with findings",
        "large",
        "all delivered",
        "no prices",
    }


def test_every_anchor_and_every_sheet_is_named_once(any_report: Report) -> None:
    anchors = [section.anchor for section in SECTIONS if section.anchor]
    assert len(set(anchors)) == len(anchors)
    assert [bool(section.title) for section in SECTIONS] == [bool(s.anchor) for s in SECTIONS]
    names = [table.name for table in tables(any_report)]
    assert len(set(names)) == len(names)


def test_each_sheet_can_be_filtered_and_printed(any_report: Report, tmp_path: Path) -> None:
    """Filters over the heads, A4 across, one page wide, heads on each page, numbered pages."""
    book = workbook(any_report, tmp_path)
    for table in tables(any_report):
        sheet = book[table.name]
        if len(table.rows) > 1:
            last = openpyxl.utils.get_column_letter(len(table.columns))
            assert sheet.auto_filter.ref == f"A4:{last}{len(table.rows) + 4}"
        else:
            assert sheet.auto_filter.ref is None
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$4:$4"
        assert sheet.oddFooter.right.text == "&P / &N"


@pytest.mark.parametrize("name", ["with findings", "empty"])
def test_equal_reports_are_equal_files_in_every_format(name: str, tmp_path: Path) -> None:
    made = [REPORTS[name]() for _ in range(2)]
    assert html.render(made[0]) == html.render(made[1])
    assert markdown.render(made[0]) == markdown.render(made[1])
    for number, report in enumerate(made):
        excel.write(report, tmp_path / f"{number}.xlsx")
    first, second = ((tmp_path / f"{number}.xlsx").read_bytes() for number in range(2))
    assert first == second


def test_the_workbook_draws_the_trend_beside_its_summary(report: Report, tmp_path: Path) -> None:
    """The lines are cells of the table, so what Excel shows follows an edit of them."""
    excel.write(report, tmp_path / "report.xlsx")
    with zipfile.ZipFile(tmp_path / "report.xlsx") as archive:
        (name,) = [each for each in archive.namelist() if each.startswith("xl/charts/chart")]
        chart = archive.read(name).decode()
        drawing = archive.read("xl/worksheets/_rels/sheet1.xml.rels").decode()
    assert "drawing" in drawing
    last = 4 + len(report.days)
    for column in "DEF":
        assert f"'By day'!${column}$5:${column}${last}" in chart
    assert chart.count(f"'By day'!$A$5:$A${last}") == 3


def test_a_workbook_without_a_trend_has_no_chart(few: Report, tmp_path: Path) -> None:
    excel.write(few, tmp_path / "few.xlsx")
    with zipfile.ZipFile(tmp_path / "few.xlsx") as archive:
        assert not [name for name in archive.namelist() if "chart" in name]
