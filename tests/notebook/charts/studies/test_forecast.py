"""The chart of ``forecast``: the month so far, and its expected end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

import dlr_analytics as dlr

Make = Callable[..., Any]

AS_OF = datetime(2026, 11, 5, 12)


def row(expected: str | None = "100", currency: str = "EUR") -> dict[str, Any]:
    """A row of ``forecast``."""
    rest = [None] * 3 if expected is None else [Decimal(expected) + add for add in (0, -9, 9)]
    names = ("expected", "low", "high")
    base = {"month": date(2026, 11, 1), "currency": currency, "cost": Decimal(30)}
    return {**base, **dict(zip(names, rest, strict=True))}


@pytest.fixture
def drawn(answer: Make) -> Callable[..., Any]:
    """The chart of rows, each of whose currencies cost 10 on three days and once before."""

    def draw(*rows: dict[str, Any]) -> Any:
        course = [
            {"currency": one["currency"], "spent_on": day, "cost": Decimal(10), "later": Decimal(5)}
            for one in rows
            for day in (date(2026, 10, 31), *(date(2026, 11, day) for day in (1, 2, 5)))
        ]
        result = answer("forecast", list(rows), as_of=AS_OF)
        return replace(result, own={"course": answer("forecast", course)}).plot()

    return draw


def test_the_line_is_the_cost_from_the_first_until_now(drawn: Make) -> None:
    line, band, rest, end = drawn(row()).data
    assert line.y == (0.0, 10.0, 20.0, 30.0)
    assert line.x[0] == datetime(2026, 11, 1)
    assert line.x[-1] == AS_OF
    assert rest.y == (30.0, 100.0)
    assert (end.x, end.y) == ((datetime(2026, 12, 1),), (100.0,))
    assert set(band.y) - {None} == {30.0, 91.0, 109.0}


def test_without_an_estimate_only_what_was_spent_is_drawn(drawn: Make, words: Make) -> None:
    figure = drawn(row(None))
    assert len(figure.data) == 1
    assert "not expected" in words(figure)


def test_each_currency_has_its_panel_and_its_sign(drawn: Make, words: Make) -> None:
    read = words(drawn(row(), row("200", "GBP")))
    assert "€100 expected" in read
    assert "£200 expected" in read
    assert "currencies are not added" in read


def test_without_a_price_a_sentence_stands_for_the_chart() -> None:
    figure = dlr.open("tests/data/sample").forecast(as_of="2027-06-01").plot()
    assert len(figure.data) == 0
    assert "has a price" in figure.layout.title.subtitle.text
