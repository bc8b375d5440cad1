"""The report as people meet it: in light and dark, on a telephone, on paper, by ear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from dlr_analytics.presentation.palette import PALETTE
from dlr_analytics.report import output
from dlr_analytics.report.model import Report
from dlr_analytics.report.sections.registry import tables
from tests.browser.kinds import REPORTS
from tests.support import reports
from tests.support.quick import pairs

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def rgb(colour: str) -> str:
    """A colour as a browser writes it."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def style(page: Page, selector: str, name: str) -> str:
    """A computed style of the first element of a selector."""
    found: str = page.locator(selector).first.evaluate(
        "(element, name) => getComputedStyle(element).getPropertyValue(name)", name
    )
    return found


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("any_report", "width"), pairs(sorted(REPORTS), [400, 720, 1100]), indirect=["any_report"]
)
def test_no_page_is_wider_than_its_window(any_report: Report, visit: Visit, width: int) -> None:
    page = visit(any_report, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("any_report", "look"),
    pairs(sorted(REPORTS), [(1100, "light"), (1100, "dark"), (400, "light")]),
    indirect=["any_report"],
)
def test_a_checker_of_accessibility_finds_nothing(
    any_report: Report, visit: Visit, look: tuple[int, str]
) -> None:
    width, scheme = look
    page = visit(any_report, width=width, color_scheme=scheme, bypass_csp=True)
    found: dict[str, Any] = Axe().run(page, options={"runOnly": RULES}).response
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


@pytest.mark.thorough
def test_the_drawing_that_is_shown_fits_the_window(report: Report, visit: Visit) -> None:
    shown = {1100: "wide", 400: "narrow"}
    for width, name in shown.items():
        page = visit(report, width=width)
        for chart in page.locator("svg.chart").all():
            assert chart.is_visible() == (name in (chart.get_attribute("class") or ""))


def test_text_of_a_drawing_is_as_large_as_beside_it_at_its_full_width(
    report: Report, visit: Visit
) -> None:
    page = visit(report, width=1064)
    assert style(page, "svg.chart text", "font-size") == "13px"
    assert page.locator("svg.chart.wide").first.bounding_box()["width"] == 1000  # type: ignore[index]


def test_sorting_brings_the_worst_up_and_keeps_countries_together(
    report: Report, visit: Visit
) -> None:
    page = visit(report)
    head = page.get_by_role("button", name="Rate, %")
    head.click()
    rates = page.locator(".net .country .rate").all_inner_texts()
    assert rates == sorted(rates, key=float)
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    for group in page.locator(".net tbody").all():
        assert "country" in (group.locator("tr").first.get_attribute("class") or "")
        within = group.locator("tr:not(.country) .rate").all_inner_texts()
        assert within == sorted(within, key=float)
    head.click()
    assert page.locator(".net .country .rate").all_inner_texts() == sorted(
        rates, key=float, reverse=True
    )


@pytest.mark.thorough
def test_what_sums_up_all_others_stays_last_however_rows_are_sorted(visit: Visit) -> None:
    page = visit(reports.crowded_report())
    head = page.get_by_role("button", name="Rate, %")
    for _ in range(2):
        head.click()
        kinds = [
            [row.get_attribute("class") or "" for row in group.locator("tr").all()]
            for group in page.locator(".net tbody").all()
        ]
        assert any("rest" in kind for group in kinds for kind in group)
        assert not any("rest" in kind for group in kinds for kind in group[:-1])
        assert ["rest" in group[0] for group in kinds] == [False] * (len(kinds) - 1) + [True]


def test_without_script_everything_is_there_and_no_button_is_dead(
    report: Report, visit: Visit
) -> None:
    page = visit(report, java_script_enabled=False)
    assert page.get_by_role("button").count() == 0
    assert page.locator(".net tbody tr").count() > len(report.networks)
    page.get_by_text("Figures as a table").first.click()
    assert page.get_by_role("cell", name="63,482").count() == 0
    assert page.locator("#trend table tbody tr").first.is_visible()


