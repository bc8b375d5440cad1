"""Charts of ``latency``: percentiles where they stand, and what cannot be drawn said in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

Make = Callable[..., Any]


def dots(figure: Any) -> list[Any]:
    """The figure's traces of dots."""
    return [trace for trace in figure.data if trace.mode == "markers"]


def test_each_percentile_is_a_dot_and_each_share_a_figure(answer: Make, latency_row: Make) -> None:
    row = latency_row(4.0, network_code="23410")
    figure = answer("latency", [row], ("network_code",)).plot()
    assert [dot.x[0] for dot in dots(figure)] == [4.0, 12.0, 32.0, 160.0]
    shares = [trace.text[0] for trace in figure.data if trace.mode == "text"]
    assert shares == ["70.0%", "90.0%", "96.0%"]


def test_without_by_there_is_one_row(answer: Make, latency_row: Make) -> None:
    figure = answer("latency", [latency_row(4.0)]).plot()
    assert {dot.y for dot in dots(figure)} == {("all messages",)}


def test_times_by_the_carrier_stand_beside_push_times_where_they_are_known(
    answer: Make, latency_row: Make
) -> None:
    rows = [latency_row(4.0, carrier=2.0, country="GB"), latency_row(9.0, country="DE")]
    figure = answer("latency", rows, ("country",)).plot()
    by_carrier = [dot for dot in dots(figure) if "carrier" in dot.customdata[0]]
    by_push = [dot for dot in dots(figure) if "push time" in dot.customdata[0]]
    assert [dot.x for dot in by_carrier] == [(2.0, None)] * 4
    assert by_push[0].x == (4.0, 9.0)
    assert "an upper bound" in figure.layout.title.subtitle.text


def test_hovering_tells_how_sure_a_percentile_is(answer: Make, latency_row: Make) -> None:
    row = {**latency_row(9.0, carrier=4.0), "p50_margin_s": 1.0}
    said = [dot.customdata[0] for dot in dots(answer("latency", [row]).plot())]
    assert "<b>all messages</b><br>half within 4 s ± 1 s by the carrier's clock" in said
    assert "<b>all messages</b><br>half within 9 s by push time" in said


def test_in_time_a_panel_is_named_by_the_better_clock_that_it_has(
    answer: Make, latency_row: Make, days: list[date], words: Make
) -> None:
    rows = [latency_row(9.0, carrier=4.0, country="GB", day=day) for day in days]
    rows += [latency_row(7.0, country="DE", day=day) for day in days]
    said = words(answer("latency", rows, ("country", "day")).plot())
    assert ">4 s · 4 s</b>" in said
    assert ">7 s · 56 s</b>" in said


def test_the_margin_is_a_band_behind_the_line(
    answer: Make, latency_row: Make, days: list[date]
) -> None:
    rows = [
        {**latency_row(9.0, carrier=4.0, day=day), "p50_margin_s": 3.5, "p95_margin_s": None}
        for day in days
    ]
    figure = answer("latency", rows, ("day",)).plot()
    (band,) = (trace for trace in figure.data if trace.fill == "toself" and trace.x)
    assert band.y == (*[1.0] * 7, *[7.5] * 7, None)


def test_push_times_alone_are_called_an_upper_bound_and_no_carrier_is_named(
    answer: Make, latency_row: Make
) -> None:
    said = answer("latency", [latency_row(4.0)]).plot().layout.title.subtitle.text
    assert "an upper bound" in said
    assert "carrier's clock" not in said


def test_what_rests_on_the_stand_in_is_said(answer: Make, latency_row: Make) -> None:
    rows = [latency_row(4.0, country=country) for country in ("GB", "DE")]
    said = answer("latency", rows, ("country",)).plot().layout.title.subtitle.text
    assert "200 of 1,800 delivered timed from the accepted receipt" in said


def test_less_than_a_second_is_an_arrow_at_the_axis_edge_with_its_value_in_words(
    answer: Make, latency_row: Make
) -> None:
    figure = answer("latency", [latency_row(-3.0)]).plot()
    half = dots(figure)[0]
    assert (half.x, half.marker.symbol) == ((1.0,), ("triangle-left",))
    assert "half within −3 s" in half.customdata[0]


def test_a_row_without_measurements_stays_without_dots(answer: Make, latency_row: Make) -> None:
    rows = [latency_row(4.0, sender="A"), latency_row(None, sender="B")]
    figure = answer("latency", rows, ("sender",)).plot()
    assert dots(figure)[0].x == (4.0, None)
    shares = next(trace for trace in figure.data if trace.mode == "text")
    assert shares.text == ("70.0%", "–")


def test_days_are_lines_of_half_and_95_percent(
    answer: Make, latency_row: Make, days: list[date], words: Make
) -> None:
    rows = [latency_row(4.0 + at, day=day) for at, day in enumerate(days) if at != 3]
    figure = answer("latency", rows, ("day",)).plot()
    half, most = (trace for trace in figure.data if trace.mode == "lines+markers")
    assert half.y == (4.0, 5.0, 6.0, None, 8.0, 9.0, 10.0)
    assert most.y == (32.0, 40.0, 48.0, None, 64.0, 72.0, 80.0)
    assert [dot.y for dot in dots(figure)] == [(11.0, 12.0, 13.0), (88.0, 96.0, 104.0)]
    assert "half 10 s" in words(figure)
    assert "95% 80 s" in words(figure)
    assert figure.layout.yaxis.type == "log"


def test_categories_in_time_are_small_multiples(
    answer: Make, latency_row: Make, days: list[date]
) -> None:
    rows = [latency_row(4.0, country=c, day=day) for c in ("GB", "DE") for day in days]
    figure = answer("latency", rows, ("country", "day")).plot()
    assert {trace.yaxis for trace in figure.data} == {"y", "y2"}
