"""Make the README's pictures: ``python -m tests.support.pictures data/demo/report.html``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parents[2] / "docs"
WIDTH = 1100
MARGIN = 8


def take(report: Path) -> None:
    """Photograph ``report`` down to its findings, in both themes, into docs/."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": WIDTH, "height": 1400},
                color_scheme=scheme,
            )
            page.goto(report.resolve().as_uri())
            findings = page.locator("#findings").bounding_box()
            assert findings is not None
            height = findings["y"] + findings["height"] + MARGIN
            page.screenshot(
                path=DOCS / f"report-{scheme}.png",
                clip={"x": 0, "y": 0, "width": WIDTH, "height": height},
            )
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
