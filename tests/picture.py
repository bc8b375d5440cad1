"""Make the README's pictures: ``python -m tests.picture data/demo/report.html``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parents[1] / "docs"
FIRST_SCREEN = {"width": 1100, "height": 620}


def take(report: Path) -> None:
    """Photograph the first screen of ``report`` in both themes into docs/."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=FIRST_SCREEN, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(report.resolve().as_uri())
            page.screenshot(path=DOCS / f"report-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
