"""A Chromium, and reports to look at in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dlr_analytics.report.formats.html import render
from dlr_analytics.report.formats.pdf import BROWSERS
from dlr_analytics.report.model import Report
from tests.browser.kinds import REPORTS, hostile_report
from tests.support import reports

Visit = Callable[..., Page]

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser that is on the PATH."""
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    """Opens a report in a page of its own, offline, and sees that nothing is asked for."""
    with visiting(browser, tmp_path) as visit:
        yield visit


@pytest.fixture(scope="module")
def visit_once(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """The same, of pages for several tests, which only measure them."""
    with visiting(browser, tmp_path_factory.mktemp("pages")) as visit:
        yield visit


@contextmanager
def visiting(browser: Browser, folder: Path) -> Iterator[Visit]:
    """Open reports, whose files are in a folder."""
    opened: list[tuple[BrowserContext, list[str], list[str], str]] = []

    def visit(report: Report, width: int = 1100, **how: Any) -> Page:
        file = folder / f"{len(opened)}.html"
        file.write_text(render(report), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **how)
        page = context.new_page()
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        opened.append((context, asked, complaints, file.as_uri()))
        return page

    yield visit
    for context, asked, complaints, address in opened:
        context.close()
        assert asked == [address]
        assert complaints == []


@pytest.fixture(params=sorted(REPORTS))
def any_report(request: pytest.FixtureRequest) -> Report:
    """Each kind of report."""
    return REPORTS[request.param]()


@pytest.fixture
def hostile() -> Report:
    """A report whose strangers did their worst."""
    return hostile_report()


@pytest.fixture
def report() -> Report:
    """An ordinary report."""
    return reports.made_report()
