"""Charts of ``delivery-rate``: their marks hold the metric's numbers, and nothing that is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.notebook.charts.elements.rates import floor_of_most
from dlr_analytics.report.svg.scale import lowest_for

Make = Callable[..., Any]


def named(figure: Any, mode: str) -> list[Any]:
    """The figure's scatter traces of one mode."""
    return [trace for trace in figure.data if trace.type == "scatter" and trace.mode == mode]


@pytest.fixture
def by_day(answer: Make, rate_row: Make, days: list[date]) -> Any:
    """Ten days, of which the third has no messages and the last three have pending ones."""
    pending = {7: 10, 8: 50, 9: 300}
    rows = [
        rate_row(1000, 0.95 - at / 100, pending.get(at, 0), day=day)
        for at, day in enumerate(days)
        if at != 2
    ]
    return answer("delivery-rate", rows, ("day",))


def test_the_line_holds_the_rate_of_each_settled_day(by_day: Any, days: list[date]) -> None:
    (line,) = named(by_day.plot(), "lines+markers")
    rates = {row[0]: row[by_day.columns.index("delivery_rate")] for row in by_day.rows()}
    assert list(line.x) == days[:7]
    assert list(line.y) == [rates.get(day) for day in days[:7]]


def test_a_day_without_messages_is_a_gap_in_line_and_band(by_day: Any, days: list[date]) -> None:
    figure = by_day.plot()
    (line,) = named(figure, "lines+markers")
    band = next(trace for trace in figure.data if trace.fill == "toself")
    assert line.y[2] is None
    assert line.connectgaps is False
    assert days[2] not in band.x
    assert band.x.count(None) == 2, "one outline before the gap and one after it"


def test_unsettled_days_are_ranges_between_their_bounds_with_no_line(
    by_day: Any, days: list[date]
) -> None:
    figure = by_day.plot()
    (bars,) = (trace for trace in figure.data if trace.type == "bar")
    (dots,) = named(figure, "markers")
    shown = [dict(zip(by_day.columns, row, strict=True)) for row in by_day.rows()[-3:]]
    assert list(bars.x) == list(dots.x) == days[7:]
    assert list(bars.base) == [row["success_ratio"] for row in shown]
    tops = [base + high for base, high in zip(bars.base, bars.y, strict=True)]
    assert tops == pytest.approx([row["best_case"] for row in shown])
    assert list(dots.y) == [row["delivery_rate"] for row in shown]
    assert {"circle-open"} == {dots.marker.symbol}


def test_the_ground_is_shaded_from_the_first_unsettled_day_on(
    by_day: Any, days: list[date], words: Make
) -> None:
    figure = by_day.plot()
    (shade,) = figure.layout.shapes
    assert shade.x0 == datetime(2026, 11, 20, 12)
    assert shade.x1 == datetime(2026, 11, 23, 12)
    assert "not settled yet" in words(figure)


@pytest.mark.parametrize(
    ("tz", "first"),
    [("UTC", 21), ("Pacific/Auckland", 21), ("America/Los_Angeles", 20)],
)
def test_a_day_ends_when_it_ends_in_its_time_zone(
    answer: Make, rate_row: Make, days: list[date], tz: str, first: int
) -> None:
    """As of the 24th, 05:00 UTC, in Los Angeles the 20th ended 69 hours ago."""
    rows = [rate_row(1000, 0.9, day=day) for day in days]
    (shade,) = answer("delivery-rate", rows, ("day",), tz=tz).plot().layout.shapes
    assert shade.x0 == datetime(2026, 11, first - 1, 12)


def test_nothing_is_shaded_once_all_days_are_mature(
    answer: Make, rate_row: Make, days: list[date]
) -> None:
    rows = [rate_row(1000, 0.9, day=day) for day in days]
    figure = answer("delivery-rate", rows, ("day",), as_of=datetime(2026, 12, 24)).plot()
    assert figure.layout.shapes == ()
    assert "bars:" not in figure.layout.title.subtitle.text


