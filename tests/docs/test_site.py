"""The documentation site: complete, without faults, and without a request to anybody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urldefrag, urljoin

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from dlr_analytics import Database, Result
from dlr_analytics.cli.main import cli
from dlr_analytics.report.formats.pdf import BROWSERS
from dlr_analytics.spark.database import SparkDatabase

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ASKED = re.compile(
    r"<(?:script|img|iframe|source)[^>]*?(?:src|srcset)=[\"']?(?:https?:)?//[^\"' >]+"
    r"|<link[^>]*?rel=[\"']?(?!canonical)[a-z ]+[\"']?[^>]*?href=[\"']?(?:https?:)?//[^\"' >]+"
    r"|@import[^;]*//[^;]+|url\([\"']?(?:https?:)?//[^)]+"
)
"""What a browser fetches from another host as soon as it shows a page."""


def _pages(nav: Any) -> Iterator[str]:
    for value in nav if isinstance(nav, list) else nav.values():
        yield from [value] if isinstance(value, str) else _pages(value)


CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
GENERATED = {
    *("index.md", "contributing.md", "changelog.md", "security.md"),
    *("http-api.md", "sample-report.md"),
}


def test_each_page_has_its_place_in_the_navigation() -> None:
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert written ^ set(_pages(CONFIG["nav"])) <= GENERATED


INTERNAL = {
    *(
        "ahead_of_clock",
        "answer",
        "ask",
        "quarantined",
        "at",
        "compute",
        "count",
        "data",
        "derive",
        "held",
        "is_empty",
    ),
    *("pinned", "registered_columns", "registered_tables", "resolve", "with_settings"),
}
"""What a database offers to metrics, studies, notebooks and the command line, not to users."""


def public(thing: type) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def test_the_page_on_python_has_each_public_method_of_a_database() -> None:
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    named = {*re.findall(r"^::: .*\.(\w+)$", page, re.MULTILINE)}
    members, on_spark = re.findall(r"members: \[(.*?)\]", page)
    own = {name for name in vars(SparkDatabase) if not name.startswith("_")}
    assert own - set(on_spark.split(", ")) - INTERNAL == set()
    named |= set(members.split(", "))
    assert public(Database) - named - INTERNAL == set()
    assert {"Database", "Result", "open", "doctor", "simulate", "errors"} <= named
    assert public(Result)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` does, which fails on any warning."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


@pytest.mark.slow
def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in [*site.rglob("*.html"), *site.rglob("*.css")]
    }
    assert len(texts) > 30
    found = {path.name: match[0] for path, text in texts.items() if (match := ASKED.search(text))}
    assert found == {}


@pytest.mark.slow
def test_each_command_s_help_is_on_the_page_on_commands(site: Path) -> None:
    page = (site / "commands.html").read_text(encoding="utf-8")
    assert [name for name in cli.commands if f"Usage: dlr {name}" not in page] == []


@pytest.mark.slow
def test_notebooks_are_shown_with_their_charts(site: Path) -> None:
    for notebook in (ROOT / "notebooks").glob("0*.ipynb"):  # without that on Spark
        page = (site / "notebooks" / f"{notebook.stem}.html").read_text(encoding="utf-8")
        assert page.count("dlr-chart") >= 2


@pytest.mark.slow
def test_a_report_and_the_files_to_deploy_are_part_of_the_site(site: Path) -> None:
    assert "were delivered" in (site / "sample-report-page.html").read_text(encoding="utf-8")
    for file in ("deploy/nginx/dlr.conf", "deploy/systemd/dlr.service"):
        assert (site / "files" / file).read_bytes() == (ROOT / file).read_bytes()


@pytest.mark.slow
def test_each_method_s_parameters_are_on_the_page_on_python(site: Path) -> None:
    page = (site / "api.html").read_text(encoding="utf-8")
    for anchor in ("dlr_analytics.open", "dlr_analytics.analysis.metrics.latency"):
        assert f'id="{anchor}"' in page
    assert "Parameters:" in page


@pytest.mark.slow
def test_each_link_leads_to_a_file_of_the_site_and_to_an_anchor_in_it(site: Path) -> None:
    def anchors(page: str) -> set[str]:
        return set(re.findall(r'\s(?:id|name)="?([^" >]+)', page))

    pages = {path.as_uri(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    dead = set()
    for uri, page in pages.items():
        links = re.findall(r'<a[^>]*?\shref="([^"]+)"', page)
        for link in links if not uri.endswith("/404.html") else ():  # the server's
            target, anchor = urldefrag(urljoin(uri, link))
            if target.startswith("file:") and not (
                Path(unquote(target.removeprefix("file://"))).is_file()
                and (not anchor or target not in pages or unquote(anchor) in anchors(pages[target]))
            ):
                dead.add((uri.removeprefix(site.as_uri()), link))
    assert dead == set()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser that is on the PATH."""
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.slow
@pytest.mark.browser
def test_the_search_finds_a_page_without_a_server(site: Path, browser: Browser) -> None:
    page = browser.new_context(offline=True).new_page()
    page.goto((site / "studies" / "watch.html").as_uri())
    page.keyboard.press("f")
    page.keyboard.type("retention")
    page.locator(".md-search-result__link").first.click()
    page.wait_for_url("**/production.html*")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_links_have_the_contrast_of_wcag(
    site: Path, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_context(offline=True, color_scheme=scheme, bypass_csp=True).new_page()
    for name in ("index", "first-receipt", "production", "commands", "api", "studies/watch"):
        page.goto((site / f"{name}.html").as_uri())
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], name
