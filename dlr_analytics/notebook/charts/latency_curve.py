"""The curve of ``latency``: the share of messages confirmed within a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import plotly.graph_objects as go

from dlr_analytics.errors import UsageError
from dlr_analytics.notebook.charts.elements import axes, frame
from dlr_analytics.notebook.charts.elements.series import escape, grouped, largest, rows_of
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.captions import title
from dlr_analytics.report.speeds import FEW_MEASURED, Curve
from dlr_analytics.report.svg.latency import within

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUES: Final = tuple(MIDTONES.values())

MOST: Final = len(HUES)
"""More curves would need two of one colour."""

MEASURE: Final = "share of the messages measured that were confirmed within a time, by push time"
BOUND: Final = "an upper bound of the time; undelivered messages are not in it"


@dataclass(frozen=True, slots=True)
class Named:
    """A curve, its colour, and the share beside which its name is written."""

    curve: Curve
    hue: str
    share: float


def curve(result: Result, target: float | None = None) -> Chart:
    """Draw the curves of a ``latency`` result, at most six, the largest groups.

    Parameters
    ----------
    result : Result
        By any columns, or none.
    target : float, optional
        Seconds: draws a line there, and writes the share confirmed by then beside each name.

    Raises
    ------
    UsageError
        If the target is no positive number, or the result has no curve.
    """
    if target is not None and not (target > 0 and math.isfinite(target)):
        raise UsageError("the target of a latency curve is a number of seconds", "target=30")
    if "curve" not in result.own:
        raise UsageError("this result has no curve", "ask db.latency(…) for one")
    every = grouped(rows_of(result), result.by)
    enough = [one for one in every if one.total("push_measured") >= FEW_MEASURED]
    if not enough:
        few = f"Fewer than {FEW_MEASURED} messages have a latency: too few for a curve."
        return frame.title_only(title(result), few)
    shown = largest(enough, lambda one: one.total("push_measured"), MOST)
    steps = _steps(result.own["curve"](), result.by)
    curves = [
        _cumulated(one.label or "all messages", steps[_key(one.rows[0], result.by)])
        for one in shown
    ]
    place = frame.single_panel(height=340)
    _draw(place, _named(curves), target)
    seconds = [at for one in curves for at, _ in one.points]
    x = axes.of_durations([*seconds, target])
    place.axes({**x, "showgrid": True}, {**axes.of_rates(0.0), "range": [0, 1.02]})
    few = f"{len(every) - len(enough)} with fewer than {FEW_MEASURED} measured left out"
    return frame.with_title(
        place.chart,
        title(result),
        frame.join_parts(MEASURE, frame.selection_note(len(shown), len(enough), "measured")),
        frame.join_parts(BOUND, few if len(enough) < len(every) else ""),
    )


def _key(row: Mapping[str, Any], by: Sequence[str]) -> str:
    """The group of a row; a value may be a list."""
    return repr([row[name] for name in by])


def _steps(found: Result, by: Sequence[str]) -> dict[str, list[tuple[float, int]]]:
    """Seconds and messages of each group, in order of time."""
    steps: dict[str, list[tuple[float, int]]] = {}
    for row in rows_of(found):
        steps.setdefault(_key(row, by), []).append((row["within_s"], row["messages"]))
    return {key: sorted(points) for key, points in steps.items()}


def _cumulated(label: str, steps: Sequence[tuple[float, int]]) -> Curve:
    so_far = list(accumulate(messages for _, messages in steps))
    seconds = [at for at, _ in steps]
    return Curve(label, tuple((at, n / so_far[-1]) for at, n in zip(seconds, so_far, strict=True)))


def _named(curves: Sequence[Curve]) -> list[Named]:
    """Colours by size, and names at falling heights from the fastest to the slowest."""
    speeds = sorted(range(len(curves)), key=lambda at: within(curves[at], 0.5) or math.inf)
    heights = {place: 0.85 - 0.7 * rank / len(curves) for rank, place in enumerate(speeds)}
    hues = HUES if len(curves) > 1 else HUES[:1]
    return [Named(one, hues[at], heights[at]) for at, one in enumerate(curves)]


def _draw(place: frame.Panel, drawn: Sequence[Named], target: float | None) -> None:
    fastest = max(drawn, key=lambda one: one.share)
    for one in reversed(drawn):  # the largest group on top
        place.draw(_line(one))
    for one in drawn:
        at = within(one.curve, one.share) or 1.0
        left = one is fastest and len(drawn) > 1
        others = [within(other.curve, one.share) or 1.0 for other in drawn]
        beyond = at if left else max([*others, target or 1.0])
        place.draw(_leader(one, at, beyond))
        place.note(
            f'<b style="color:{one.hue}">{_name(one.curve, target)}</b>',
            # On a logarithmic axis plotly takes logarithms for texts, values for marks.
            x=math.log10(max(1.0, beyond)),
            y=one.share,
            xanchor="right" if left else "left",
            xshift=-8 if left else 8,
        )
    if target is not None:
        place.chart.add_vline(x=target, line={"color": INK, "width": 1.5, "dash": "dot"})
        place.note(
            f"target {formats.duration(target)}",
            x=math.log10(target),
            y=0,
            xanchor="left",
            yanchor="bottom",
            xshift=4,
        )


def _leader(one: Named, at: float, beyond: float) -> go.Scatter:
    """A dot on a curve, and a thin line past the others to its name."""
    return go.Scatter(
        x=[at, beyond],
        y=[one.share, one.share],
        mode="markers+lines",
        marker={"color": one.hue, "size": [6, 0]},
        line={"color": faint(one.hue, 0.7), "width": 1},
        hoverinfo="skip",
    )


def _line(one: Named) -> go.Scatter:
    said = [
        f"<b>{escape(one.curve.label)}</b><br>"
        f"{formats.rate(share)} within {formats.duration(seconds)}"
        for seconds, share in one.curve.points
    ]
    return go.Scatter(
        x=[seconds for seconds, _ in one.curve.points],
        y=[share for _, share in one.curve.points],
        mode="lines",
        line={"color": one.hue, "width": 2.5},
        customdata=said,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _name(one: Curve, target: float | None) -> str:
    """The name, with the share by the target or the time of one half."""
    if target is None:
        return f"{escape(one.label)} · half {formats.duration(within(one, 0.5))}"
    return f"{escape(one.label)} · {formats.rate(share_within(one, target), 0)}"


def share_within(one: Curve, target: float) -> float:
    """The share confirmed within a time, between steps over the logarithm of time.

    Examples
    --------
    >>> curve = Curve("all", ((1, 0.0), (4, 0.5), (16, 1.0)))
    >>> [share_within(curve, seconds) for seconds in (0.5, 1, 2, 4, 99)]
    [0.0, 0.0, 0.25, 0.5, 1.0]
    """
    before: tuple[float, float] | None = None
    for seconds, share in one.points:
        if seconds > target:
            if before is None:
                return 0.0
            part = math.log(target / before[0]) / math.log(seconds / before[0])
            return before[1] + part * (share - before[1])
        before = (seconds, share)
    return 1.0
