"""The chart of ``scts_offsets``: dots at the learned offsets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

Make = Callable[..., Any]


def test_each_network_has_its_panel_with_hours_over_time(answer: Make, offset_row: Make) -> None:
    weeks = [date(2026, 10, 19), date(2026, 10, 26)]
    rows = [
        offset_row(minutes, network_code=code, week=week)
        for code, habit in (("23820", (120, 60)), ("26201", (0, 0)))
        for week, minutes in zip(weeks, habit, strict=True)
    ]
    figure = answer("scts-offsets", rows, ("network_code", "week")).plot()
    assert [trace.y for trace in figure.data] == [(2.0, 1.0), (0.0, 0.0)]


def test_what_cannot_be_told_has_no_dot(answer: Make, offset_row: Make) -> None:
    rows = [offset_row(60, 0.9, network_code="23410"), offset_row(None, 0.1, network_code="23410")]
    (dots,) = answer("scts-offsets", rows, ("network_code",)).plot().data
    assert (dots.x, dots.y) == ((1.0,), ("23410",))
    assert dots.customdata[0].startswith("<b>+1 h</b>")
