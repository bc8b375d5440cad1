"""What the rest of a month is expected to cost: exact where days repeat, and what is too little."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.analysis.studies.spending import HISTORY_DAYS, Rest, Spent, expect

TODAY = dt.date(2026, 11, 18)
"""A Wednesday, with 12 days of the month to come."""


def past(cost: Callable[[dt.date], float], days: int, later: float = 0.5) -> dict[dt.date, Spent]:
    """The days before today and their cost, of which a share came later in the day."""
    every = [TODAY - dt.timedelta(days=ago) for ago in range(1, days + 1)]
    return {day: Spent(cost(day), later * cost(day)) for day in every}


def known(rest: Rest | None) -> Rest:
    assert rest is not None
    return rest


@pytest.mark.parametrize("weeks", [2, 3, 8, 20])
@pytest.mark.parametrize("later", [0.0, 0.25, 1.0])
def test_weekdays_that_repeat_go_on(weeks: int, later: float) -> None:
    costs = [10.0, 20.0, 30.0, 40.0, 50.0, 6.0, 0.0]
    rest = known(expect(past(lambda day: costs[day.weekday()], 7 * weeks, later), TODAY))
    full = sum(costs[(TODAY + dt.timedelta(days=at)).weekday()] for at in range(1, 13))
    assert rest.expected == pytest.approx(later * costs[TODAY.weekday()] + full)
    assert rest.low < rest.expected < rest.high


@pytest.mark.parametrize(("days", "enough"), [(0, False), (13, False), (14, True), (400, True)])
def test_less_than_14_days_of_history_expect_nothing(days: int, enough: bool) -> None:
    assert HISTORY_DAYS == 14
    assert (expect(past(lambda _: 10, days), TODAY) is not None) == enough


def test_days_to_come_and_today_are_no_history() -> None:
    assert expect({TODAY: Spent(10, 5), TODAY + dt.timedelta(days=1): Spent(1, 1)}, TODAY) is None
    days = past(lambda _: 10, 60)
    more = {**days, TODAY: Spent(1000, 0), TODAY + dt.timedelta(days=1): Spent(7, 7)}
    assert expect(more, TODAY) == expect(days, TODAY)


def test_the_level_is_that_of_the_last_14_days_and_the_shape_older() -> None:
    rest = known(expect(past(lambda day: 20 if (TODAY - day).days <= 14 else 10, 56), TODAY))
    assert rest.expected == pytest.approx(20 * 12.5)


def test_nothing_spent_for_14_days_expects_nothing() -> None:
    assert expect(past(lambda day: 0 if (TODAY - day).days <= 14 else 10, 56), TODAY) is None


def test_days_without_a_cost_count_as_nothing() -> None:
    days = {day: spent for day, spent in past(lambda _: 10, 56).items() if day.weekday() < 5}
    rest = known(expect(days, TODAY))
    working = [day for day in range(1, 13) if (TODAY + dt.timedelta(days=day)).weekday() < 5]
    assert rest.expected == pytest.approx(5 + 10 * len(working))


def test_days_that_differ_more_give_a_wider_interval() -> None:
    calm = known(expect(past(lambda day: 10 + day.day % 2, 56), TODAY))
    wild = known(expect(past(lambda day: 10 + 9 * (day.day % 2), 56), TODAY))
    assert wild.high - wild.low > 2 * (calm.high - calm.low)


@given(
    st.lists(st.floats(0.01, 1000), min_size=14, max_size=80),
    st.floats(0.001, 1000),
    st.integers(0, 40),
)
def test_the_unit_of_money_does_not_matter(costs: list[float], unit: float, shift: int) -> None:
    today = TODAY + dt.timedelta(days=shift)
    days = [today - dt.timedelta(days=ago + 1) for ago in range(len(costs))]
    one = expect({day: Spent(c, c / 2) for day, c in zip(days, costs, strict=True)}, today)
    two = expect(
        {day: Spent(unit * c, unit * c / 2) for day, c in zip(days, costs, strict=True)}, today
    )
    assert known(two).expected == pytest.approx(unit * known(one).expected)
    assert known(two).high == pytest.approx(unit * known(one).high)
    assert known(one).low <= known(one).expected <= known(one).high
