"""The curve of latency: its points are the shares of the messages, counted one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import dlr_analytics as dlr
from dlr_analytics.errors import UsageError
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def sample() -> Any:
    return dlr.open("tests/data/sample")


def lines(figure: Any) -> dict[str, Any]:
    """The curves by the names in their hover texts."""
    return {
        trace.customdata[0].split("</b>")[0].removeprefix("<b>"): trace
        for trace in figure.data
        if trace.mode == "lines"
    }


def test_each_point_is_the_share_of_the_group_confirmed_by_then(sample: Any) -> None:
    times: dict[str, list[int]] = {}
    for country, seconds in sample.sql(
        "select country, push_latency_s from messages where push_latency_s is not null"
    ):
        times.setdefault(country or "–", []).append(seconds)
    drawn = lines(sample.latency(by="country").plot(kind="curve"))
    assert len(drawn) == min(6, sum(len(every) >= 20 for every in times.values()))
    for country, line in drawn.items():
        every = times[country]
        for at, share in zip(line.x, line.y, strict=True):
            assert share == pytest.approx(sum(s <= at + 1e-9 for s in every) / len(every))


def test_the_largest_groups_are_drawn_and_named(sample: Any, words: Make) -> None:
    result = sample.latency(by="network_code")
    figure = result.plot(kind="curve")
    at = result.columns.index("push_measured")
    largest = sorted(result.rows(), key=lambda row: -row[at])[:6]
    assert set(lines(figure)) == {row[0] for row in largest}
    assert all(f">{row[0]} · half " in words(figure) for row in largest)
    assert len({line.line.color for line in lines(figure).values()}) == 6


def test_time_is_logarithmic_and_shares_go_from_nothing_to_all(sample: Any) -> None:
    figure = sample.latency().plot(kind="curve")
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.yaxis.range[0] == 0
    (line,) = lines(figure).values()
    assert line.y[-1] == 1


def test_a_target_is_a_line_with_the_share_by_then(sample: Any, words: Make) -> None:
    result = sample.latency()
    exact = sample.sql(
        "select avg(case when push_latency_s <= 30 then 1 else 0 end) from messages"
        " where push_latency_s is not null"
    ).rows()[0][0]
    figure = result.plot(kind="curve", target=30)
    (shape,) = figure.layout.shapes
    assert (shape.x0, shape.x1) == (30, 30)
    assert "target 30 s" in words(figure)
    said = next(text for text in words(figure).split("\n") if "all messages · " in text)
    assert float(said.split("· ")[1].split("%")[0]) == pytest.approx(100 * exact, abs=1.5)


@pytest.mark.parametrize("target", [0, -3, float("nan"), float("inf")])
def test_a_target_that_is_no_time_is_refused(sample: Any, target: float) -> None:
    with pytest.raises(UsageError, match="number of seconds"):
        sample.latency().plot(kind="curve", target=target)


def test_a_chart_without_a_target_says_which_has_one(sample: Any) -> None:
    with pytest.raises(UsageError, match="has no target"):
        sample.latency().plot(target=30)


def test_too_few_measured_are_a_sentence(answer: Make, latency_row: Make) -> None:
    row = {**latency_row(4.0), "push_measured": 19}
    few = replace(answer("latency", [row]), own={"curve": lambda: pytest.fail("asked")})
    figure = few.plot(kind="curve")
    assert len(figure.data) == 0
    assert "Fewer than 20 messages" in figure.layout.title.subtitle.text


def test_a_curve_is_of_the_same_messages_as_its_table_though_more_arrived(tmp_path: Path) -> None:
    def later(name: str, seconds: float) -> list[Any]:
        return [receipt(name, "accepted", seconds), receipt(name, "delivered", seconds + 9)]

    receive(tmp_path, [one for at in range(30) for one in later(f"A{at}", at)])
    result = dlr.open(tmp_path).latency()
    receive(tmp_path, [one for at in range(30) for one in later(f"B{at}", 3600 + at)])
    (measured,) = result["push_measured"]
    assert measured == 30
    assert sum(row[-1] for row in result.own["curve"]()) == measured
