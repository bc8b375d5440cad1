"""Exported notebooks in a real browser without a network: charts are there, nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Page

from dlr_analytics.notebook import filled
from dlr_analytics.notebook.charts.elements.offline import FIGURE
from dlr_analytics.notebook.export import run_and_export

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

MOST_MS = 60_000
QUICK = ("01-quickstart", "05-incident")
"""Exported each time; the others in ``make test-slow``. All are executed each time elsewhere."""

DRAWN = ".js-plotly-plot .main-svg text.gtitle"


@dataclass(frozen=True)
class Exported:
    """A notebook's pages, and the titles of its charts."""

    own: Path
    default: Path
    charts: int


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
        for name in sorted(filled.titles())
    ],
)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Each notebook, run on the sample, exported by ``--html`` and by nbconvert as it is."""
    folder = tmp_path_factory.mktemp("exported")
    notebook, own, default = (folder / name for name in ("a.ipynb", "own.html", "default.html"))
    notebook.write_text(filled.fill(request.param, {}), encoding="utf-8")
    run_and_export(notebook, own)
    read: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    exporter = HTMLExporter()  # type: ignore[no-untyped-call]
    default.write_text(exporter.from_notebook_node(read)[0], encoding="utf-8")
    outputs = [output for cell in read.cells for output in cell.get("outputs", ())]
    return Exported(own, default, sum(FIGURE in output.get("data", {}) for output in outputs))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network, in whose window a loader of modules waits."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, offline=True)
    opened = context.new_page()
    opened.add_init_script("window.define = () => {}; window.define.amd = {};")
    yield opened
    context.close()


def all_are_drawn(page: Page, charts: int) -> bool:
    """Whether each chart of the page has its title and marks."""
    page.locator(DRAWN).nth(charts - 1).wait_for(state="attached", timeout=MOST_MS)
    plots = page.locator(".js-plotly-plot")
    widths = plots.evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
    marks = plots.evaluate_all("all => all.map(e => e.querySelectorAll('.trace').length)")
    return plots.count() == charts and min(widths) > 500 and min(marks) > 0


def test_its_own_export_shows_each_chart_and_asks_no_network(
    page: Page, exported: Exported
) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(exported.own.as_uri())
    assert exported.charts >= 2
    assert all_are_drawn(page, exported.charts)
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [
        exported.own.as_uri()
    ]
    assert complaints == []
    assert page.locator("h1").count() == 1


def test_the_default_export_of_nbconvert_shows_each_chart_offline(
    page: Page, exported: Exported
) -> None:
    page.goto(exported.default.as_uri())
    assert all_are_drawn(page, exported.charts)
