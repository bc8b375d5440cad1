"""The evidence of a finding: the course of a rate, or the step of a price."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from dlr_analytics.presentation import formats
from dlr_analytics.report.changes import Loss, NewPrice
from dlr_analytics.report.model import Period
from dlr_analytics.report.svg.elements import dot, drawing, line, trace, words
from dlr_analytics.report.svg.scale import Scale

_SIZE: Final = (236, 60)
_RIGHT: Final = 176
"""Where the course ends and its label begins."""
_SPAN: Final = 0.12
"""The least span of a course: as in the cells of tables."""


def rate_course(loss: Loss, days: int) -> Markup:
    """Draw the rate over the days of the period, the usual rate as a line.

    The figures stand beside it, so it has no label for screen readers.
    """
    rates = [rate for _, rate in loss.course]
    low = min([*rates, loss.rate, loss.usual - _SPAN])
    y = Scale(max(low, 0.0), max([*rates, loss.usual]), start=54, end=10)
    x = Scale(0, max(days - 1, 1), start=2, end=_RIGHT)
    kind = "worse" if loss.lasts else "former"
    level = y.at(loss.usual)
    marks = [line((2, level), (_RIGHT, level), "sref")]
    if loss.course:
        points = [(x.at(day), y.at(rate)) for day, rate in loss.course]
        marks += [trace(points, f"line {kind}"), dot(points[-1], 2.5, f"dot {kind}")]
        end = points[-1][1]
        label = formats.rate(loss.rate if loss.lasts else rates[-1])
        marks.append(words((_RIGHT + 8, min(max(end + 4, 12), 58)), label, f"lab {kind}-t"))
    return drawing(*_SIZE, *marks, kind="spark")


def price_step(price: NewPrice, period: Period) -> Markup:
    """Draw a price before and after its change, both named at the line."""
    days = max((period.last - period.first).days, 1)
    at = Scale(0, days, start=2, end=_RIGHT).at((price.since - period.first).days)
    rises = price.price > price.before
    before, now = (40.0, 18.0) if rises else (18.0, 40.0)
    points = [(2.0, before), (at, before), (at, now), (float(_RIGHT), now)]
    left = formats.price(price.before, price.currency)
    right = formats.price(price.price, price.currency)
    return drawing(
        *_SIZE,
        trace(points, "line former"),
        words((2, before + 16 if rises else before - 6), left, "ax"),
        words((_RIGHT, now - 6 if rises else now + 16), right, "lab", "end"),
        kind="spark",
    )
