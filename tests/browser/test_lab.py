"""The notebooks in a real JupyterLab, set up as ``make lab`` does, with no network to help."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.labs import (
    MOST_MS,
    ROOT,
    becomes,
    lonely_page,
    open_notebook,
    run_all,
    served,
    switch_theme,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("0*.ipynb"))  # without Spark
CHART_TEXT = ".js-plotly-plot .main-svg text.gtitle"
TABLE_TEXT = ".dlr td"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab."""
    with served(tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture
def page(browser: Browser, lab: str) -> Iterator[Page]:
    """A page that reaches JupyterLab only."""
    with lonely_page(browser, lab) as page:
        yield page


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_with_no_dialog_and_no_error_and_shows_charts(
    page: Page, lab: str, name: str
) -> None:
    open_notebook(page, lab, name)
    run_all(page)
    page.locator(".js-plotly-plot .main-svg").first.wait_for(state="attached", timeout=MOST_MS)
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0
    assert page.locator(".dlr td").count() > 0


def test_no_news_cover_the_first_screen(page: Page, lab: str) -> None:
    open_notebook(page, lab, NOTEBOOKS[0])
    page.wait_for_timeout(3000)
    assert page.locator(".Toastify__toast").count() == 0


def test_tables_and_charts_follow_a_switch_of_the_theme_at_once(page: Page, lab: str) -> None:
    open_notebook(page, lab, NOTEBOOKS[0])
    run_all(page)
    run_all(page)  # what the first run put out is replaced, the style with it
    page.locator(".jp-WindowedPanel-outer").first.evaluate("e => e.scrollTo(0, 0)")
    for name, dark in (
        ("JupyterLab Light", False),
        ("JupyterLab Dark", True),
        ("JupyterLab Light", False),
    ):
        switch_theme(page, name)
        assert becomes(page, CHART_TEXT, "fill", dark)
        assert becomes(page, TABLE_TEXT, "color", dark)


def test_tab_offers_columns_in_the_magic(page: Page, lab: str) -> None:
    open_notebook(page, lab, NOTEBOOKS[0])
    run_all(page)
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type("%%dlr delivery-rate --by net")
    page.keyboard.press("Tab")
    offered = page.locator(".jp-Completer-item .jp-Completer-match")
    offered.first.wait_for(timeout=MOST_MS)
    assert sorted(offered.all_text_contents()) == ["network", "network_code"]
