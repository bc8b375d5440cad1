"""Nothing in the printed report is cut off, parted or too small, whatever the data.

Boxes are measured at the width of the paper; where pages break is read from the PDF, in which each
row, head and title is the text of a link.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pypdf
import pytest
from playwright.sync_api import Page

from tests.browser.layouts import BROKEN, TEXTS, WORLDS, overlap

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

Visit = Callable[..., Page]

SHEET: Final = 794
"""The width of A4 in pixels of CSS, which rules about widths are of."""

PAPER: Final = 688
"""Its width between the margins. Of a wider page, Chromium prints everything smaller."""

SMALLEST_TEXT: Final = 7 * 96 / 72
"""Seven points, in pixels."""

SMALL_GROUP: Final = 8
"""A group of so many rows is not divided between pages."""

MARK: Final = """() => {
    const mark = (element, name) => {
        const link = document.createElement('a');
        link.href = 'https://mark.invalid/' + name;
        link.append(...element.childNodes);
        element.append(link);
    };
    const isShown = element => element.getClientRects().length > 0;
    const all = (of, selector) => [...of.querySelectorAll(selector)].filter(isShown);
    all(document, 'main section').forEach((section, number) => {
        all(section, 'h2').forEach((title, n) => mark(title, `title/${number}.${n}`));
        all(section, '.findings li').forEach(
            (finding, n) => mark(finding.querySelector('.what'), `row/${number}.f/0/${n}`));
        all(section, '.desc').forEach((caption, n) => mark(caption, `caption/${number}.${n}`));
        all(section, 'table').forEach((table, n) => {
            all(table, 'thead tr:first-child th:first-child').forEach(
                head => mark(head, `head/${number}.${n}`));
            all(table, 'tbody').forEach((group, g) => all(group, 'tr').forEach(
                (row, r) => mark(row.cells[0], `row/${number}.${n}/${g}/${r}`)));
        });
    });
}"""
"""Makes each title, caption, head of a table and row of a table a link that names it."""

BEYOND: Final = """() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!node.data.trim() || node.parentElement.closest('.vh, .skip')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        const paper = document.documentElement.getBoundingClientRect();
        if (box.width && (box.right > paper.right + 1 || box.left < -1)) found.push(node.data);
    }
    return found;
}"""
"""Texts that reach beyond the paper."""

SIZES: Final = """() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (!node.data.trim() || parent.closest('svg, .vh, .skip')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        if (range.getBoundingClientRect().width)
            found.push([parseFloat(getComputedStyle(parent).fontSize), node.data]);
    }
    return found;
}"""
"""The size of each text outside of drawings, in pixels."""


@dataclass(slots=True)
class Printed:
    """The pages on which marks stand: titles, captions, heads, and rows by table and group."""

    pages: int = 0
    places: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def rows(self) -> dict[str, dict[str, list[int]]]:
        """The page of each row, by table and group."""
        found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for name, pages in self.places.items():
            kind, _, rest = name.partition("/")
            if kind == "row":
                table, group, _ = rest.split("/")
                found[table][group].append(min(pages))
        return found


@pytest.fixture(params=sorted(WORLDS))
def page(request: pytest.FixtureRequest, visit: Visit) -> Page:
    """The page of each kind of data, as it is printed."""
    return opened(request.param, visit)


@pytest.fixture(scope="module", params=sorted(WORLDS))
def paper(request: pytest.FixtureRequest, visit_once: Visit) -> Iterator[Page]:
    """The same, as wide as the paper is between its margins."""
    page = opened(request.param, visit_once)
    page.add_style_tag(content=f"html {{ width: {PAPER}px }}")
    yield page
    page.context.close()


def opened(world: str, visit: Visit) -> Page:
    """A page as it is printed."""
    page = visit(WORLDS[world](), SHEET)
    page.emulate_media(media="print")
    return page


def printed(page: Page) -> Printed:
    """Print a page, and find its marks."""
    page.evaluate(MARK)
    document = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    found = Printed(len(document.pages))
    for number, paper in enumerate(document.pages):
        for name in links(paper):
            found.places[name].append(number)
    return found


def links(paper: pypdf.PageObject) -> Iterator[str]:
    """The names of the marks on a page."""
    for annotation in paper.get("/Annots", ()):
        address = str(annotation.get_object().get("/A", {}).get("/URI", ""))
        if address.startswith("https://mark.invalid/"):
            yield address.removeprefix("https://mark.invalid/")


def test_no_number_of_a_card_is_broken_on_paper(paper: Page) -> None:
    assert paper.evaluate(BROKEN) == []


def test_no_text_reaches_beyond_the_paper(paper: Page) -> None:
    assert paper.evaluate(BEYOND) == []


def test_no_text_is_small_on_paper_and_none_overlap_in_drawings(paper: Page) -> None:
    sizes = [(size, text) for size, text in paper.evaluate(SIZES)]
    texts: list[dict[str, Any]] = paper.evaluate(TEXTS)
    sizes += [(each["size"], each["text"]) for each in texts]
    assert [each for each in sizes if each[0] < SMALLEST_TEXT - 0.01] == []
    covered = [
        (one["text"], other["text"])
        for place, one in enumerate(texts)
        for other in texts[place + 1 :]
        if overlap(one, other)
    ]
    assert covered == []


def test_pages_break_between_what_belongs_together(page: Page) -> None:
    """Titles and heads stay with their first row, groups stay whole, no row is alone."""
    found = printed(page)
    places = found.places
    for table, groups in found.rows().items():
        every = [page for pages in groups.values() for page in pages]
        assert every == sorted(every)
        head = places.get(f"head/{table}", every)
        assert head[0] == every[0], f"the head of {table} is parted from its rows"
        if len(every) > 2:
            alone = [page for page in set(every) if every.count(page) == 1]
            assert alone == [], f"a row of {table} is alone on a page"
        if len(groups) > 1:
            parted = [name for name, p in groups.items() if len(p) <= SMALL_GROUP and len({*p}) > 1]
            assert parted == [], f"groups of {table} are divided"
    for name, (number, *_) in places.items():
        kind, _, place = name.partition("/")
        if kind == "title" and f"caption/{place}" in places:
            assert places[f"caption/{place}"][0] == number, f"{name} is parted from its caption"


def test_no_page_is_all_but_empty(page: Page) -> None:
    document = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    lines = [len(paper.extract_text().splitlines()) for paper in document.pages]
    assert [number for number in lines if number < 6] == []
