"""Nothing in the report is broken, hidden or too small, whatever the data and the width.

Boxes are measured in a browser: rules of look, not pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.browser.layouts import BROKEN, TEXTS, WORLDS, overlap

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

Visit = Callable[..., Page]

WIDTHS: Final = (320, 400, 550, 721, 768, 820, 900, 1100)
SMALLEST_TEXT: Final = 12


@pytest.fixture(scope="module", params=sorted(WORLDS))
def page(request: pytest.FixtureRequest, visit_once: Visit) -> Iterator[Page]:
    """The page of each kind of data."""
    page = visit_once(WORLDS[request.param]())
    yield page
    page.context.close()


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
