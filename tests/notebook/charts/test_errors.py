"""Charts of ``errors``: a bar a code with its meaning, a panel a code in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

Make = Callable[..., Any]


def test_codes_are_bars_with_their_meaning_the_most_frequent_first(
    answer: Make, error_row: Make
) -> None:
    rows = [error_row(6, 200, "Anti-spam rejection"), error_row(77, 300), error_row(None, 100)]
    bars, figures = answer("errors", rows).plot().data
    assert bars.y == ("77", "6 Anti-spam rejection", "no err-code")
    assert bars.x == (300, 200, 100)
    assert figures.text == (" 300 · 30.0%", " 200 · 20.0%", " 100 · 10.0%")


def test_a_code_of_each_category_is_a_row_of_its_own(answer: Make, error_row: Make) -> None:
    rows = [error_row(6, 200, "Anti-spam rejection", network_code=code) for code in ("23410", None)]
    figure = answer("errors", rows, ("network_code",)).plot()
    assert figure.data[0].y == ("23410 · 6 Anti-spam rejection", "– · 6 Anti-spam rejection")
    assert "share of those of the same network code" in figure.layout.title.subtitle.text


def test_days_are_columns_a_panel_a_code(
    answer: Make, error_row: Make, days: list[date], words: Make
) -> None:
    rows = [error_row(6, 20, "Anti-spam rejection", day=days[0]), error_row(1, 30, day=days[2])]
    figure = answer("errors", rows, ("day",)).plot()
    assert [(trace.x, trace.y) for trace in figure.data] == [
        ((days[2],), (30,)),
        ((days[0],), (20,)),
    ]
    assert "<b>6 Anti-spam rejection</b>" in words(figure)


def test_the_code_among_by_is_not_repeated(answer: Make, error_row: Make) -> None:
    row = error_row(6, 20, "Anti-spam rejection")
    rows = [{"err_code": row.pop("err_code"), **row}]
    assert answer("errors", rows, ("err_code",)).plot().data[0].y == ("6 Anti-spam rejection",)


def test_hovering_tells_what_to_do(answer: Make, error_row: Make) -> None:
    figure = answer("errors", [error_row(8, 20, "Network error")]).plot()
    assert figure.data[0].customdata[0].endswith("20 messages, 2.0%<br>Try again later.")


def test_no_errors_is_good_news_not_an_empty_chart(answer: Make, error_row: Make) -> None:
    figure = answer("errors", [], columns=tuple(error_row(1, 1))).plot()
    assert len(figure.data) == 0
    assert "No settled message was left undelivered." in figure.layout.title.subtitle.text
