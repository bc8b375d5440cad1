"""The chart of ``decompose``: a waterfall whose parts add up."""

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
    "period": Period(datetime(2026, 11, 9), datetime(2026, 11, 16)),
    "before": Period(datetime(2026, 11, 2), datetime(2026, 11, 9)),
}


@pytest.fixture
def moved() -> Callable[..., list[dict[str, Any]]]:
    """Rows of ``decompose``: equal shares that stay, and rates that rise by these."""

    def make(*rises: float, **by: Any) -> list[dict[str, Any]]:
        share = 1 / len(rises)
        return [
            {
                "network_code": f"2341{at}",
                **by,
                "messages_before": 100,
                "messages": 100,
                "share_before": share,
                "share": share,
                "value_before": 0.9,
                "value": 0.9 + rise,
                "mix_effect": 0.0,
                "rate_effect": share * rise,
                "effect": share * rise,
            }
            for at, rise in enumerate(rises)
        ]

    return make


def drawn(answer: Make, rows: list[dict[str, Any]], by: tuple[str, ...], **own: Any) -> Any:
    return replace(answer("decompose", rows, by), own=OWN | own).plot()


def bars(figure: Any) -> Any:
    return next(trace for trace in figure.data if trace.type == "bar")


BY = ("network_code",)


def test_the_four_largest_have_a_bar_then_the_others_then_the_mix(
    answer: Make, moved: Make
) -> None:
    figure = drawn(answer, moved(-0.01, 0.06, -0.05, 0.04, 0.02, 0.03, -0.01), BY)
    assert list(bars(figure).y) == ["23411", "23412", "23413", "23415", "3 others", "mix"]


def test_five_groups_are_all_named(answer: Make, moved: Make) -> None:
    figure = drawn(answer, moved(0.05, 0.04, 0.03, 0.02, 0.01), BY)
    assert list(bars(figure).y) == ["23410", "23411", "23412", "23413", "23414", "mix"]


def test_the_bars_lead_from_the_figure_before_to_the_figure_now(answer: Make, moved: Make) -> None:
    figure = drawn(answer, moved(-0.01, 0.06, -0.05, 0.04, 0.02, 0.03, -0.01), BY)
    bar = bars(figure)
    ends = [base + length for base, length in zip(bar.base, bar.x, strict=True)]
    before, now = next(
        trace.x for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"
    )
    assert bar.base[0] == pytest.approx(before)
    assert list(bar.base[1:]) == pytest.approx(ends[:-1])
    assert ends[-1] == pytest.approx(now)
    low, high = figure.layout.xaxis.range
    assert low < min(*ends, before)
    assert high > max(*ends, before)


def test_one_group_has_no_mix(answer: Make, moved: Make) -> None:
    rows = [{key: row[key] for key in row if key != "network_code"} for row in moved(0.02)]
    figure = drawn(answer, rows, ())
    assert list(bars(figure).y) == ["all messages"]


def test_a_group_that_is_named_like_a_bar_keeps_its_own(answer: Make, moved: Make) -> None:
    rows = [moved(rise, network_code=name)[0] for name, rise in (("mix", 0.02), ("now", 0.01))]
    figure = drawn(answer, rows, BY)
    assert list(bars(figure).y) == ["mix", "now", "mix (2)"]
    assert list(bars(figure).marker.pattern.shape) == ["", "", "/"]


def test_a_new_group_has_no_figure_before(answer: Make, moved: Make) -> None:
    rows = moved(0.02, 0.01)
    rows[0] |= {"value_before": None, "share_before": 0.0, "rate_effect": 0.0, "mix_effect": 0.45}
    said = bars(drawn(answer, rows, BY)).customdata
    assert any("– → 92.00%" in text for text in said)


def test_it_says_which_periods_and_which_figure(answer: Make, moved: Make, words: Make) -> None:
    said = words(drawn(answer, moved(0.01), BY))
    assert "delivery rate, 9 to 15 November 2026 (UTC), against 2 to 8 November 2026 (UTC)" in said
    said = words(drawn(answer, moved(0.01), BY, figure="cost_per_message"))
    assert "cost per message" in said
