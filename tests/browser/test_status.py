"""The receiver's status page in a browser: it follows what happens, and asks nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.support.receivers import PATH, Running, free_port

pytestmark = pytest.mark.browser

Start = Callable[..., Running]
Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens a status page, and sees that only it is asked for and nothing complains."""
    opened = []

    def visit(port: int, **how: Any) -> Page:
        context = browser.new_context(viewport={"width": 1100, "height": 900}, **how)
        page = context.new_page()
        asked: set[str] = set()
        complaints: list[str] = []
        page.on("request", lambda request: asked.add(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"http://127.0.0.1:{port}/")
        opened.append((context, asked, complaints, page.url))
        return page

    yield visit
    for context, asked, complaints, address in opened:
        context.close()
        assert asked == {address}
        assert [text for text in complaints if "ERR_CONNECTION_REFUSED" not in text] == []


@pytest.mark.thorough
def test_it_follows_what_happens_and_leaves_open_what_was_opened(
    start: Start, visit: Visit
) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}")
    page = visit(port)
    state = page.locator("h1")
    expect(state).to_have_text("Waiting for the first receipt")
    receiver.ask("GET", PATH)
    expect(page.locator("li.done")).to_have_count(2)
    receiver.ask("GET", f"{PATH}?messageId=0C0000001234A41F&status=delivered")
    expect(state).to_contain_text("Receiving:")
    page.locator("summary").click()
    receiver.ask("GET", f"{PATH}?messageId=0C0000001234A420&status=delivered")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert page.locator("details").evaluate("steps => steps.open")
    assert page.evaluate("document.activeElement.id") == "steps"
    receiver.stop()
    expect(state).to_have_text("The receiver does not answer")


@pytest.mark.thorough
def test_it_works_without_script_and_then_loads_itself_again(start: Start, visit: Visit) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}")
    page = visit(port, java_script_enabled=False)
    receiver.ask("GET", PATH)
    expect(page.locator("tbody td").nth(3)).to_have_text("URL check", timeout=10_000)


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("receipts", [0, 3])
def test_it_can_be_read_by_everybody(
    start: Start, visit: Visit, scheme: str, receipts: int
) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}")
    for number in range(receipts):
        receiver.ask("GET", f"{PATH}?messageId={number}")
    receiver.ask("PUT", PATH)
    # The browser lets nobody run a script of his own where the page's policy forbids it.
    page = visit(port, color_scheme=scheme, bypass_csp=True)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.thorough
@pytest.mark.parametrize("receipts", [0, 3])
def test_on_a_phone_nothing_sticks_out(start: Start, visit: Visit, receipts: int) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}")
    for number in range(receipts):
        receiver.ask("GET", f"{PATH}?messageId={number}")
    page = visit(port)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
