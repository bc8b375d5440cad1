"""Nothing in the report is broken, hidden or too small, whatever the data and the width.

Boxes are measured in a browser: rules of look, not pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from dlr_analytics.report.model import Report
from tests.support import reports

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

WIDTHS: Final = (320, 400, 550, 721, 768, 820, 900, 1100)
SMALLEST_TEXT: Final = 12


def two_currencies() -> Report:
    """Large amounts in two currencies."""
    report = reports.found_report()
    (euro,) = report.spending
    whole = replace(euro.whole, cost=Decimal(12_345_678), wasted=Decimal(1_234_567))
    return replace(report, spending=(replace(euro, whole=whole), replace(euro, currency="SEK")))


def nothing_delivered() -> Report:
    """Every message failed, and the network reports so."""
    report = reports.made_report()
    failed = reports.tally(report.tally.messages, 0.0)
    days = tuple(replace(day, tally=reports.tally(19_000, 0.0)) for day in report.days)
    return replace(report, tally=failed, days=days)


def silent() -> Report:
    """One network sends no final receipts."""
    report = reports.made_report()
    first, *others = report.countries
    networks = tuple(replace(place, is_silent=True) for place in first.networks)
    return replace(report, countries=(replace(first, networks=networks), *others))


def large() -> Report:
    """So many messages that their number fills a card."""
    report = reports.made_report()
    return replace(report, tally=replace(report.tally, messages=999_999, delivered=953_000))


WORLDS: dict[str, Callable[[], Report]] = {
    "good": reports.made_report,
    "incidents": reports.found_report,
    "few": reports.few_report,
    "small": reports.small_report,
    "crowded": reports.crowded_report,
    "two currencies": two_currencies,
    "nothing delivered": nothing_delivered,
    "silent": silent,
    "large": large,
    "empty": reports.empty_report,
}

BROKEN: Final = """() => [...document.querySelectorAll('.big')].filter(element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const tops = [...range.getClientRects()].map(box => box.bottom);
    const card = element.closest('.card').getBoundingClientRect();
    const text = range.getBoundingClientRect();
    return Math.max(...tops) - Math.min(...tops) > 12 || text.right > card.right + 1;
}).map(element => element.innerText)"""
"""Large numbers on two lines, or wider than their card."""

TEXTS: Final = """() => [...document.querySelectorAll('svg')].filter(
    svg => svg.getBoundingClientRect().width > 0
).flatMap((svg, drawing) => [...svg.querySelectorAll('text')].map(text => {
    const box = text.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a;
    return {drawing, size, text: text.textContent,
        left: box.left, right: box.right, top: box.top, bottom: box.bottom};
}))"""
"""Each text of each drawing that is shown, with its box and its size in pixels."""


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two texts of one drawing cover each other, by more than the edges of letters."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return bool(one["drawing"] == other["drawing"] and across > 1 and down > 4)


@pytest.fixture(params=sorted(WORLDS))
def page(request: pytest.FixtureRequest, visit: Visit) -> Page:
    """The page of each kind of data."""
    return visit(WORLDS[request.param]())


def at_each_width(page: Page, measure: str) -> dict[int, Any]:
    """What a script measures at each width."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate(measure)
    return found


def test_no_number_of_a_card_is_broken_or_wider_than_its_card(page: Page) -> None:
    assert {width for width, broken in at_each_width(page, BROKEN).items() if broken} == set()


def test_no_page_scrolls_sideways(page: Page) -> None:
    wider = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert at_each_width(page, wider) == dict.fromkeys(WIDTHS, 0)


def test_no_texts_of_a_drawing_overlap_and_none_is_small(page: Page) -> None:
    for width, texts in at_each_width(page, TEXTS).items():
        small = [each["text"] for each in texts if each["size"] < SMALLEST_TEXT - 0.01]
        assert (width, small) == (width, [])
        covered = [
            (one["text"], other["text"])
            for place, one in enumerate(texts)
            for other in texts[place + 1 :]
            if overlap(one, other)
        ]
        assert (width, covered) == (width, [])
