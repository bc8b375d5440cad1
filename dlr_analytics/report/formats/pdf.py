"""Write a report as PDF, and its trend as PNG: drawn by an installed Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from dlr_analytics.errors import MissingTool
from dlr_analytics.store.spill import private_folder

BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
"""Names and paths of a Chromium, tried in this order."""

_QUIET: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
_LIMIT_S: Final = 120


def write(html: str, path: Path) -> None:
    """Print a page to PDF: A4, tagged, with page numbers and bookmarks.

    Parameters
    ----------
    html : str
        The page from :func:`dlr_analytics.report.formats.html.render`.
    path : Path
        The file; an existing one is replaced.

    Raises
    ------
    MissingTool
        If there is no Chromium, or if it does not print.
    OSError
        If the file cannot be written.
    """
    browser = _browser()
    if browser is None:
        raise MissingTool("a PDF needs a Chromium or Chrome, and none is on the PATH", _REMEDY)
    path.write_bytes(_drawn(browser, html, "report.pdf", "--print-to-pdf"))


def screenshot(html: str, width: int, height: int) -> bytes | None:
    """Draw a page as PNG, two pixels for each of CSS.

    Parameters
    ----------
    html : str
        A page.
    width, height : int
        Of the window, in pixels of CSS.

    Returns
    -------
    bytes or None
        None where no Chromium is installed.

    Raises
    ------
    MissingTool
        If there is one, and it does not draw.
    """
    browser = _browser()
    if browser is None:
        return None
    size = (f"--window-size={width},{height}", "--force-device-scale-factor=2", "--hide-scrollbars")
    return _drawn(browser, html, "trend.png", "--screenshot", *size)


def _drawn(browser: str, html: str, name: str, option: str, *others: str) -> bytes:
    with private_folder() as folder:
        page, drawn = folder / "report.html", folder / name
        page.write_text(html, encoding="utf-8")
        command = [browser, *_QUIET, *_sandbox(), f"--user-data-dir={folder}/profile", *others]
        command += [f"{option}={drawn}", page.as_uri()]
        try:
            done = subprocess.run(  # noqa: S603 - a browser by name, a page of our own
                command, capture_output=True, timeout=_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise MissingTool(f"{browser} did not print in {_LIMIT_S} s", _REMEDY) from None
        if not drawn.exists():
            reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise MissingTool(f"{browser} printed nothing ({reason or 'no reason given'})", _REMEDY)
        return drawn.read_bytes()


_REMEDY: Final = "install chromium, or write .html and print that from a browser"


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _sandbox() -> list[str]:
    """Chromium refuses to run as root with its sandbox; containers often run as root."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox"] if is_root else []
