"""Marks: each function makes one plotly trace from lists of equal length.

A missing value is None and leaves a gap. ``words`` are the hover texts, one per mark, in plotly's
pseudo-HTML: the caller escapes names in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dlr_analytics.notebook.charts.elements.series import runs
from dlr_analytics.notebook.charts.elements.template import faint
from dlr_analytics.notebook.charts.timeline import following

Values = Sequence[Any]

_SAY = "%{customdata}<extra></extra>"


def line(times: Values, values: Values, words: Values, hue: str) -> go.Scatter:
    """A line with gaps; a point between two gaps is a dot, to be visible."""
    alone = {run.start for run in runs(values) if run.stop - run.start == 1}
    return go.Scatter(
        x=list(times),
        y=list(values),
        mode="lines+markers",
        line={"color": hue, "width": 2.5},
        marker={"size": [7 if at in alone else 0 for at in range(len(values))]},
        connectgaps=False,
        customdata=list(words),
        hovertemplate=_SAY,
    )


def band(times: Values, low: Values, high: Values, hue: str) -> go.Scatter:
    """The interval behind a line, an outline per run; a single point has a stroke."""
    across: list[Any] = []
    along: list[Any] = []
    for run in runs(low):
        across += [*times[run], *reversed(times[run]), None]
        along += [*low[run], *reversed(high[run]), None]
    return go.Scatter(
        x=across,
        y=along,
        mode="lines",
        line={"color": faint(hue, 0.25), "width": 1},
        fill="toself",
        fillcolor=faint(hue, 0.25),
        hoverinfo="skip",
    )


def ranges(
    times: Sequence[date], low: Values, high: Values, words: Values, grain: str, hue: str
) -> go.Bar:
    """Hollow bars from one value to another, a third of a step wide."""
    return go.Bar(
        x=list(times),
        base=list(low),
        y=[None if b is None else t - b for b, t in zip(low, high, strict=True)],
        width=_widths(times, grain, 0.35),
        marker={"color": faint(hue, 0.15), "line": {"color": hue, "width": 1.2}},
        customdata=list(words),
        hovertemplate=_SAY,
    )


def hollow_dots(times: Values, values: Values, hue: str, words: Values = ()) -> go.Scatter:
    """Dots for unsettled values; without ``words`` the bar behind has the hover text."""
    return go.Scatter(
        x=list(times),
        y=list(values),
        mode="markers",
        marker={"symbol": "circle-open", "size": 7, "color": hue, "line": {"width": 1.8}},
        cliponaxis=False,
        customdata=list(words) or None,
        **({"hovertemplate": _SAY} if words else {"hoverinfo": "skip"}),
    )


def dots(
    values: Values, names: Values, words: Values, hue: str | Sequence[str], **marker: Any
) -> go.Scatter:
    """A dot per row, in one colour or one each."""
    return go.Scatter(
        x=list(values),
        y=list(names),
        mode="markers",
        marker={"color": hue, "size": 9, **marker},
        cliponaxis=False,
        customdata=list(words),
        hovertemplate=_SAY,
    )


def stretches(low: Values, high: Values, names: Values, hue: str, width: float) -> go.Scatter:
    """A horizontal stroke per row, from one value to another."""
    across: list[Any] = []
    along: list[Any] = []
    for left, right, name in zip(low, high, names, strict=True):
        across += [left, right, None]
        along += [name, name, None]
    return go.Scatter(
        x=across,
        y=along,
        mode="lines",
        line={"color": hue, "width": width},
        hoverinfo="skip",
    )


def bars(values: Values, names: Values, words: Values, hue: str, hatch: str = "") -> go.Bar:
    """Horizontal bars from zero."""
    return go.Bar(
        x=[_drawn(value) for value in values],
        y=list(names),
        orientation="h",
        marker={"color": hue, "pattern": {"shape": hatch, "fillmode": "overlay"}},
        customdata=list(words),
        hovertemplate=_SAY,
    )


def spans(
    starts: Sequence[float],
    ends: Sequence[float],
    names: Values,
    words: Values,
    hues: Sequence[str],
    hatches: Sequence[str],
) -> go.Bar:
    """Horizontal bars from one value to another, with a colour and a hatch each."""
    return go.Bar(
        x=[end - start for start, end in zip(starts, ends, strict=True)],
        base=list(starts),
        y=list(names),
        orientation="h",
        marker={"color": hues, "pattern": {"shape": hatches, "fillmode": "overlay"}},
        customdata=list(words),
        hovertemplate=_SAY,
    )


def thin_line(across: Values, along: Values, hue: str) -> go.Scatter:
    """A thin line with gaps at None, without hover texts."""
    return go.Scatter(
        x=list(across),
        y=list(along),
        mode="lines",
        line={"color": hue, "width": 1},
        hoverinfo="skip",
    )


def columns(
    times: Sequence[date], values: Values, words: Values, grain: str, hue: str, hatch: str = ""
) -> go.Bar:
    """Columns from zero on a time axis, two thirds of a step wide."""
    return go.Bar(
        x=list(times),
        y=[_drawn(value) for value in values],
        width=_widths(times, grain, 0.65),
        marker={"color": hue, "pattern": {"shape": hatch, "fillmode": "overlay"}},
        customdata=list(words),
        hovertemplate=_SAY,
    )


def figures(values: Values, names: Values, texts: Values) -> go.Scatter:
    """Texts behind the ends of bars."""
    return go.Scatter(
        x=[_drawn(value) for value in values],
        y=list(names),
        mode="text",
        text=[f" {text}" for text in texts],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )


def _widths(times: Sequence[date], grain: str, share: float) -> list[float]:
    """The widths of columns in milliseconds; plotly draws a lone one as a hairline."""
    return [1000 * share * (following(at, grain) - at).total_seconds() for at in times]


def _drawn(value: Any) -> float | None:
    """A length to draw, as a float: only texts need exact money."""
    return None if value is None else float(value)
