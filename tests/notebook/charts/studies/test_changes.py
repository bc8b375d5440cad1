"""The chart of ``changes``: steps over the rates of days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

import dlr_analytics as dlr

Make = Callable[..., Any]

AT = datetime(2026, 11, 10, 14)


@pytest.fixture
def change_row() -> Callable[..., dict[str, Any]]:
    """A row of ``changes``."""

    def make(before: float, after: float, at: datetime = AT, **by: Any) -> dict[str, Any]:
        return {
            **by,
            "changed_at": at,
            "earliest": at - timedelta(hours=3),
            "latest": at + timedelta(hours=5),
            "value_before": before,
            "value": after,
            "difference": after - before,
            "messages_before": 1000,
            "messages": 500,
        }

    return make


def with_course(answer: Make, result: Any, **rates: float) -> Any:
    """The result with a course of ten days for each network."""
    rows = [
        {
            "network_code": code,
            "hour_began": datetime(2026, 11, day, hour),
            "hour_day": date(2026, 11, day),
            "messages": 100,
            "hour_delivered": 100 * rate,
        }
        for code, rate in rates.items()
        for day in range(5, 15)
        for hour in (9, 10)
    ]
    return replace(result, own={"course": answer("changes", rows, ("network_code",))})


def test_steps_are_drawn_over_the_days_of_their_group(
    answer: Make, change_row: Make, words: Make
) -> None:
    rows = [
        change_row(0.8, 0.94, AT + timedelta(days=2), network_code="A1"),
        change_row(0.95, 0.8, network_code="A1"),
    ]
    result = with_course(answer, answer("changes", rows, ("network_code",)), A1=0.9, B2=0.5)
    days, steps = result.plot().data
    assert (len(days.x), set(days.y)) == (10, {0.9})
    assert steps.y == (0.95, 0.95, 0.8, 0.8, 0.94, 0.94)
    assert steps.x[1] == steps.x[2] == AT
    read = words(result.plot())
    assert "−15.0 points" in read
    assert "+14.0 points" in read
    assert "B2" not in read


def test_the_interval_is_shaded_to_the_end_of_its_last_hour(answer: Make, change_row: Make) -> None:
    figure = answer("changes", [change_row(0.95, 0.8)]).plot()
    (shade,) = figure.layout.shapes
    assert (shade.x0, shade.x1) == (AT - timedelta(hours=3), AT + timedelta(hours=6))


def test_times_are_those_of_the_zone(answer: Make, change_row: Make) -> None:
    figure = answer("changes", [change_row(0.95, 0.8)], tz="Asia/Kolkata").plot()
    assert figure.data[-1].x[1] == AT + timedelta(hours=5, minutes=30)


def test_the_group_with_the_largest_step_comes_first(
    answer: Make, change_row: Make, words: Make
) -> None:
    rows = [change_row(0.95, 0.9, country="GB"), change_row(0.5, 0.9, country="DE")]
    read = words(answer("changes", rows, ("country",)).plot())
    assert read.index("DE") < read.index("GB")


def test_without_a_change_a_sentence_stands_for_the_chart() -> None:
    figure = dlr.open("tests/data/sample").changes().plot()
    assert len(figure.data) == 0
    assert "did not change" in figure.layout.title.subtitle.text


def test_of_two_changes_close_to_each_other_the_larger_has_the_label(
    answer: Make, change_row: Make, words: Make
) -> None:
    rows = [
        change_row(0.94, 0.30, network_code="A1"),
        change_row(0.30, 0.90, AT + timedelta(hours=3), network_code="A1"),
    ]
    chart = with_course(answer, answer("changes", rows, ("network_code",)), A1=0.9).plot()
    labels = [note.text for note in chart.layout.annotations if "points" in note.text]
    assert labels == ["<b>\N{MINUS SIGN}64.0 points</b>"]
