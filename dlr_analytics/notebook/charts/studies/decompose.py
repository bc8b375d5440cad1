"""The chart of ``decompose``: a waterfall between two periods."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.figures import (
    Figure,
    dates,
    figure_of,
    span,
)
from dlr_analytics.notebook.charts.elements.series import escape, label, rows_of, unique
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.timeline import Row
from dlr_analytics.presentation import formats
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

LARGEST: Final = 4

DECIMALS: Final = 2
"""Of shares in per cent and of points: bars are short, and their labels should add up."""

MARKS: Final = (
    "bar: what a group's own figure moved; mix: what changed shares moved · dot: the figure"
)


class Step(NamedTuple):
    """A bar of the waterfall; its words are a hover text in pseudo-HTML."""

    name: str
    effect: float
    words: str
    hatch: str = ""


def chart(result: Result) -> Chart:
    """Draw the chart of a ``decompose`` result that has rows."""
    figure = figure_of(result)
    rows = rows_of(result)
    before, now = (_total(rows, *columns) for columns in TOTALS)
    steps = _steps(rows, result.by, figure)
    names = unique(["before", *(step.name for step in steps), "now"])
    levels = list(itertools.accumulate((step.effect for step in steps), initial=before))
    drawn = [figure.scale * level for level in levels]
    (place,) = frame.row_panels(len(names))
    _draw_steps(place, steps, names[1:-1], drawn, figure)
    place.draw(_connectors(drawn, names))
    _draw_ends(place, (names[0], names[-1]), (before, now), figure)
    low, high = span(drawn, 0.01 * drawn[0])
    suffix = "%" if figure.scale > 1 else ""
    across = {"range": [low, high + 0.25 * (high - low)], "ticksuffix": suffix, "nticks": 6}
    place.axes({**across, "side": "top", "showgrid": True}, axes.of_names(names))
    return frame.with_title(place.chart, title(result), _measure(result, figure), MARKS, above=24)


TOTALS: Final = (("share_before", "value_before"), ("share", "value"))


def _total(rows: Sequence[Row], share: str, value: str) -> float:
    """The figure of all messages of a period."""
    return float(sum(row[share] * row[value] for row in rows if row[value] is not None))


def _steps(rows: Sequence[Row], by: Sequence[str], figure: Figure) -> list[Step]:
    """The largest rate effects, those of the other groups as one, and the mix effect."""
    ranked = sorted(rows, key=lambda row: -abs(row["rate_effect"]))
    most = LARGEST + 1 if len(ranked) == LARGEST + 1 else LARGEST
    own, others = ranked[:most], ranked[most:]
    steps = [
        Step(name, row["rate_effect"], f"<b>{escape(name)}</b><br>{_words(row, figure)}")
        for row in own
        for name in [label([row[column] for column in by]) or "all messages"]
    ]
    if others:
        effect = sum(row["rate_effect"] for row in others)
        name = f"{formats.count(len(others))} others"
        together = f"{figure.difference(effect, DECIMALS)} together"
        steps.append(Step(name, effect, f"<b>{name}</b><br>{together}"))
    if by:
        mix = sum(row["mix_effect"] for row in rows)
        words = f"<b>mix</b><br>{figure.difference(mix, DECIMALS)} because shares of groups changed"
        steps.append(Step("mix", mix, words, hatch="/"))
    return steps


def _draw_steps(
    place: frame.Panel,
    steps: Sequence[Step],
    names: Sequence[str],
    levels: Sequence[float],
    figure: Figure,
) -> None:
    words = [step.words for step in steps]
    hues = [figure.hue(step.effect) for step in steps]
    hatches = [step.hatch for step in steps]
    place.draw(marks.spans(levels[:-1], levels[1:], names, words, hues, hatches))
    right = [max(pair) for pair in itertools.pairwise(levels)]
    said = [figure.difference(step.effect, DECIMALS) for step in steps]
    place.draw(marks.figures(right, names, said))


def _draw_ends(
    place: frame.Panel, names: Sequence[str], values: Sequence[float], figure: Figure
) -> None:
    """Draw a dot for the figure before and for that now."""
    drawn = [figure.drawn(value) for value in values]
    said = [figure.value(value, DECIMALS) for value in values]
    words = [f"<b>{name}</b><br>{text}" for name, text in zip(names, said, strict=True)]
    place.draw(marks.dots(drawn, names, words, INK))
    place.draw(marks.figures(drawn, names, [f" {text}" for text in said]))


def _connectors(levels: Sequence[float], names: Sequence[str]) -> object:
    """Upright strokes from the end of each bar to the next."""
    across = [at for level in levels for at in (level, level, None)]
    along = [name for pair in itertools.pairwise(names) for name in (*pair, None)]
    return marks.thin_line(across, along, faint(INK, 0.6))


def _measure(result: Result, figure: Figure) -> str:
    if "period" not in result.own:
        return figure.name
    before, now = (dates(result.own[name], result.tz) for name in ("before", "period"))
    return f"{figure.name}, {now}, against {before}"


def _words(row: Row, figure: Figure) -> str:
    before, now = (figure.value(row[name], DECIMALS) for name in ("value_before", "value"))
    shares = f"share {formats.rate(row['share_before'])} → {formats.rate(row['share'])}"
    own = figure.difference(row["rate_effect"], DECIMALS)
    return f"{before} → {now}, {shares}<br>own figure {own}"
