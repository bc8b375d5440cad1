"""The chart of ``compare``: a dot, an interval and a verdict for each group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from dlr_analytics.analysis.studies.periods import Period

Make = Callable[..., Any]

OWN = {
    "figure": "delivery_rate",
    "period": Period(datetime(2026, 11, 16), datetime(2026, 11, 23)),
}


@pytest.fixture
def compare_row() -> Callable[..., dict[str, Any]]:
    """A row of ``compare``; without ``half``, there are too few periods."""

    def make(difference: float | None, half: float | None = 0.01, **by: Any) -> dict[str, Any]:
        known = difference is not None and half is not None
        changed = known and abs(difference or 0) > (half or 0)
        return {
            **by,
            "messages": 1000,
            "value": None if difference is None else 0.9 + difference,
            "usual": 0.9,
            "difference": difference,
            "low": (difference or 0) - (half or 0) if known else None,
            "high": (difference or 0) + (half or 0) if known else None,
            "periods": 12 if known else 4,
            "p": 0.01 if known else None,
            "p_adjusted": 0.02 if known else None,
            "tested": 2,
            "verdict": "too few" if not known else "changed" if changed else "within noise",
        }

    return make


def drawn(answer: Make, rows: list[dict[str, Any]], **own: Any) -> Any:
    result = answer("compare", rows, ("network_code",))
    return replace(result, own=OWN | own).plot()


def dots(figure: Any) -> Any:
    return next(trace for trace in figure.data if trace.mode == "markers")


def test_a_group_has_a_dot_an_interval_and_its_verdict(
    answer: Make, compare_row: Make, words: Make
) -> None:
    rows = [compare_row(-0.03, network_code="23410"), compare_row(0.004, network_code="26201")]
    figure = drawn(answer, rows)
    assert dots(figure).x == pytest.approx((-3.0, 0.4))
    assert dots(figure).y == ("23410", "26201")
    texts = [trace.text for trace in figure.data if trace.mode == "text"]
    assert [" ".join(text.split()) for text in texts[0]] == [
        "−3.0 points <b>changed</b>",
        "+0.4 points <b>within noise</b>",
    ]
    assert "16 to 22 November 2026 (UTC)" in words(figure)


def test_only_what_changed_has_a_colour_and_worse_is_another_than_better(
    answer: Make, compare_row: Make
) -> None:
    rows = [compare_row(d, network_code=str(at)) for at, d in enumerate((-0.03, 0.03, 0.001))]
    worse, better, noise = dots(drawn(answer, rows)).marker.color
    assert len({worse, better, noise}) == 3
    dearer, cheaper, _ = dots(drawn(answer, rows, figure="cost_per_message")).marker.color
    assert (dearer, cheaper) == (better, worse)


def test_where_there_are_too_few_periods_the_dot_is_hollow_and_has_no_interval(
    answer: Make, compare_row: Make
) -> None:
    rows = [compare_row(-0.03, network_code="1"), compare_row(0.01, half=None, network_code="2")]
    figure = drawn(answer, rows)
    assert dots(figure).marker.symbol == ("circle", "circle-open")
    strokes = [trace for trace in figure.data if trace.mode == "lines"]
    assert [x for trace in strokes for x in trace.x if x is not None] == pytest.approx([-4, -2])


def test_a_figure_that_is_unknown_has_no_dot(answer: Make, compare_row: Make) -> None:
    assert dots(drawn(answer, [compare_row(None, network_code="1")])).x == (None,)


def test_one_wide_interval_does_not_hide_the_others(answer: Make, compare_row: Make) -> None:
    halves = (0.6, 0.02, 0.02, 0.03)
    rows = [compare_row(0.01, half, network_code=str(at)) for at, half in enumerate(halves)]
    figure = drawn(answer, rows)
    low, high = figure.layout.xaxis.range
    assert high - low < 20
    ends = [x for trace in figure.data if trace.mode == "lines" for x in trace.x if x is not None]
    assert all(low <= end <= high for end in ends)


def test_of_many_groups_thirty_are_shown_and_it_says_so(
    answer: Make, compare_row: Make, words: Make
) -> None:
    figure = drawn(answer, [compare_row(0.01, network_code=str(at)) for at in range(50)])
    assert len(dots(figure).x) == 30
    assert "the 30 with the smallest p of 50" in words(figure)