def test_keys_reach_the_skip_link_first_and_then_the_sections(report: Report, visit: Visit) -> None:
    page = visit(report)
    reached = []
    for _ in range(11):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText.trim()"))
    assert reached[0] == "Skip to the figures"
    assert reached[1:10] == [
        "What stands out",
        "Trend",
        "Networks",
        "Senders",
        "Errors",
        "Latency",
        "Cost",
        "Data quality",
        "Definitions",
    ]
    assert reached[10] == "Figures as a table"
    assert style(page, "summary:focus-visible", "outline-width") == "3px"


@pytest.mark.thorough
def test_what_needs_no_scrolling_is_no_stop_for_keys(report: Report, visit: Visit) -> None:
    stops = "document.querySelectorAll('.scroll[tabindex]').length"
    assert visit(report, width=1100).evaluate(stops) == 0
    assert visit(report, width=400).evaluate(stops) > 0


def test_colours_follow_the_system_and_paper_is_always_light(report: Report, visit: Visit) -> None:
    page = visit(report, color_scheme="dark")
    assert style(page, "body", "background-color") == rgb(PALETTE["page"].dark)
    assert style(page, ".line.delivered", "stroke") == rgb(PALETTE["delivered"].dark)
    page.emulate_media(media="print", color_scheme="dark")
    assert style(page, "body", "background-color") == rgb(PALETTE["page"].light)
    assert style(page, ".line.delivered", "stroke") == rgb(PALETTE["delivered"].light)
    page.emulate_media(media="screen", color_scheme="light")
    assert style(page, "body", "background-color") == rgb(PALETTE["page"].light)


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_stand_out_where_the_reader_forces_colours(
    report: Report, visit: Visit, scheme: str
) -> None:
    page = visit(report, color_scheme=scheme, forced_colors="active")
    ground = style(page, "body", "background-color")
    for selector, name in ((".line.delivered", "stroke"), (".vol", "fill"), (".idot", "fill")):
        assert style(page, selector, name) != ground


def test_paper_repeats_heads_and_leaves_out_what_cannot_be_clicked(
    report: Report, visit: Visit
) -> None:
    page = visit(report)
    page.emulate_media(media="print")
    assert style(page, "thead", "display") == "table-header-group"
    assert style(page, "th button", "display") == "contents"
    assert not page.locator("nav").is_visible()
    assert not page.locator("summary").first.is_visible()
    assert page.locator("svg.chart.wide").first.is_visible()


@pytest.mark.thorough
def test_a_pdf_is_tagged_and_numbered_and_holds_the_finding(report: Report, tmp_path: Path) -> None:
    output.write(report, tmp_path / "report.pdf")
    printed = pypdf.PdfReader(tmp_path / "report.pdf")
    marks = printed.root_object["/MarkInfo"]
    assert isinstance(marks, pypdf.generic.DictionaryObject)
    assert marks["/Marked"]
    assert round(float(printed.pages[0].mediabox.width)) == 595  # A4
    assert 3 <= len(printed.pages) <= 6
    first = printed.pages[0].extract_text()
    assert "94.5% of messages were delivered" in first
    bookmarks = str(printed.outline)
    assert all(title in bookmarks for title in ("What stands out", "Delivery rate by day"))
    assert f"1 / {len(printed.pages)}" in first
    assert "SMS delivery, 25 October to 23 November 2026" in first


@pytest.mark.thorough
def test_a_hostile_report_prints_too(hostile: Report, tmp_path: Path) -> None:
    output.write(hostile, tmp_path / "report.pdf")
    assert len(pypdf.PdfReader(tmp_path / "report.pdf").pages) <= 7


@pytest.mark.thorough
def test_a_pdf_has_every_section(any_report: Report, tmp_path: Path) -> None:
    output.write(any_report, tmp_path / "report.pdf")
    pages = pypdf.PdfReader(tmp_path / "report.pdf").pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    places = [text.find("".join(table.title.split())) for table in tables(any_report)]
    assert -1 not in places
    assert places == sorted(places)