def test_a_rate_that_is_not_known_is_neither_drawn_nor_zero(
    answer: Make, rate_row: Make, days: list[date]
) -> None:
    rows = [rate_row(50, None, 40, day=day) for day in days]
    figure = answer("delivery-rate", rows, ("day",)).plot()
    drawn = [*named(figure, "lines+markers"), *named(figure, "markers")]
    assert {value for trace in drawn for value in trace.y} == {None}


def test_a_day_between_two_gaps_is_a_dot(answer: Make, rate_row: Make, days: list[date]) -> None:
    rows = [rate_row(1000, 0.9, day=days[at]) for at in (0, 2, 4, 5)]
    (line,) = named(answer("delivery-rate", rows, ("day",)).plot(), "lines+markers")
    assert line.marker.size == (7, 0, 7, 0, 0, 0)


def test_one_day_alone_is_seen(answer: Make, rate_row: Make, days: list[date]) -> None:
    figure = answer("delivery-rate", [rate_row(9, 1.0, day=days[0])], ("day",)).plot()
    (line,) = named(figure, "lines+markers")
    assert list(line.x) == days[:1]
    assert line.marker.size == (7,)


@pytest.mark.parametrize(
    ("grain", "first", "second", "third"),
    [
        ("hour", datetime(2026, 11, 1, 9), datetime(2026, 11, 1, 10), datetime(2026, 11, 1, 13)),
        ("week", date(2026, 9, 28), date(2026, 10, 5), date(2026, 10, 26)),
        ("month", date(2026, 1, 1), date(2026, 2, 1), date(2026, 5, 1)),
    ],
)
def test_every_grain_of_time_leaves_its_own_gaps(
    answer: Make, rate_row: Make, grain: str, first: date, second: date, third: date
) -> None:
    rows = [rate_row(1000, 0.9, **{grain: at}) for at in (first, second, third)]
    (line,) = named(answer("delivery-rate", rows, (grain,)).plot(), "lines+markers")
    assert [value is None for value in line.y] == [False, False, True, False]
    assert [line.x[at] for at in (0, 1, 3)] == [first, second, third]


def test_categories_are_dots_with_intervals_the_most_undelivered_first(
    answer: Make, rate_row: Make
) -> None:
    rows = [
        rate_row(1000, 0.99, network_code="23410"),
        rate_row(9000, 0.95, network_code="26202"),
        rate_row(500, 0.6, network_code="62130"),
    ]
    figure = answer("delivery-rate", rows, ("network_code",)).plot()
    (dots,) = named(figure, "markers")
    assert list(dots.y) == ["26202", "62130", "23410"]
    assert list(dots.x) == [rows[1]["delivery_rate"], rows[2]["delivery_rate"], 0.99]
    bounds, interval = named(figure, "lines")
    assert list(interval.x[:2]) == [rows[1]["ci_low"], rows[1]["ci_high"]]
    assert list(bounds.x[:2]) == [rows[1]["success_ratio"], rows[1]["best_case"]]


def test_codes_stay_text_on_their_axis(answer: Make, rate_row: Make) -> None:
    rows = [rate_row(1000, 0.9, network_code=code) for code in ("310260", "31026")]
    figure = answer("delivery-rate", rows, ("network_code",)).plot()
    assert figure.layout.yaxis.type == "category"
    assert figure.layout.yaxis.categoryarray == ("310260", "31026")


def test_a_category_without_a_value_has_a_row_of_its_own(answer: Make, rate_row: Make) -> None:
    rows = [rate_row(1000, 0.9, network_code=code) for code in ("–", None)]
    (dots,) = named(answer("delivery-rate", rows, ("network_code",)).plot(), "markers")
    assert list(dots.y) == ["–", "– (2)"]


def test_few_messages_far_below_all_others_are_an_arrow_at_the_edge(
    answer: Make, rate_row: Make
) -> None:
    rows = [rate_row(5000, 0.95, sender="Acme"), rate_row(3, 0.0, sender="Rare")]
    figure = answer("delivery-rate", rows, ("sender",)).plot()
    (dots,) = named(figure, "markers")
    assert figure.layout.xaxis.range == (0.9, 1.0)
    assert (dots.x[1], dots.marker.symbol) == (0.9, ("circle", "triangle-left"))
    assert "0.0%" in dots.customdata[1]


