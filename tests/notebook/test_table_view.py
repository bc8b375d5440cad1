"""How a result shows itself in a notebook and in a terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

Make = Callable[..., Any]

HOSTILE = "<script>alert(1)</script>\u202e\n=1+1" + "x" * 10_000

DRAWN = {"circle", "path", "rect", "line", "svg"}
"""Elements of SVG: only they may close themselves."""


class Reader(HTMLParser):
    """The tags of a page in order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "wbr":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert tag in DRAWN, f"<{tag}/> is not closed where browsers read HTML"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.fixture
def by_sender(answer: Make, rate_row: Make) -> Any:
    """A delivery rate by sender of twelve rows, one of them hostile."""
    rows = [rate_row(1000 + n, 0.9, sender=f"Sender {n}") for n in range(11)]
    return answer("delivery-rate", [rate_row(5000, 0.8, sender=HOSTILE), *rows], ("sender",))


def test_the_page_is_well_formed_and_holds_title_rows_and_what_more_there_is(
    by_sender: Any,
) -> None:
    page = Reader(by_sender._repr_html_())
    assert page.open == []
    assert page.text.startswith("Delivery rate by sender16,")
    assert page.tags.count("tr") == 11
    assert "2 more rows and 9 more columns: .df() · .plot() · .relation · .sql" in page.text


def test_a_strangers_text_does_no_harm_and_is_clipped(by_sender: Any) -> None:
    page = by_sender._repr_html_()
    assert "script" not in Reader(page).tags
    assert "\u202e" not in page
    assert max(map(len, Reader(page).text.split("\n"))) < 2000
    assert "…" in page
    assert max(map(len, repr(by_sender).splitlines())) < 200


def test_each_row_has_its_interval_drawn_on_one_scale(by_sender: Any) -> None:
    page = by_sender._repr_html_()
    assert page.count('class="idot"') == 10
    assert len(set(re.findall(r'class="track" d="([^"]+)"|d="([^"]+)" class="track"', page))) == 1


def test_a_graphic_is_an_ornament_of_the_figures_beside_it(by_sender: Any) -> None:
    page = by_sender._repr_html_()
    assert page.count("<svg") == page.count('aria-hidden="true"') == 11


def test_the_style_reaches_nothing_but_the_table(by_sender: Any) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", by_sender._repr_html_(), flags=re.DOTALL)
    selectors = [one for rule in re.findall(r"([^{}]+)\{", style) for one in rule.split(",")]
    assert len(selectors) > 10
    assert [s for s in selectors if not re.search(r"(^|\s)\.dlr(\s|$)", s.strip())] == []


def test_colours_follow_the_theme_it_stands_in(by_sender: Any) -> None:
    page = by_sender._repr_html_()
    assert "[data-jp-theme-light=false] .dlr" in page
    assert ".vscode-dark .dlr" in page
    assert "currentColor" in page
    assert "#fff" not in page.lower()


def test_nothing_is_fetched(by_sender: Any) -> None:
    assert "http" not in by_sender._repr_html_()
    assert "url(" not in by_sender._repr_html_()


def test_the_terminal_has_the_same_table_in_columns(answer: Make, rate_row: Make) -> None:
    rows = [rate_row(100, 0.9, day=date(2026, 11, 1)), rate_row(2000, 0.95, day=date(2026, 11, 2))]
    lines = repr(answer("delivery-rate", rows, ("day",))).splitlines()
    assert lines[0] == "Delivery rate by day"
    assert [line.split()[:4] for line in lines[4:6]] == [
        ["1", "Nov", "2026", "90.0"],
        ["2", "Nov", "2026", "95.0"],
    ]
    assert len({line.index(".", 15) for line in lines[4:6]}) == 1, "decimals stand in a column"
    assert lines[-1] == "9 more columns: .df() .plot() .relation .sql"


@pytest.mark.parametrize("metric", ["delivery-rate", "cost", "errors", "latency", "sql"])
def test_an_empty_result_shows_itself(answer: Make, rate_row: Make, metric: str) -> None:
    result = answer(metric, [], ("day",), tuple(rate_row(1, 1.0)))
    assert "no messages" in result._repr_html_()
    assert "no messages" in repr(result)


def test_a_table_needs_neither_plotly_nor_pandas() -> None:
    code = (
        "import sys, dlr_analytics.notebook.presenter;"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"plotly", "pandas", "numpy", "IPython", "jinja2"}.isdisjoint(done.stdout.split())
