"""What holds of every chart, whatever the metric and its ``by``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.errors import UsageError
from dlr_analytics.notebook.charts.elements.template import Chart

Make = Callable[..., Any]

HOSTILE = "<a href='javascript:alert(1)'>=1+1</a>$\\frac{1}{2}$\u202e\n" + "x" * 10_000

SHAPES = [(), ("sender",), ("day",), ("sender", "day"), ("sender", "week", "day")]


@pytest.fixture
def hostile(
    answer: Make,
    rate_row: Make,
    latency_row: Make,
    cost_row: Make,
    error_row: Make,
    quality_row: Make,
    coverage_row: Make,
    offset_row: Make,
) -> Callable[[str, tuple[str, ...]], Any]:
    """A result of any metric and shape whose text is a stranger's."""
    makers: dict[str, Callable[..., dict[str, Any]]] = {
        "delivery-rate": lambda **by: rate_row(500, 0.9, 5, **by),
        "latency": lambda **by: latency_row(4.0, **by),
        "cost": lambda **by: cost_row("10.5", "0.5", currency=HOSTILE[:3], **by),
        "errors": lambda **by: error_row(77, 20, HOSTILE, **by),
        "quality": lambda **by: quality_row(HOSTILE, 20, **by),
        "coverage": lambda **by: coverage_row(200, 0.9, **by),
        "scts-offsets": lambda **by: offset_row(60, **by),
    }

    def make(metric: str, by: tuple[str, ...]) -> Any:
        values = {"sender": HOSTILE, "day": date(2026, 11, 22), "week": date(2026, 11, 16)}
        return answer(metric, [makers[metric](**{name: values[name] for name in by})], by)

    return make


@pytest.mark.parametrize("by", SHAPES, ids=",".join)
@pytest.mark.parametrize("metric", METRICS)
def test_a_strangers_text_is_shown_as_text_and_short(
    hostile: Make, metric: str, by: tuple[str, ...]
) -> None:
    figure = hostile(metric, by).plot()
    shown = [figure.layout.title.text, figure.layout.title.subtitle.text]
    shown += [note.text for note in figure.layout.annotations]
    shown += [name for axis in figure.select_yaxes() for name in axis.ticktext or ()]
    shown += [text for trace in figure.data for text in trace.customdata or ()]
    shown += [text for trace in figure.data for text in trace.text or ()]
    for text in filter(None, shown):
        assert "<a " not in text
        assert "$" not in text
        assert "\u202e" not in text
        assert len(text) < 400


@pytest.mark.parametrize("by", SHAPES, ids=",".join)
@pytest.mark.parametrize("metric", METRICS)
def test_every_chart_is_transparent_and_named_without_a_legend(
    hostile: Make, metric: str, by: tuple[str, ...]
) -> None:
    figure = hostile(metric, by).plot()
    template = figure.layout.template.layout
    assert (template.paper_bgcolor, template.plot_bgcolor) == ("rgba(0,0,0,0)",) * 2
    assert (template.showlegend, template.font.size) == (False, 13)
    assert figure.layout.title.text
    assert figure.layout.title.subtitle.text
    assert json.loads(figure.to_json())["data"]


@pytest.mark.parametrize("metric", ["delivery-rate", "latency", "cost", "coverage"])
def test_without_messages_a_sentence_stands_for_the_chart(
    answer: Make, hostile: Make, metric: str
) -> None:
    columns = hostile(metric, ()).columns
    for result in (answer(metric, [], ("day",), columns), hostile(metric, ())):
        rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
        empty = answer(metric, [{**row, "messages": 0} for row in rows], columns=columns)
        figure = empty.plot()
        assert len(figure.data) == 0
        assert "No messages to show" in figure.layout.title.subtitle.text


def test_a_statement_of_ones_own_has_no_chart_and_says_what_to_do(answer: Make) -> None:
    with pytest.raises(UsageError, match=r"draw its \.df\(\) with plotly"):
        answer("sql", [{"messages": 1}]).plot()


def test_the_tool_bar_neither_uploads_nor_advertises(answer: Make, rate_row: Make) -> None:
    figure = answer("delivery-rate", [rate_row(10, 0.9)]).plot()
    assert isinstance(figure, Chart)
    page = figure.to_html(include_plotlyjs=False)
    assert '"showSendToCloud": false' in page
    assert '"displaylogo": false' in page


def test_a_setting_of_ones_own_for_the_tool_bar_is_kept(answer: Make, rate_row: Make) -> None:
    figure = answer("delivery-rate", [rate_row(10, 0.9)]).plot()
    page = figure.to_html(include_plotlyjs=False, config={"scrollZoom": True})
    assert '"scrollZoom": true' in page
    assert '"showSendToCloud": false' in page
