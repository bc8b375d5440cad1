"""A Chromium, and reports to look at in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.formats.html import render
from dlr_analytics.report.formats.pdf import BROWSERS
from dlr_analytics.report.model import Country, Remark, Report
from tests.support import reports

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

NASTY = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "A" * 10_000,
    "\u202eevil\u2066",
    "W" * 40,
    " ",
    "\u200d\u200c",
    "\u3164",
    "\u0301",
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
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a report in a page of its own, offline, and sees that nothing is asked for."""
    opened: list[tuple[BrowserContext, list[str], list[str], str]] = []

    def visit(report: Report, width: int = 1100, **how: Any) -> Page:
        file = tmp_path / f"{len(opened)}.html"
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


def hostile_report() -> Report:
    """A report whose strangers did their worst; long and nasty names tamed, as gathering does."""
    of = reports.tally(5000, 0.9)
    places = tuple(
        reports.place(sanitize(text, 12), sanitize(text, 28), "XX", "Nowhere", of) for text in NASTY
    )
    whole = reports.place(None, None, "XX", "Nowhere", of)
    made = reports.made_report()
    speeds = tuple(replace(made.latency.whole, label=sanitize(text, 28)) for text in NASTY)
    curves = tuple(replace(c, label=sanitize(NASTY[2], 28)) for c in made.latency.curves)
    return replace(
        made,
        source="/".join(["A" * 300] * 3),
        command=f"dlr report --data {'A' * 900}",
        countries=(Country(whole, places), *made.countries),
        latency=replace(made.latency, curves=curves, places=speeds),
        quality=(*made.quality, *(Remark(sanitize(t, 28), 1, 1, "", sanitize(t)) for t in NASTY)),
    )


REPORTS: dict[str, Callable[[], Report]] = {
    "ordinary": reports.made_report,
    "few": reports.few_report,
    "crowded": reports.crowded_report,
    "empty": reports.empty_report,
    "hostile": hostile_report,
}


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
