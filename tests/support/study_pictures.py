"""Make the pictures of docs/studies: ``python -m tests.support.study_pictures [NAME …]``.

Each is the study's own chart as plotly draws it in Chromium, transparent and in mid-tones, so that
it is legible on a light and on a dark page.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from playwright.sync_api import Browser, sync_playwright

import dlr_analytics as dlr
from tests.support.bad_morning import BAD_MORNING, bad_morning
from tests.support.data_directories import receive
from tests.support.message_tables import database_over, message
from tests.support.pipelines import receipt
from tests.support.sample import SHIPPED

FOLDER: Final = Path(__file__).parents[2] / "docs" / "studies"
WIDTH: Final = 760
MID_TONE: Final = "#6E7781"
"""The colour of text that is legible on white and on black."""

NETWORKS: Final = (
    *("23410", "26201", "20801", "21407", "23820", "72402", "51502", "40410", "62130", "28601"),
)


def compare() -> Any:
    """Ten networks over 13 weeks: one has fallen by 6 points, one was not there before."""
    draw = np.random.default_rng(3)
    as_of = dt.datetime(2026, 11, 24, 5)
    messages = []
    for at, code in enumerate(NETWORKS):
        for week in range(4 if at == 9 else 13):
            rate = 0.95 - 0.008 * at + draw.normal(0, 0.004) - 0.06 * (at == 3 and week == 0)
            number = int(2500 * 0.75**at * draw.uniform(0.85, 1.15))
            time = as_of - dt.timedelta(days=4 + 7 * week)
            messages += [
                message(outcome, network_code=code, message_time=time)
                for outcome in np.where(draw.random(number) < rate, "delivered", "failed").tolist()
            ]
    return database_over(messages, as_of).compare(by="network_code").plot()


def decompose() -> Any:
    """Two weeks of the sample."""
    return dlr.open(SHIPPED).decompose(by="country").plot()


def prices() -> Any:
    """The price change of the sample."""
    return dlr.open(SHIPPED).prices().plot()


def watch() -> Any:
    """Five alerts at once, of made-up networks."""
    with tempfile.TemporaryDirectory() as folder:
        receive(Path(folder), bad_morning())
        return dlr.open(folder).watch(as_of=BAD_MORNING).plot()


def changes() -> Any:
    """Two changes of one network, and none of another, in simulated receipts."""
    begin, broken, repaired = dt.datetime(2026, 10, 1), 20 * 24 + 14, 28 * 24 + 9
    rng = random.Random(1)
    receipts = []
    for number in range(20_000):
        hours = rng.uniform(0, 40 * 24)
        code = rng.choice(["23410", "26201"])
        bad = code == "23410" and broken <= hours < repaired
        at = begin + dt.timedelta(hours=hours)
        status = "delivered" if rng.random() < (0.8 if bad else 0.95) else "failed"
        times: dict[str, Any] = {"received_at": at, "message_timestamp": at, "network_code": code}
        receipts.append(receipt(f"m{number}", status, **times))
    with tempfile.TemporaryDirectory() as folder:
        receive(Path(folder), receipts)
        return dlr.open(folder).changes(by="network_code").plot()


def forecast() -> Any:
    """The month of the sample as of its middle."""
    return dlr.open(SHIPPED).forecast(as_of="2026-11-15").plot()


DRAWN: Final[dict[str, Callable[[], Any]]] = {
    "changes": changes,
    "compare": compare,
    "decompose": decompose,
    "forecast": forecast,
    "prices": prices,
    "watch": watch,
}
"""What draws the picture of a study."""


def photograph(chart: Any, path: Path) -> None:
    """Draw a chart in Chromium, and write a picture of it."""
    height = int(chart.layout.height)
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        page = Path(folder) / "chart.html"
        chart.write_html(page, default_width=f"{WIDTH}px", default_height=f"{height}px")
        tab = chromium.new_page(viewport={"width": WIDTH, "height": height})
        tab.goto(page.as_uri())
        tab.add_style_tag(content="body{margin:0;background:transparent}.modebar{display:none}")
        tab.locator(".main-svg").first.wait_for()
        tab.screenshot(path=path, omit_background=True)


def photograph_table(result: Any, path: Path) -> None:
    """Draw the table of a result as a notebook does, and write a picture of it."""
    with browser() as chromium:
        tab = chromium.new_page(viewport={"width": WIDTH, "height": 600})
        tab.set_content(f"<body>{result._repr_html_()}</body>")
        tab.add_style_tag(
            content="body{margin:0;padding:4px;background:transparent;width:fit-content;"
            f"color:{MID_TONE};font-family:Inter,sans-serif}}"
        )
        tab.locator("body").screenshot(path=path, omit_background=True)


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


if __name__ == "__main__":
    for named in sys.argv[1:] or DRAWN:
        photograph(DRAWN[named](), FOLDER / f"{named}.png")
