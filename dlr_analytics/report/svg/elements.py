"""The few SVG elements that the report draws, with their text escaped.

Marks carry a class and no colour: the page's style sheet colours them, so that one drawing serves
light, dark, print and forced colours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

Point = tuple[float, float]

_ATTRIBUTE: Final = Markup(' {}="{}"')
_EMPTY: Final = Markup("<{}{}/>")
_FULL: Final = Markup("<{}{}>{}</{}>")


def tag(name: str, /, *children: str | Markup, **attributes: object) -> Markup:
    """Write an element, with text and attributes escaped.

    Parameters
    ----------
    name : str
        The name of the element, which is not escaped.
    *children : str or Markup
        The content, in order; only text is escaped.
    **attributes
        ``_`` at the end of a name is dropped and within it becomes ``-``; None leaves an
        attribute out; numbers get one decimal.

    Examples
    --------
    >>> print(tag("text", "a < b", x=1.25, class_="ax", text_anchor=None))
    <text x="1.2" class="ax">a &lt; b</text>
    """
    opened = Markup().join(
        _ATTRIBUTE.format(key.rstrip("_").replace("_", "-"), _written(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup().join(children)
    return _FULL.format(name, opened, inner, name) if inner else _EMPTY.format(name, opened)


def drawing(
    width: float, height: float, *marks: Markup, kind: str, label: str | None = None
) -> Markup:
    """Write a drawing: an image with a label, or without one an ornament.

    >>> print(drawing(90, 12, kind="bar"))
    <svg class="bar" viewBox="0 0 90 12" aria-hidden="true" width="90" height="12"/>
    """
    size = {"viewBox": f"0 0 {_written(width)} {_written(height)}"}
    if label is None:
        ornament = {"aria_hidden": "true", "width": width, "height": height}
        return tag("svg", *marks, class_=kind, **size, **ornament)
    return tag("svg", *marks, class_=kind, **size, role="img", aria_label=label)


def line(start: Point, end: Point, kind: str) -> Markup:
    """Draw a straight line."""
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=kind)


def box(x: float, y: float, width: float, height: float, kind: str, note: str = "") -> Markup:
    """Draw a rectangle, with a note for the pointer."""
    inner = [tag("title", note)] if note else []
    return tag("rect", *inner, x=x, y=y, width=width, height=height, class_=kind)


def dot(centre: Point, radius: float, kind: str) -> Markup:
    """Draw a circle; the class decides whether it is filled."""
    return tag("circle", cx=centre[0], cy=centre[1], r=radius, class_=kind)


def words(at: Point, text: str, kind: str, anchor: str = "start") -> Markup:
    """Write one line of text; ``anchor`` is start, middle or end."""
    return tag("text", text, x=at[0], y=at[1], class_=kind, text_anchor=anchor)


def trace(points: Iterable[Point], kind: str, *, closed: bool = False) -> Markup:
    """Draw a line through points, or the area within them."""
    through = "L".join(f"{_written(x)},{_written(y)}" for x, y in points)
    return tag("path", d=f"M{through}{'Z' if closed else ''}", class_=kind)


def _written(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
