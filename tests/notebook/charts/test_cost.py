"""Charts of ``cost``: exact in words, a block a currency, currencies never added."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

Make = Callable[..., Any]


def bars(figure: Any) -> list[Any]:
    """The figure's bars and columns, useful and wasted in turn."""
    return [trace for trace in figure.data if trace.type == "bar"]


def figures(figure: Any) -> list[str]:
    """The amounts written behind bars."""
    written = [trace for trace in figure.data if trace.type == "scatter"]
    return [text.strip() for trace in written for text in trace.text]


def test_a_bar_is_what_was_spent_with_the_wasted_part_hatched(answer: Make, cost_row: Make) -> None:
    rows = [cost_row("10.5", "0.5", country="GB"), cost_row("97276.44", "276.44", country="DE")]
    useful, wasted = bars(answer("cost", rows, ("country",)).plot())
    assert useful.y == wasted.y == ("DE", "GB")
    assert useful.x == (97000.0, 10.0)
    assert wasted.x == (276.44, 0.5)
    assert wasted.marker.pattern.shape == "/"


def test_amounts_are_written_with_their_currency(answer: Make, cost_row: Make) -> None:
    rows = [cost_row("10.5", country="GB"), cost_row("97276.44", country="DE")]
    assert figures(answer("cost", rows, ("country",)).plot()) == ["€97,276", "€10.50"]


def test_each_currency_has_a_block_of_its_own(answer: Make, cost_row: Make, words: Make) -> None:
    rows = [
        cost_row("10", country="GB", currency="GBP"),
        cost_row("30", country="GB"),
        cost_row("20", country="DE"),
    ]
    figure = answer("cost", rows, ("country",)).plot()
    blocks = [(bar.xaxis, bar.x) for bar in bars(figure)[::2]]
    assert blocks == [("x", (30.0, 20.0)), ("x2", (10.0,))]
    assert figures(figure) == ["€30.00", "€20.00", "£10.00"]
    assert "<b>EUR</b>" in words(figure)
    assert "currencies are not added" in words(figure)


def test_the_currency_among_by_is_not_repeated_in_the_names(answer: Make, cost_row: Make) -> None:
    row = cost_row("30")
    rows = [{"currency": row.pop("currency"), **row}]
    (useful, _) = bars(answer("cost", rows, ("currency",)).plot())
    assert useful.y == ("all messages",)


def test_days_are_columns(answer: Make, cost_row: Make, days: list[date]) -> None:
    rows = [cost_row("10", "1", day=day) for at, day in enumerate(days) if at != 4]
    useful, wasted = bars(answer("cost", rows, ("day",)).plot())
    assert list(useful.x) == days
    assert useful.y == (9.0, 9.0, 9.0, 9.0, None, 9.0, 9.0, 9.0, 9.0, 9.0)
    assert wasted.y.count(1.0) == 9


def test_panels_of_one_currency_share_a_scale_and_of_two_do_not(
    answer: Make, cost_row: Make, days: list[date], words: Make
) -> None:
    rows = [
        cost_row(amount, currency=currency, country=country, day=days[0])
        for country in ("DE", "GB")
        for amount, currency in (("10", "EUR"), ("9000", "SEK"))
    ]
    figure = answer("cost", rows, ("country", "day")).plot()
    ranges = [axis.range for axis in figure.select_yaxes()]
    assert sorted(ranges) == sorted([(0, 10.8), (0, 9720), (0, 10.8), (0, 9720)])
    assert "<b>DE · SEK</b>" in words(figure)


def test_what_has_no_price_is_with_the_only_currency(answer: Make, cost_row: Make) -> None:
    rows = [cost_row("30", sender="A"), cost_row(None, sender="B")]
    figure = answer("cost", rows, ("sender",)).plot()
    assert bars(figure)[0].y == ("A", "B")
    assert "currencies" not in figure.layout.title.subtitle.text


def test_messages_without_a_price_have_a_row_and_no_bar(answer: Make, cost_row: Make) -> None:
    figure = answer("cost", [cost_row(None, sender="A")], ("sender",)).plot()
    assert bars(figure)[0].x == (None,)
    assert figures(figure) == ["–"]


def test_without_by_there_is_one_bar_a_currency(answer: Make, cost_row: Make) -> None:
    figure = answer("cost", [cost_row("30"), cost_row("5", currency="GBP")]).plot()
    assert figures(figure) == ["€30.00", "£5.00"]


def test_hovering_tells_cost_waste_and_price(answer: Make, cost_row: Make) -> None:
    figure = answer("cost", [cost_row("30", "2", country="GB")], ("country",)).plot()
    said = bars(figure)[0].customdata[0]
    assert said.startswith("<b>GB</b><br><b>€30.00</b> for 100 messages")
    assert said.endswith("€2.00 of it not delivered, €0.3750 per delivered message")


@pytest.mark.parametrize("by", [("sender",), ("sender", "day")])
def test_most_spent_comes_first(
    answer: Make, cost_row: Make, days: list[date], by: tuple[str, ...]
) -> None:
    keys = {"day": days[0]} if "day" in by else {}
    rows = [cost_row("1", sender="Less", **keys), cost_row("2", sender="More", **keys)]
    assert bars(answer("cost", rows, by).plot())[0].customdata[0].count("€2.00") == 1
