"""Charts of ``quality``: a bar a problem that is there, a panel a problem in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

Make = Callable[..., Any]


def test_problems_are_bars_the_most_frequent_first(answer: Make, quality_row: Make) -> None:
    rows = [quality_row("scts_missing", 20), quality_row("send_missing", 300)]
    bars, figures = answer("quality", rows).plot().data
    assert bars.y == ("send_missing", "scts_missing")
    assert figures.text == (" 300 · 30.0%", " 20 · 2.0%")
    assert "what it does" in bars.customdata[0]


def test_problems_that_no_message_shows_have_no_bar(answer: Make, quality_row: Make) -> None:
    rows = [quality_row("scts_missing", 20), quality_row("send_missing", 0)]
    assert answer("quality", rows).plot().data[0].y == ("scts_missing",)


def test_each_problem_has_its_panel_in_time(
    answer: Make, quality_row: Make, days: list[date], words: Callable[[Any], str]
) -> None:
    rows = [quality_row(p, 20, day=day) for day in days for p in ("scts_missing", "send_missing")]
    figure = answer("quality", rows, ("day",)).plot()
    assert len(figure.data) == 2
    assert "scts_missing" in words(figure)


def test_clean_messages_are_told_apart_from_none(answer: Make, quality_row: Make) -> None:
    columns = tuple(quality_row("scts_missing", 1))
    clean = answer("quality", [quality_row("scts_missing", 0)])
    clean = replace(clean, provenance=(replace(clean.provenance[0], messages_total=5),))
    assert "No message shows a problem" in clean.plot().layout.title.subtitle.text
    none = answer("quality", [], columns=columns)
    assert "No messages to show" in none.plot().layout.title.subtitle.text
