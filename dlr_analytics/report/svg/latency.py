"""How long delivery took: the share confirmed over logarithmic time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from dlr_analytics.presentation.formats import duration
from dlr_analytics.report.speeds import Curve
from dlr_analytics.report.svg.chart import MEAN_CHARACTER, Chart, Layout, drawn_twice, share_axis
from dlr_analytics.report.svg.elements import Point, line, tag, trace, words
from dlr_analytics.report.svg.scale import Scale

_LAYOUTS: Final = (
    Layout("wide", 1000, 324, left=46, right=840, top=16, bottom=296),
    Layout("narrow", 360, 264, left=40, right=346, top=16, bottom=236),
)
_LONGEST_S: Final = 7200.0
_NAMED: Final = ((1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"))
_BETWEEN: Final = (2, 5, 30, 120, 300, 1800)
_LABEL_AT: Final = {"fast": 0.86, "all": 0.72, "slow": 0.36}
"""The share at which each curve is labelled, so that labels do not overlap."""

ROLES: Final = ("all", "fast", "slow")
"""The roles of the first, second and third curve: all places, the fastest, the slowest."""


def latency_curves(curves: Sequence[Curve]) -> Chart:
    """Draw up to three curves: all places first, then the fastest and the slowest.

    Parameters
    ----------
    curves : sequence of Curve
        Seconds and shares, both rising; at least one curve.
    """
    named = list(zip(ROLES, curves, strict=False))

    def marks(at: Layout) -> Iterator[Markup]:
        y = Scale(0.0, 1.0, start=at.bottom, end=at.top)
        x = Scale(1.0, _LONGEST_S, start=at.left, end=at.right, logarithmic=True)
        yield from share_axis(at, y, (0, 0.25, 0.5, 0.75, 1.0))
        yield from _time_axis(at, x)
        yield from _half(at, y)
        for role, curve in reversed(named):
            yield from _curve(role, curve, x, y)
        for role, curve in named:
            yield _name(at, role, curve, x, y)

    return drawn_twice(_LAYOUTS, _sentence(curves), marks)


def _time_axis(at: Layout, x: Scale) -> Iterator[Markup]:
    for seconds, name in _NAMED:
        yield line((x.at(seconds), at.top), (x.at(seconds), at.bottom + 5), "grid")
        yield words((x.at(seconds), at.bottom + 19), name, "ax", "middle")
    for seconds in _BETWEEN:
        yield line((x.at(seconds), at.bottom), (x.at(seconds), at.bottom + 4), "base")


def _half(at: Layout, y: Scale) -> Iterator[Markup]:
    yield words((at.right, y.at(0.5) - 7), "half of the measured", "ax halo", "end")
    if at.wide:
        yield words((at.right + 10, at.top + 4), "Undelivered messages", "ax")
        yield words((at.right + 10, at.top + 20), "are not in these curves", "ax")


def _curve(role: str, curve: Curve, x: Scale, y: Scale) -> Iterator[Markup]:
    inside = [(seconds, share) for seconds, share in curve.points if 1 <= seconds <= _LONGEST_S]
    points: list[Point] = [(x.at(seconds), y.at(share)) for seconds, share in inside]
    if len(points) > 1:
        yield trace(points, f"line {role}")
    half = within(curve, 0.5)
    if half is not None and half <= _LONGEST_S:
        note = tag("title", f"{curve.label}: half within {duration(half)}")
        centre = {"cx": x.at(max(half, 1.0)), "cy": y.at(0.5)}
        yield tag("circle", note, **centre, r=4, class_=f"dot {role}")


def _name(at: Layout, role: str, curve: Curve, x: Scale, y: Scale) -> Markup:
    """Label a curve: the fastest to its left if there is room, others right."""
    share = _LABEL_AT[role]
    seconds = within(curve, share) or _LONGEST_S
    beside, height = x.at(max(seconds, 1.0)), y.at(share) + 4
    room = beside if role == "fast" else at.width - beside
    name = curve.label
    if _long(name) > room and name.partition(" ")[0].isdigit():
        name = name.partition(" ")[0]  # a network's code names it too
    kind, left, right = f"lab {role}-t halo", (beside - 12, height), (beside + 12, height)
    if role == "fast" and _long(name) <= beside:
        return words(left, name, kind, "end")
    if beside + _long(name) <= at.width:
        return words(right, name, kind)
    return words((at.width, height), name, kind, "end")


def _long(name: str) -> float:
    return MEAN_CHARACTER * len(name) + 12


def within(curve: Curve, share: float) -> float | None:
    """Return the seconds within which a share was confirmed, None if it never was.

    Between points it interpolates over the logarithm of time.

    >>> within(Curve("all", ((1, 0.0), (4, 0.5), (16, 1.0))), 0.5)
    4.0
    """
    before = (1.0, 0.0)
    for seconds, reached in curve.points:
        if reached >= share:
            if reached == before[1] or seconds <= 1:
                return float(seconds)
            part = (share - before[1]) / (reached - before[1])
            return float(max(before[0], 1.0) * (seconds / max(before[0], 1.0)) ** part)
        before = (seconds, reached)
    return None


def _sentence(curves: Sequence[Curve]) -> str:
    halves = [
        f"{curve.label}: half within {duration(within(curve, 0.5))}, "
        f"95% within {duration(within(curve, 0.95))}."
        for curve in curves
    ]
    first = "Rising curves on a logarithmic time axis, the share of delivered messages confirmed."
    return " ".join([first, *halves, "The figures follow as a table."])
