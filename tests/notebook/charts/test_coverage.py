"""Charts of ``coverage``: a bar a network that makes the whole, the answered share in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

Make = Callable[..., Any]


def test_the_four_shares_of_each_network_make_its_bar(answer: Make, coverage_row: Make) -> None:
    rows = [coverage_row(n, 0.7, network_code=code) for n, code in ((200, "a"), (300, "b"))]
    figure = answer("coverage", rows, ("network_code",)).plot()
    *bars, ends = figure.data
    assert figure.layout.barmode == "stack"
    assert bars[0].y == ("b", "a")
    assert sum(bar.x[0] for bar in bars) == pytest.approx(1)
    assert ends.text == (" comparable", " comparable")


def test_where_nothing_is_mature_there_is_no_bar(answer: Make, coverage_row: Make) -> None:
    figure = answer("coverage", [coverage_row(5, None)]).plot()
    assert [bar.x for bar in figure.data] == [(None,)] * 5
    assert "nothing sent" in figure.data[0].customdata[0]


def test_in_time_the_answered_share_is_drawn_of_settled_days_only(
    answer: Make, coverage_row: Make, days: list[date]
) -> None:
    rows = [coverage_row(100, 0.9, day=day) for day in days]
    (columns,) = answer("coverage", rows, ("day",)).plot().data
    assert columns.y == (0.9,) * 7
