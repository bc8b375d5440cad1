"""The explorer in the widget manager of VS Code, in its light and dark themes.

VS Code itself is not needed: its Jupyter extension shows widgets with npm's
``@vscode/jupyter-ipywidgets8``, in a page with the classes and variables of its theme. The folder
in ``VSCODE_WIDGETS_NODE`` has it and ``@jupyterlab/services``, ``requirejs`` and ``esbuild``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.labs import MOST_MS, brightness, lonely_page, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NODE = Path(os.environ.get("VSCODE_WIDGETS_NODE", "."))
ENTRY = Path(__file__).with_name("vscode_page.js")

PAGE = """<!doctype html><meta charset="utf-8">
<style>:root {{ --vscode-editor-background: {paper} }}
body {{ background: var(--vscode-editor-background) }}</style>
<body class="{theme}" data-vscode-theme-kind="{theme}"><div id="output"></div>
<script src="require.js"></script><script src="bundle.js"></script>"""

THEMES = {"vscode-light": "#ffffff", "vscode-dark": "#1e1e1e"}


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a page for each theme, and the scripts that it takes."""
    modules = NODE / "node_modules"
    if not (modules / "@vscode" / "jupyter-ipywidgets8").is_dir():
        pytest.skip("npm's @vscode/jupyter-ipywidgets8 is not in the folder VSCODE_WIDGETS_NODE")
    folder = tmp_path_factory.mktemp("static")
    subprocess.run(
        [
            *(modules / ".bin" / "esbuild", ENTRY, "--bundle", "--format=iife"),
            *("--loader:.svg=text", "--loader:.css=empty", f"--outfile={folder / 'bundle.js'}"),
        ],
        env={**os.environ, "NODE_PATH": str(modules.resolve())},
        check=True,
        capture_output=True,
    )
    shutil.copy(modules / "requirejs" / "require.js", folder)
    shutil.copytree(
        Path(sys.prefix) / "share" / "jupyter" / "nbextensions", folder / "nbextensions"
    )
    for theme, paper in THEMES.items():
        (folder / f"{theme}.html").write_text(PAGE.format(theme=theme, paper=paper))
    return folder


@pytest.fixture(scope="module", params=THEMES)
def page(
    request: pytest.FixtureRequest,
    browser: Browser,
    static: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """A page in one of the themes, in which a cell has shown the explorer."""
    folder = tmp_path_factory.mktemp("vscode")
    options = (f"--ServerApp.extra_static_paths={static}", "--ServerApp.disable_check_xsrf=True")
    with served(folder, "jupyter_server", *options) as server, lonely_page(browser, server) as page:
        page.goto(f"{server}/static/{request.param}.html")
        page.evaluate("startKernel()")
        shown = f"""import dlr_analytics as dlr
db = dlr.open({str(folder / "data" / "sample")!r})
x = db.explore()
x"""
        assert run_cell(page, shown) == ""
        page.locator(".dlr-explorer .finding").wait_for(timeout=MOST_MS)
        yield page


def run_cell(page: Page, code: str) -> str:
    """What a cell printed, or its error."""
    return str(page.evaluate("code => runCell(code)", code))


def messages(page: Page) -> int:
    """The number of messages in the headline, once nothing is awaited."""
    expect(page.locator(".dlr-explorer:not([aria-busy])")).to_be_attached(timeout=MOST_MS)
    found = re.search(r"of ([\d,]+) message", page.locator(".dlr-explorer .finding").inner_text())
    assert found
    return int(found[1].replace(",", ""))


def test_a_click_selects_and_its_code_gives_the_same_figure(page: Page) -> None:
    everything = messages(page)
    page.locator(".dlr-explorer .column").first.locator(".row").first.click()
    clicked = messages(page)
    assert 0 < clicked < everything
    code = page.locator(".dlr-explorer code").inner_text().removesuffix(".plot()")
    assert "network_code = '" in code
    assert run_cell(page, f'print(int({code}["messages"].sum()))') == f"{clicked}\n"
    assert run_cell(page, 'x.select(country="GB")') == ""
    page.locator(".dlr-explorer .chip", has_text="Country GB").wait_for(timeout=MOST_MS)
    page.locator(".dlr-explorer .reset").click()
    page.locator(".dlr-explorer .chip").first.wait_for(state="detached", timeout=MOST_MS)
    assert messages(page) == everything


def test_it_follows_the_theme(page: Page) -> None:
    dark = "dark" in page.url
    for selector in (".finding", ".label", "code"):
        bright = brightness(page, f".dlr-explorer {selector}", "color")
        assert bright > 0.6 if dark else bright < 0.4, selector
