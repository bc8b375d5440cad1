"""The charts say what the figures say: their marks lie where the values are."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.report.model import Day, Place, Report, Tally
from dlr_analytics.report.speeds import Curve
from dlr_analytics.report.svg import cells
from dlr_analytics.report.svg.elements import tag, words
from dlr_analytics.report.svg.latency import latency_curves, within
from dlr_analytics.report.svg.rate import rate_by_day
from dlr_analytics.report.svg.scale import Scale, lowest_for, mondays, rate_ticks
from tests.support import reports


def marks(drawing: str, kind: str) -> list[ET.Element]:
    """Elements of a drawing whose class is or begins with ``kind``."""
    found = ET.fromstring(drawing).iter()
    return [
        e for e in found if (e.get("class") or "").split(" ")[: len(kind.split())] == kind.split()
    ]


def texts(drawing: str) -> list[str]:
    """All texts of a drawing."""
    return [e.text or "" for e in ET.fromstring(drawing).iter("text")]


def test_text_and_attributes_are_escaped_as_they_are_written() -> None:
    drawn = words((0, 0), '<script>"&', 'x" onload="alert(1)')
    assert "<script>" not in drawn
    assert ET.fromstring(drawn).attrib.keys() == {"x", "y", "class", "text-anchor"}


def test_a_number_has_at_most_one_decimal() -> None:
    assert tag("line", x1=1.26, x2=2.0, y1=3) == '<line x1="1.3" x2="2" y1="3"/>'


def test_a_value_beyond_an_axis_is_set_to_its_edge() -> None:
    scale = Scale(0.9, 1.0, start=100, end=0)
    assert (scale.at(0.2), scale.at(1.5)) == (100, 0)


@pytest.mark.parametrize("low", [0.9, 0.85, 0.8, 0.7, 0.55, 0.4, 0.0])
def test_an_axis_of_rates_names_100_and_at_most_seven_values(low: float) -> None:
    ticks = rate_ticks(low)
    assert ticks[-1] == 1.0
    assert 3 <= len(ticks) <= 7
    assert ticks[0] >= low


def test_an_axis_of_rates_never_spans_less_than_ten_points() -> None:
    assert lowest_for([0.99, 0.999]) == 0.9
    assert lowest_for([0.02]) == 0.0


def test_weeks_are_named_by_their_mondays_however_long_the_period() -> None:
    for days in (1, 7, 31, 92, 366, 3653):
        first = date(2026, 1, 1)
        named = mondays(first, first + timedelta(days=days - 1), most=10)
        assert len(named) <= 10
        assert all(day.weekday() == 0 and 0 <= (day - first).days < days for day in named)


def test_the_chart_is_drawn_for_a_page_and_for_a_telephone(report: Report) -> None:
    chart = rate_by_day(report.days, report.tally)
    assert 'viewBox="0 0 1000 352"' in chart.wide
    assert 'viewBox="0 0 360 300"' in chart.narrow
    for drawing in chart:
        svg = ET.fromstring(drawing)
        assert svg.get("role") == "img"
        assert (svg.get("aria-label") or "").endswith("The figures follow as a table.")


def test_the_line_ends_with_the_last_settled_day_and_says_its_rate(report: Report) -> None:
    chart = rate_by_day(report.days, report.tally)
    (line,) = marks(chart.wide, "line delivered")
    settled = [d for d in report.days if d.mature]
    assert len(re.findall("[ML]", line.get("d") or "")) == len(settled)
    assert f"{100 * (settled[-1].tally.rate or 0):.1f}%" in texts(chart.wide)


def test_unsettled_days_are_ranges_between_their_bounds_with_a_dot_at_the_nowcast(
    report: Report,
) -> None:
    chart = rate_by_day(report.days, report.tally)
    young = [d for d in report.days if not d.mature]
    ranges, dots = marks(chart.wide, "range"), marks(chart.wide, "dot hollow")
    assert len(ranges) == len(dots) == len(young) == 3
    y = Scale(0.9, 1.0, start=264, end=34)
    for dot, day in zip(dots, young, strict=True):
        assert float(dot.get("cy") or 0) == pytest.approx(y.at(day.tally.rate or 0), abs=0.06)
    assert "not settled yet" in texts(chart.wide)


def test_a_range_that_the_axis_cuts_off_is_open_below(report: Report) -> None:
    days = list(report.days)
    days[-1] = replace(days[-1], tally=replace(days[-1].tally, floor=0.4))
    *whole, cut = marks(rate_by_day(days, report.tally).wide, "range")
    assert all((path.get("d") or "").endswith("Z") for path in whole)
    assert not (cut.get("d") or "").endswith("Z")


def test_an_unsettled_day_without_a_nowcast_has_its_range_and_no_dot(report: Report) -> None:
    days = [replace(d, tally=replace(d.tally, rate=None, low=None, high=None)) for d in report.days]
    chart = rate_by_day(days, report.tally)
    assert marks(chart.wide, "dot hollow") == []
    assert len(marks(chart.wide, "range")) == 3
    assert marks(chart.wide, "line delivered") == []


def test_a_day_without_messages_is_a_gap_and_not_zero(
    report: Report, make_tally: Callable[..., Tally]
) -> None:
    days = list(report.days)
    days[10] = replace(days[10], tally=make_tally(0, 0))
    lines = marks(rate_by_day(days, report.tally).wide, "line delivered")
    assert [len(re.findall("[ML]", line.get("d") or "")) for line in lines] == [10, 16]


def test_a_lone_day_between_gaps_is_a_dot(report: Report, make_tally: Callable[..., Tally]) -> None:
    empty = make_tally(0, 0)
    days = [d if i == 5 else replace(d, tally=empty) for i, d in enumerate(report.days)]
    chart = rate_by_day(days, report.tally)
    assert marks(chart.wide, "line delivered") == []
    assert marks(chart.wide, "dot delivered")


def test_each_day_says_its_figures_where_a_pointer_rests(report: Report) -> None:
    chart = rate_by_day(report.days, report.tally)
    notes = [e.text or "" for e in ET.fromstring(chart.wide).iter("title")]
    assert len(notes) == len(report.days)
    assert re.fullmatch(
        r"25 Oct: 9\d\.\d% of [\d,]+ messages \(95% interval 9\d\.\d to 9\d\.\d%\)", notes[0]
    )
    assert "will end between" in notes[-1]


def test_columns_of_messages_stand_in_proportion(
    report: Report, make_tally: Callable[..., Tally]
) -> None:
    sizes = [1000, 500, 250, 0, 1, 1, 1, 1]
    days = [
        Day(d.day, make_tally(n, 0.95), mature=True)
        for d, n in zip(report.days, sizes, strict=False)
    ]
    heights = [
        float(b.get("height") or 0) for b in marks(rate_by_day(days, report.tally).wide, "vol")
    ]
    assert heights[:3] == [42, 21, 10.5]


@pytest.mark.parametrize("days", [1, 7, 400])
def test_any_number_of_days_fits_into_the_plot(days: int, make_tally: Callable[..., Tally]) -> None:
    first = date(2026, 1, 1)
    of = make_tally(200, 0.95)
    many = [Day(first + timedelta(days=i), of, mature=True) for i in range(days)]
    for drawing in rate_by_day(many, of):
        width = float(ET.fromstring(drawing).get("viewBox", "").split()[2])
        for bar in marks(drawing, "vol"):
            assert 0 <= float(bar.get("x") or -1) <= width


def test_a_curve_is_read_where_it_crosses_a_share() -> None:
    curve = Curve("", ((1, 0.1), (10, 0.5), (100, 0.9)))
    assert within(curve, 0.5) == pytest.approx(10)
    assert within(curve, 0.7) == pytest.approx(31.6, abs=0.1)
    assert within(curve, 0.95) is None


def test_curves_carry_their_names_and_a_dot_at_half(report: Report) -> None:
    chart = latency_curves(report.latency.curves)
    for drawing in chart:
        assert {c.label for c in report.latency.curves} <= set(texts(drawing))
        assert len(marks(drawing, "dot")) == 3
    assert "half within 6 s" in (ET.fromstring(chart.wide).get("aria-label") or "")


def test_names_of_curves_stay_within_a_telephone(report: Report) -> None:
    long = [Curve("x" * 28, curve.points) for curve in report.latency.curves]
    for name in marks(latency_curves(long).narrow, "lab"):
        x, wide = float(name.get("x") or 0), 7.0 * 28
        left = x - wide if name.get("text-anchor") == "end" else x
        assert left >= 0
        assert left + wide <= 360


def test_the_interval_cell_has_one_scale_for_the_table_and_an_arrow_beyond_it(
    make_place: Callable[..., Place], make_tally: Callable[..., Tally]
) -> None:
    big = make_place("26201", "Telekom", "DE", "Germany", make_tally(10_000, 0.93))
    small = make_place("28604", "Aycell", "TR", "Türkiye", make_tally(14, 0.5))
    scale = cells.interval_scale([big.tally, small.tally])
    assert scale.low == pytest.approx(0.9)
    assert len(marks(cells.interval(big.tally, scale), "idot")) == 1
    assert marks(cells.interval(big.tally, scale), "arrow") == []
    assert len(marks(cells.interval(small.tally, scale), "arrow")) == 1
    assert marks(cells.interval(small.tally, scale), "idot") == []


def test_the_scale_of_few_messages_reaches_down_to_their_rates(
    make_tally: Callable[..., Tally],
) -> None:
    small = make_tally(65, 0.62)
    scale = cells.interval_scale([small])
    assert scale.low == pytest.approx(0.6)
    assert len(marks(cells.interval(small, scale), "idot")) == 1


def test_a_route_that_confirms_nothing_does_not_press_the_others_to_the_edge(
    make_tally: Callable[..., Tally],
) -> None:
    accepted_only = make_tally(5000, 0.0)
    scale = cells.interval_scale([make_tally(10_000, 0.93), accepted_only])
    assert scale.low == pytest.approx(0.9)
    assert len(marks(cells.interval(accepted_only, scale), "arrow")) == 1


def test_a_cell_without_a_rate_is_an_empty_track(
    make_place: Callable[..., Place], make_tally: Callable[..., Tally]
) -> None:
    unknown = replace(make_tally(500, 0.9), rate=None, low=None, high=None)
    place = make_place("26201", "Telekom", "DE", "Germany", unknown)
    scale = cells.interval_scale([unknown])
    assert marks(cells.interval(unknown, scale), "iband") == []
    assert "too few" in cells.course(place, 30)


def test_every_course_spans_the_same_twelve_points(
    make_place: Callable[..., Place], make_tally: Callable[..., Tally]
) -> None:
    place = make_place("26201", "Telekom", "DE", "Germany", make_tally(10_000, 0.95))
    fallen = replace(place, course=((0.0, 0.95), (29.0, 0.95 - 0.078)))
    (line,) = marks(cells.course(fallen, 30), "sline")
    ends = [float(pair.split(",")[1]) for pair in (line.get("d") or "")[1:].split("L")]
    assert ends == [9, 22]


def test_cell_graphics_are_ornaments(report: Report) -> None:
    scale = cells.interval_scale(place.tally for place in report.networks)
    for place in report.networks:
        assert 'aria-hidden="true"' in cells.interval(place.tally, scale)


def test_no_label_of_the_scale_runs_into_the_last() -> None:
    head = str(cells.interval_head(Scale(0.6, 1.0, start=4, end=146)))
    assert re.findall(r">(\d+%?)<", head) == ["60", "80", "100%"]
    head = str(cells.interval_head(Scale(0.8, 1.0, start=4, end=146)))
    assert re.findall(r">(\d+%?)<", head) == ["80", "90", "100%"]


@pytest.mark.thorough
@given(st.floats(0.3, 1), st.floats(0.01, 1))
def test_the_names_of_target_and_period_never_meet(rate: float, target: float) -> None:
    whole = reports.tally(10_000, rate)
    days = reports.days(whole, Random(1))
    named = [
        (float(text.get("y") or 0), text.text or "")
        for text in ET.fromstring(rate_by_day(days, whole, target).wide).iter("text")
        if text.get("x") == "850"
    ]
    assert any(text.startswith("target ") for _, text in named)
    heights = sorted(height for height, _ in named)
    assert min(b - a for a, b in itertools.pairwise(heights)) >= 15.9
