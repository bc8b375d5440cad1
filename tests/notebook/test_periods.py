"""How tables write periods: months by name, and the first and last with what they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from dlr_analytics.notebook.preview import preview

Make = Callable[..., Any]


def written(result: Any, **limits: datetime) -> tuple[str, ...]:
    """The texts of the first column, for a question with these limits."""
    (asked,) = result.provenance
    asked = replace(asked, filters=replace(asked.filters, **limits))
    return preview(replace(result, provenance=(asked,))).by[0].texts


@pytest.fixture
def periods(answer: Make, rate_row: Make) -> Make:
    """A result by these periods: messages from 25 October to 23 November, as of the 24th."""

    def make(column: str, *values: date) -> Any:
        return answer(
            "delivery-rate", [rate_row(9, 1.0, **{column: at}) for at in values], (column,)
        )

    return make


def test_months_have_names_and_the_days_of_those_that_are_not_whole(periods: Make) -> None:
    months = periods("month", date(2026, 10, 1), date(2026, 11, 1))
    assert written(months) == ("October 2026 (from 25 Oct)", "November 2026 (to 24 Nov)")


def test_whole_months_are_not_marked(periods: Make) -> None:
    months = periods("month", date(2026, 10, 1), date(2026, 11, 1))
    limits = {"since": datetime(2026, 10, 1), "until": datetime(2026, 11, 1)}
    assert written(months, **limits)[0] == "October 2026"


def test_a_question_within_one_month_marks_both_ends(periods: Make) -> None:
    month = periods("month", date(2026, 11, 1))
    limits = {"since": datetime(2026, 11, 3, 6), "until": datetime(2026, 11, 10)}
    assert written(month, **limits) == ("November 2026 (from 3 Nov to 9 Nov)",)


def test_weeks_are_marked_like_months(periods: Make) -> None:
    weeks = periods("week", date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 23))
    assert written(weeks) == (
        "19 Oct 2026 (from 25 Oct)",
        "26 Oct 2026",
        "23 Nov 2026 (to 24 Nov)",
    )


@pytest.mark.parametrize(
    ("column", "first", "step"),
    [
        ("day", date(2026, 11, 3), timedelta(1)),
        ("hour", datetime(2026, 11, 3, 6), timedelta(hours=1)),
    ],
)
def test_days_and_hours_are_marked_where_the_question_cuts_them(
    periods: Make, column: str, first: Any, step: timedelta
) -> None:
    """Not where the first message of a day comes late: that is chance."""
    start = datetime(first.year, first.month, first.day, getattr(first, "hour", 0))
    rows = periods(column, first, first + step, first + 2 * step)
    limits = {"since": start + step / 2, "until": start + 3 * step}
    texts = written(rows, **limits)
    assert [text.endswith(" (in part)") for text in texts] == [True, False, False]
    assert not any("(" in text for text in written(rows))


def test_periods_begin_and_end_in_the_zone_of_the_question(answer: Make, rate_row: Make) -> None:
    """1 November in Auckland begins on 31 October, 11:00 UTC."""
    row = rate_row(9, 1.0, month=date(2026, 11, 1))
    newest = datetime(2026, 11, 24, 15)
    month = answer("delivery-rate", [row], ("month",), tz="Pacific/Auckland", as_of=newest)
    limits = {"since": datetime(2026, 10, 31, 11), "until": datetime(2026, 11, 30, 11)}
    assert written(month, **limits) == ("November 2026 (to 25 Nov)",)
