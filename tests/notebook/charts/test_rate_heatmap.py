"""The heatmap of delivery rates: each cell holds its rate, or says why it has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dlr_analytics.errors import UnknownName, UsageError

Make = Callable[..., Any]


@pytest.fixture
def week(answer: Make, rate_row: Make) -> Any:
    """A week of cells in no order: Sundays have no nights, all nights have few messages."""
    rows = [
        rate_row(
            10 if hour < 5 else 1000,
            0.0 if (day, hour) == (3, 14) else 0.9 + hour / 1000,
            weekday=day,
            hour_of_day=hour,
        )
        for hour in reversed(range(24))
        for day in (5, 1, 7, 2, 3, 4, 6)
        if day < 7 or hour >= 5
    ]
    return answer("delivery-rate", rows, ("hour_of_day", "weekday"))


def test_each_cell_of_enough_messages_holds_its_rate(week: Any) -> None:
    cells, _ = week.plot(kind="heatmap").data
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    at = {name: week.columns.index(name) for name in ("hour_of_day", "weekday", "settled")}
    expected = {
        (f"{row[at['hour_of_day']]:02}", names[row[at["weekday"]] - 1]): row[
            week.columns.index("delivery_rate")
        ]
        for row in week.rows()
        if row[at["settled"]] >= 100
    }
    assert dict(zip(zip(cells.x, cells.y, strict=True), cells.z, strict=True)) == expected


def test_cells_of_too_few_messages_are_hatched_with_their_figures_on_hover(week: Any) -> None:
    cells, hatched = week.plot(kind="heatmap").data
    assert len(hatched.x) == 5 * 6
    assert set(hatched.x) == {"00", "01", "02", "03", "04"}
    assert not {("00", "Sun")} & set(zip(hatched.x, hatched.y, strict=True))
    assert all(" of 10" in text for text in hatched.hovertext)
    assert "<b>Wed 14:00 to 14:59</b><br><b>0.0%</b>" in "".join(cells.customdata)


def test_hours_run_from_midnight_and_days_from_monday(week: Any) -> None:
    figure = week.plot(kind="heatmap")
    assert list(figure.layout.xaxis.categoryarray) == [f"{hour:02}" for hour in range(24)]
    assert figure.layout.yaxis.categoryarray[0] == "Mon"


def test_one_cell_far_below_does_not_bleach_the_others(week: Any) -> None:
    figure = week.plot(kind="heatmap")
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0.9, 1)
    assert "palest: 90% or less" in figure.layout.title.subtitle.text


def test_the_heatmap_has_one_hue(week: Any) -> None:
    (_, pale), (_, full) = week.plot(kind="heatmap").data[0].colorscale
    assert pale.startswith("rgba(47, 129, 196")
    assert full == "#2F81C4"


@pytest.mark.parametrize("by", [(), ("weekday",), ("sender", "weekday", "hour_of_day")])
def test_a_heatmap_of_other_columns_says_what_to_ask(
    answer: Make, rate_row: Make, by: tuple[str, ...]
) -> None:
    values = {"weekday": 1, "hour_of_day": 3, "sender": "A"}
    result = answer("delivery-rate", [rate_row(9, 1.0, **{n: values[n] for n in by})], by)
    with pytest.raises(UsageError, match=r"by=\['weekday', 'hour_of_day'\]"):
        result.plot(kind="heatmap")


def test_an_unknown_kind_names_those_there_are(week: Any) -> None:
    with pytest.raises(UnknownName, match="heatmap"):
        week.plot(kind="heatmaps")
