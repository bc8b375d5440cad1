"""The explorer in a real JupyterLab: brush, click, reset, and its code as a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.labs import (
    MOST_MS,
    becomes,
    kernel_waits,
    lonely_page,
    open_notebook,
    run_all,
    served,
    switch_theme,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN = """%load_ext dlr_analytics
import dlr_analytics as dlr
db = dlr.open("../data/sample")
x = db.explore(by={"campaign": "split_part(client_ref, '-', 1)"})
x"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page with a notebook whose last cell shows an explorer."""
    folder = tmp_path_factory.mktemp("lab")
    with served(folder) as lab, lonely_page(browser, lab) as page:
        write(folder / "notebooks" / "explore.ipynb")
        open_notebook(page, lab, "explore.ipynb")
        run_all(page)
        page.locator(".dlr-explorer .finding").wait_for(timeout=MOST_MS)
        yield page


def write(file: Path) -> None:
    """A notebook of one cell."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(OPEN)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, file)


def messages(page: Page) -> int:
    """The number of messages in the headline."""
    found = re.search(r"of ([\d,]+) message", page.locator(".dlr-explorer .finding").inner_text())
    assert found
    return int(found[1].replace(",", ""))


def code(page: Page) -> str:
    return page.locator(".dlr-explorer code").inner_text()


def settled(page: Page) -> None:
    """Wait for the answer to what was clicked."""
    expect(page.locator(".dlr-explorer:not([aria-busy])")).to_be_attached(timeout=MOST_MS)


def run_in_new_cell(page: Page, text: str) -> None:
    """Add a cell below the last and run it; the explorer keeps keys while it has the focus."""
    page.locator(".jp-CodeCell .jp-InputArea .cm-content").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")


def drag(page: Page, selector: str, begin: float, end: float) -> None:
    """Drag from one place to another, both as shares of the width."""
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    assert box
    middle = box["y"] + box["height"] / 3
    page.mouse.move(box["x"] + begin * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], middle, steps=4)
    page.mouse.up()
    settled(page)


def test_brush_click_reset_and_the_code_gives_the_same_figure(page: Page) -> None:
    everything, whole = messages(page), code(page)
    assert whole == 'db.delivery_rate(by="day").plot()'
    drag(page, ".dlr-explorer .overview", 0.3, 0.5)
    brushed = messages(page)
    assert 0 < brushed < everything
    assert re.search(r'since="[-\d]+", until="[-\d]+"', code(page))

    page.locator(".dlr-explorer .column").first.locator(".row").first.click()
    settled(page)
    clicked = messages(page)
    assert 0 < clicked < brushed
    assert "network_code = '" in code(page)
    assert page.locator(".dlr-explorer .chip").count() == 2

    figure = f'print("figure", int({code(page).removesuffix(".plot()")}["messages"].sum()))'
    run_in_new_cell(page, figure)
    page.get_by_text(f"figure {clicked}", exact=True).wait_for(timeout=MOST_MS)
    run_in_new_cell(page, code(page))
    page.locator(".js-plotly-plot .main-svg").first.wait_for(state="attached", timeout=MOST_MS)

    run_in_new_cell(page, 'x.select(country="GB")')
    page.locator(".dlr-explorer .chip", has_text="Country GB").wait_for(timeout=MOST_MS)

    page.locator(".dlr-explorer .reset").click()
    settled(page)
    assert (messages(page), code(page)) == (everything, whole)


def test_it_works_in_notebook_7(browser: Browser, tmp_path: Path) -> None:
    """Brush, click and reset, each with an answer of the kernel."""
    with served(tmp_path, "notebook") as address, lonely_page(browser, address) as page:
        write(tmp_path / "notebooks" / "explore.ipynb")
        page.goto(f"{address}/notebooks/explore.ipynb")
        page.locator(".jp-CodeCell .cm-content").first.click()
        while not kernel_waits(address, "explore.ipynb"):
            page.wait_for_timeout(250)
        page.wait_for_timeout(2000)
        page.keyboard.press("Shift+Enter")
        page.locator(".dlr-explorer .finding").wait_for(timeout=MOST_MS)
        everything = messages(page)
        drag(page, ".dlr-explorer .overview", 0.3, 0.5)
        brushed = messages(page)
        page.locator(".dlr-explorer .column").first.locator(".row").first.click()
        settled(page)
        assert 0 < messages(page) < brushed < everything
        assert re.search(r"since=.*until=.*network_code = '", code(page))
        page.locator(".dlr-explorer .reset").click()
        settled(page)
        assert messages(page) == everything


def test_the_keys_do_what_the_pointer_does_and_leave_the_notebook_alone(page: Page) -> None:
    everything, cells = messages(page), page.locator(".jp-CodeCell").count()
    page.locator(".dlr-explorer .overview").scroll_into_view_if_needed()
    page.locator(".dlr-explorer .overview").focus()
    for key in ("Home", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    settled(page)
    assert "since=" in code(page)
    assert messages(page) < everything
    assert page.evaluate("document.activeElement.dataset.key") == "overview"
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.keyboard.press("Escape")
    settled(page)
    assert "since=" not in code(page)

    rows = page.locator(".dlr-explorer .column").first.locator(".row")
    rows.nth(0).focus()
    page.keyboard.press("Enter")
    settled(page)
    assert rows.nth(0).get_attribute("aria-pressed") == "true"
    rows.nth(1).focus()
    page.keyboard.press("Shift+Enter")
    settled(page)
    assert "network_code in ('" in code(page)
    assert page.locator(".jp-CodeCell").count() == cells
    page.locator(".dlr-explorer .reset").click()
    settled(page)


def test_it_follows_a_switch_of_the_theme_and_the_width(page: Page) -> None:
    for name, dark in (("JupyterLab Dark", True), ("JupyterLab Light", False)):
        switch_theme(page, name)
        assert becomes(page, ".dlr-explorer .finding", "color", dark)
    for width in (1400, 700):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(500)
        root = page.locator(".dlr-explorer")
        assert root.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    page.set_viewport_size({"width": 1280, "height": 1000})
