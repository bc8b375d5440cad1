"""Rates of many hours: a line over 24 hours, which is the rate of those hours together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.notebook.charts.rate_by_hour import running_rates

Make = Callable[..., Any]

FIRST = datetime(2026, 11, 1)

HOURS = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 300), st.integers(0, 300)), max_size=80
)
"""Hours since the one before, delivered and other messages."""


@given(HOURS)
def test_a_running_rate_is_that_of_all_messages_of_the_24_hours(
    drawn: list[tuple[int, int, int]],
) -> None:
    rows: list[dict[str, Any]] = []
    at = FIRST
    for step, delivered, other in drawn:
        at += timedelta(hours=step)
        n = delivered + other
        rows.append(
            {
                "hour": at,
                "messages": n,
                "n": delivered,
                "delivery_rate": delivered / n if n else None,
            }
        )
    for row, rate in zip(rows, running_rates(rows), strict=True):
        day = [one for one in rows if 0 <= (row["hour"] - one["hour"]) // timedelta(hours=1) < 24]
        messages = sum(one["messages"] for one in day)
        if messages < 100:
            assert rate is None
        else:
            assert rate == pytest.approx(sum(one["n"] for one in day) / messages)


@pytest.fixture
def month(answer: Make, rate_row: Make) -> Any:
    """Ten days of hours: nights of 5 messages, one hour with nothing delivered."""
    rows = [
        rate_row(
            5 if at % 24 < 5 else 200,
            0.0 if at == 106 or at % 24 < 2 else 0.97,
            20 if at >= 200 and at % 24 >= 5 else 0,
            hour=datetime(2026, 11, 14) + timedelta(hours=at),
        )
        for at in range(240)
    ]
    return answer("delivery-rate", rows, ("hour",))


def test_many_hours_are_one_line_over_24_hours_with_the_hours_as_dots(month: Any) -> None:
    figure = month.plot()
    (line,) = (trace for trace in figure.data if trace.mode == "lines+markers")
    settled, _ = (trace for trace in figure.data if trace.mode == "markers")
    assert len(set(line.y)) > 1
    assert min(rate for rate in line.y if rate is not None) > 0.9
    assert all(hour.hour >= 5 for hour in settled.x), "nights have too few messages for a dot"
    assert "line: the last 24 hours" in figure.layout.title.subtitle.text


def test_an_hour_far_below_is_an_arrow_at_the_edge_and_stretches_no_axis(month: Any) -> None:
    figure = month.plot()
    dots, _ = (trace for trace in figure.data if trace.mode == "markers")
    low = [place for place, symbol in enumerate(dots.marker.symbol) if symbol == "triangle-down"]
    assert [dots.x[place] for place in low] == [datetime(2026, 11, 18, 10)]
    assert [dots.y[place] for place in low] == [figure.layout.yaxis.range[0]]
    assert "<b>0.0%</b>" in dots.customdata[low[0]]
    assert figure.layout.yaxis.range[0] >= 0.85


def test_few_hours_keep_their_line_and_interval(answer: Make, rate_row: Make) -> None:
    rows = [rate_row(200, 0.9, hour=FIRST + timedelta(hours=at)) for at in range(48)]
    figure = answer("delivery-rate", rows, ("hour",)).plot()
    (line,) = (trace for trace in figure.data if trace.mode == "lines+markers")
    assert list(line.y) == [row["delivery_rate"] for row in rows]
    assert any(trace.fill == "toself" for trace in figure.data)


def test_the_line_breaks_where_there_was_no_message_for_a_day(answer: Make, rate_row: Make) -> None:
    hours = [at for at in range(240) if not 100 <= at < 130]
    rows = [rate_row(200, 0.9, hour=FIRST + timedelta(hours=at)) for at in hours]
    figure = answer("delivery-rate", rows, ("hour",)).plot()
    (line,) = (trace for trace in figure.data if trace.mode == "lines+markers")
    assert [at for at, rate in zip(line.x, line.y, strict=True) if rate is None] == [
        FIRST + timedelta(hours=99 + 24)
    ]
