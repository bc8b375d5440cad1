"""The chart of ``prices``: a line of steps by network and currency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

import dlr_analytics as dlr

Make = Callable[..., Any]


@pytest.fixture
def price_row() -> Callable[..., dict[str, Any]]:
    """A row of ``prices``."""

    def make(day: int, old: str, new: str, network: str = "23410", extra: str = "7") -> Any:
        before, price = Decimal(old), Decimal(new)
        return {
            "network_code": network,
            "currency": "EUR",
            "changed_at": datetime(2026, 11, day),
            "price_before": before,
            "price": price,
            "change": float(price / before - 1) if before else None,
            "messages": 100,
            "extra_cost": Decimal(extra),
        }

    return make


def test_the_line_holds_each_price_from_its_first_message_on(
    answer: Make, price_row: Make, words: Make
) -> None:
    rows = [price_row(5, "0.03", "0.04"), price_row(15, "0.04", "0.02")]
    figure = answer("prices", rows).plot()
    (line,) = figure.data
    assert line.y == (0.03, 0.03, 0.04, 0.04, 0.02, 0.02)
    assert [at.day for at in line.x] == [25, 5, 5, 15, 15, 23]
    assert "+33.3%" in words(figure)
    assert "−50.0%" in words(figure)


def test_the_network_whose_changes_cost_or_save_most_comes_first(
    answer: Make, price_row: Make, words: Make
) -> None:
    rows = [price_row(5, "0.03", "0.04"), price_row(6, "0.04", "0.03", "26201", "-9")]
    read = words(answer("prices", rows).plot())
    assert read.index("26201") < read.index("23410")


def test_a_price_that_was_nothing_is_called_new(answer: Make, price_row: Make, words: Make) -> None:
    assert "<b>new</b>" in words(answer("prices", [price_row(5, "0", "0.04")]).plot())


@pytest.mark.thorough
def test_without_a_change_a_sentence_stands_for_the_chart() -> None:
    figure = dlr.open("tests/data/sample").prices(until="2026-11-01").plot()
    assert len(figure.data) == 0
    assert figure.layout.title.subtitle.text == "No price changed by 0.1% or more."
