"""Graphics in the rows of a table; each has its figures as text in the row."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from dlr_analytics.report.model import Group, Place, Tally
from dlr_analytics.report.svg.elements import box, dot, drawing, line, tag, trace, words
from dlr_analytics.report.svg.scale import Scale

_INTERVAL: Final = (150, 20)
_COURSE: Final = (96, 24)
_COURSE_SPAN: Final = 0.12
"""Every course spans these 12 points, so that a steady network looks steady."""

_COURSE_ABOVE: Final = 0.35
"""The part of the span above the network's own rate: rates fall further than they rise."""

_LAST_LABEL: Final = 101
"""The rightmost position of a label that does not overlap the 100% at the end."""


def interval_scale(tallies: Iterable[Tally]) -> Scale:
    """Choose one scale for a table: from 5 points below its lowest rate to 100 %.

    Rates of few messages count only where there are no others. A rate of zero never does: such a
    route confirms nothing, would compress all others at the edge, and gets an arrow instead.
    """
    delivering = [tally for tally in tallies if tally.delivered]
    compared = [tally for tally in delivering if not tally.few] or delivering
    rates = [tally.rate for tally in compared if tally.rate is not None]
    lowest = math.ceil(round(min(rates, default=0.95) * 20, 9)) / 20 - 0.05
    return Scale(max(0.0, lowest), 1.0, start=4, end=146)


def interval_head(scale: Scale) -> Markup:
    """Draw the scale for the head of the column."""
    *inner, top = _ticks(scale)
    # Where a label would overlap the last, every second one is left out: one gap looks like a bug.
    close = inner and scale.at(inner[-1]) > _LAST_LABEL
    apart = inner[-2::-2][::-1] if close else inner
    labels = [words((max(scale.at(t), 9), 11), f"{100 * t:.0f}", "ax", "middle") for t in apart]
    labels.append(words((148, 11), f"{100 * top:.0f}%", "ax", "end"))
    return drawing(150, 14, *labels, kind="ival")


def interval(tally: Tally, scale: Scale) -> Markup:
    """Draw a rate as a dot, its 95 % interval as a bar, cut off as an arrow."""
    track = "M4,10H146" + "".join(f"M{scale.at(t):.1f},7v6" for t in _ticks(scale))
    marks = [tag("path", d=track, class_="track")]
    if tally.rate is not None and tally.low is not None and tally.high is not None:
        left, right = scale.at(tally.low), scale.at(tally.high)
        marks.append(box(left, 6.5, max(right - left, 1.0), 7, "iband"))
        if tally.low < scale.low:
            marks.append(trace([(8, 6), (3, 10), (8, 14)], "arrow"))
        if tally.rate >= scale.low:
            marks.append(dot((scale.at(tally.rate), 10), 3.6, "idot"))
    return drawing(*_INTERVAL, *marks, kind="ival")


def course(place: Place | Group, days: int) -> Markup:
    """Draw the rate over the settled days, centred on the rate of the place."""
    tally = place.tally
    if tally.rate is None or tally.few or len(place.course) < 2:
        return Markup('<span class="few">too few</span>')
    top = tally.rate + _COURSE_SPAN * _COURSE_ABOVE
    y = Scale(top - _COURSE_SPAN, top, start=22, end=2)
    x = Scale(0, max(days - 1, 1), start=2, end=90)
    points = [(x.at(day), y.at(rate)) for day, rate in place.course]
    level = y.at(tally.rate)
    return drawing(
        *_COURSE,
        line((2, level), (90, level), "sref"),
        trace(points, "sline"),
        dot(points[-1], 2.2, "sdot"),
        kind="spark",
    )


def bar(share: float, width: int, kind: str) -> Markup:
    """Draw a bar from zero; ``share`` is its share of the longest one."""
    if share <= 0:
        return drawing(width, 12, kind="bar")
    return drawing(width, 12, box(0, 0, max(share * width, 0.5), 12, kind), kind="bar")


def _ticks(scale: Scale) -> tuple[float, ...]:
    span = 1 - scale.low
    step = 0.05 if span < 0.15 else 0.1 if span < 0.45 else 0.25 if span < 0.65 else 0.5
    steps = math.floor(span / step + 1e-9)
    return tuple(round(1 - step * i, 2) for i in reversed(range(steps + 1)))