@pytest.mark.parametrize("dead", [1, 2])
def test_rows_at_nothing_do_not_squeeze_the_others_and_show_their_figure(
    answer: Make, rate_row: Make, dead: int
) -> None:
    rows = [rate_row(5000, 0.92 + at / 200, sender=f"S{at}") for at in range(10)]
    rows += [rate_row(5000 + at, 0.0, sender=f"Dead{at}") for at in range(dead)]
    figure = answer("delivery-rate", rows, ("sender",)).plot()
    (dots,) = named(figure, "markers")
    (texts,) = named(figure, "text")
    assert figure.layout.xaxis.range == (0.9, 1.0)
    assert list(dots.marker.symbol).count("triangle-left") == dead
    assert set(texts.y) == {f"Dead{at}" for at in range(dead)}
    assert {text.strip() for text in texts.text} == {"0.0%"}
    assert "below the axis" in figure.layout.title.subtitle.text


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_axis_leaves_out_a_fifth_of_the_rows_at_most(rates: list[float]) -> None:
    floor = floor_of_most(rates)
    below = sum(rate < floor for rate in rates)
    assert below <= max(1, len(rates) // 5) * (len(rates) >= 4)
    assert below == 0 or 2 * (1 - floor) <= 1 - lowest_for(rates)


def test_of_many_categories_the_thirty_with_most_undelivered_are_drawn(
    answer: Make, rate_row: Make
) -> None:
    rows = [rate_row(100 + 4 * at, 0.5, sender=f"S{at:03}") for at in range(300)]
    figure = answer("delivery-rate", rows, ("sender",)).plot()
    (dots,) = named(figure, "markers")
    assert len(dots.y) == 30
    assert dots.y[0] == "S299"
    assert "the 30 with most undelivered of 300" in figure.layout.title.subtitle.text


def test_categories_in_time_are_small_multiples_twelve_at_most(
    answer: Make, rate_row: Make, days: list[date], words: Make
) -> None:
    rows = [
        rate_row(100 * (1 + n), 0.9, network_code=f"{n:05}", day=day)
        for n in range(14)
        for day in days
    ]
    figure = answer("delivery-rate", rows, ("network_code", "day")).plot()
    lines = named(figure, "lines+markers")
    assert len(lines) == len({line.yaxis for line in lines}) == 12
    assert "<b>00013</b>" in words(figure)
    assert "<b>00001</b>" not in words(figure)
    assert "the 12 with most undelivered of 14" in figure.layout.title.subtitle.text


def test_small_multiples_share_their_axes(answer: Make, rate_row: Make, days: list[date]) -> None:
    rows = [
        rate_row(100, 0.97, sender="A", day=days[0]),
        rate_row(100, 0.3, sender="B", day=days[9]),
    ]
    figure = answer("delivery-rate", rows, ("sender", "day")).plot()
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    assert {line.x for line in named(figure, "lines+markers")} == {(days[0],), ()}


def test_without_by_one_bar_holds_every_outcome(answer: Make, rate_row: Make) -> None:
    row = rate_row(1000, 0.9, 30)
    figure = answer("delivery-rate", [row]).plot()
    assert {bar.name: bar.x[0] for bar in figure.data} == {
        name: row[name] / 1000
        for name in ("delivered", "failed", "expired", "rejected", "unknown", "silent", "pending")
        if row[name]
    }
    assert sum(bar.x[0] for bar in figure.data) == pytest.approx(1)
    assert figure.layout.title.text == "How 1,000 messages ended"


def test_an_outcome_that_never_happened_has_no_name_on_the_bar(
    answer: Make, rate_row: Make, words: Make
) -> None:
    figure = answer("delivery-rate", [rate_row(10, 1.0)]).plot()
    assert [bar.name for bar in figure.data] == ["delivered"]
    assert "failed" not in words(figure)
