"""A JupyterLab, set up as ``make lab`` does, and what a person does in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Request

ROOT = Path(__file__).parents[2]
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
MOST_MS = 120_000


@contextmanager
def served(folder: Path, app: str = "jupyterlab", *options: str) -> Iterator[str]:
    """Address of a JupyterLab, or a Notebook, over copies of notebooks and sample in a folder."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "data" / "sample", folder / "data" / "sample")
    own = {f"JUPYTER_{what}_DIR": str(folder / what) for what in ("CONFIG", "DATA", "RUNTIME")}
    own |= {f"JUPYTERLAB_{what}_DIR": str(folder / what) for what in ("SETTINGS", "WORKSPACES")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", app, "--no-browser", "--allow-root"),
            f"--notebook-dir={folder / 'notebooks'}",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            *options,
        ],
        env={
            **os.environ,
            **own,
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_CONFIG_PATH": str(ROOT / "notebooks" / ".jupyter"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _answering(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(30)


def _answering(address: str, process: subprocess.Popen[bytes]) -> str:
    """The address, once something answers there."""
    for _ in range(480):
        assert process.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(f"{address}/api").close()
        except OSError:
            time.sleep(0.25)
        else:
            return address
    raise AssertionError("the server does not answer")


@contextmanager
def lonely_page(browser: Browser, lab: str) -> Iterator[Page]:
    """A page that reaches JupyterLab and nothing else, and is asked for nothing else."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    strangers: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(("http", "ws")) and lab.partition("//")[2] not in request.url:
            strangers.append(request.url)

    page.on("request", note)
    yield page
    context.close()
    assert strangers == []


def kernel_waits(lab: str, name: str) -> bool:
    """Whether a notebook's kernel has come and has nothing to do."""
    with urllib.request.urlopen(f"{lab}/api/sessions") as answer:
        own = [session for session in json.load(answer) if session["path"] == name]
    return [session["kernel"]["execution_state"] for session in own] == ["idle"]


def open_notebook(page: Page, lab: str, name: str) -> None:
    """Open a notebook and wait until its kernel has come."""
    page.goto(f"{lab}/doc/tree/{name}?reset")
    page.wait_for_selector(IDLE, timeout=MOST_MS)
    for _ in range(240):
        if kernel_waits(lab, name):
            break
        page.wait_for_timeout(250)
    # JupyterLab hears of it a little later; to run before would make it ask which kernel to take.
    page.wait_for_timeout(2000)


def run_all(page: Page) -> None:
    """Run all cells, and wait for the last."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        "() => !document.querySelector('.jp-CodeCell .jp-InputPrompt')"
        " || [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
        ".every(prompt => /\\[\\d+\\]/.test(prompt.textContent))",
        timeout=MOST_MS,
    )
    page.wait_for_selector(IDLE, timeout=MOST_MS)


def switch_theme(page: Page, name: str) -> None:
    """Choose a theme in the menu, as a person does."""
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_text("Theme", exact=True).hover()
    page.get_by_text(name, exact=True).click()
    light = "true" if name == "JupyterLab Light" else "false"
    chosen = page.locator(f"body[data-jp-theme-light={light}]")
    chosen.wait_for(state="attached", timeout=MOST_MS)
    page.wait_for_timeout(500)


def brightness(page: Page, selector: str, attribute: str) -> float:
    """How bright a colour is, from 0, black, to 1."""
    page.locator(selector).first.wait_for(state="attached", timeout=MOST_MS)
    colour = page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{attribute}")
    numbers = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")]
    return sum(numbers[:3]) / 3 / 255


def becomes(page: Page, selector: str, attribute: str, dark: bool) -> bool:
    """Whether text turns bright on a dark theme, dark on a light one, once the page has settled."""
    for _ in range(MOST_MS // 250):
        bright = brightness(page, selector, attribute)
        if (bright > 0.8) if dark else (bright < 0.3):
            return True
        page.wait_for_timeout(250)
    return False
