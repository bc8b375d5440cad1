"""The charts of docs/truth.md: small SVG files in the report's colours, light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup

from dlr_analytics.presentation.palette import FONT, css_variables
from dlr_analytics.report.svg.elements import Point, box, dot, line, tag, trace, words
from dlr_analytics.report.svg.scale import Scale

WIDTH: Final = 760
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 56, 590, 20, 262

STYLE: Final = """\
svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}
text{{font:13px {font};fill:var(--ink2)}}.page{{fill:var(--page)}}
.grid{{stroke:var(--grid)}}.truth{{stroke:var(--ink);stroke-width:2}}
.naive{{stroke:var(--neutral);stroke-width:2.5}}.ours{{stroke:var(--delivered);stroke-width:2.5}}
path{{fill:none}}.band{{fill:var(--band)}}
.d-naive{{fill:var(--neutral)}}.d-ours{{fill:var(--delivered)}}.d-truth{{fill:var(--ink)}}
.t-naive{{fill:var(--ink2)}}.t-ours{{fill:var(--delivered);font-weight:bold}}
.t-truth{{fill:var(--ink);font-weight:bold}}"""

Ticks = Iterable[tuple[float, str]]


def picture(label: str, *marks: Markup) -> str:
    """A whole file: the marks on a page of their own, with one sentence that says the result."""
    light, dark = css_variables("light"), css_variables("dark")
    style = Markup(STYLE.format(light=light, dark=dark, font=FONT))
    page = box(0, 0, WIDTH, HEIGHT, "page")
    drawn = tag(
        "svg",
        tag("style", style),
        page,
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        role="img",
        aria_label=label,
    )
    return str(drawn).replace("><", ">\n<") + "\n"


def across(low: float, high: float) -> Scale:
    """A scale from the plot's left to its right."""
    return Scale(low, high, start=LEFT, end=RIGHT)


def upwards(low: float, high: float) -> Scale:
    """A scale from the plot's foot to its top."""
    return Scale(low, high, start=BOTTOM, end=TOP)


def axes(x: Scale, y: Scale, x_ticks: Ticks, y_ticks: Ticks) -> list[Markup]:
    """Horizontal lines with their names, and the names below."""
    marks = []
    for value, name in y_ticks:
        marks.append(line((LEFT, y.at(value)), (RIGHT, y.at(value)), "grid"))
        marks.append(words((LEFT - 8, y.at(value) + 4), name, "ax", "end"))
    below = [words((x.at(value), BOTTOM + 20), name, "ax", "middle") for value, name in x_ticks]
    return marks + below


def named(at: float, height: float, kind: str, *lines: str) -> list[Markup]:
    """Words at the right of a mark, in its colour."""
    return [words((at, height + 4 + 17 * n), text, f"t-{kind}") for n, text in enumerate(lines)]


def path(points: Sequence[Point], kind: str) -> Markup:
    """A line through points."""
    return trace(points, kind)


def dots(points: Iterable[Point], kind: str, radius: float = 2.5) -> list[Markup]:
    """A dot a point."""
    return [dot(point, radius, f"d-{kind}") for point in points]


def interval(x: float, low: float, high: float, kind: str) -> Markup:
    """An upright stroke."""
    return line((x, low), (x, high), kind)
