"""Colours by role, for style sheets, SVG and the plotly template.

Blue contrasts with vermillion, never green with red. Both have the same lightness, so colour is
never the only cue: a sign, a word, a weight or a shape means the same. The tests compute every
contrast: text at least 4.5 on page and surface, marks at least 3 on the page.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Scheme = Literal["light", "dark"]


class Hue(NamedTuple):
    """The colour of a role: light page, dark page, and forced colours."""

    light: str
    dark: str
    forced: str


PALETTE: Final = {
    "page": Hue("#FFFFFF", "#14171B", "Canvas"),
    "surface": Hue("#F6F7F8", "#1C2126", "Canvas"),
    "ink": Hue("#16191D", "#E8EAED", "CanvasText"),
    "ink2": Hue("#545B64", "#A7AFB8", "CanvasText"),
    "rule": Hue("#D5D9DE", "#363D45", "CanvasText"),
    "grid": Hue("#E6E9EC", "#272D33", "GrayText"),
    "unsettled": Hue("#F1F2F4", "#1E2328", "Canvas"),
    "band": Hue("#C9DEEF", "#234560", "Canvas"),
    "neutral": Hue("#8D96A0", "#6E7985", "GrayText"),
    "delivered": Hue("#0B62A4", "#6FB3EA", "LinkText"),
    "failed": Hue("#B5350B", "#FF8A5C", "CanvasText"),
    "expired": Hue("#CC7A00", "#F5DC9A", "CanvasText"),
    "rejected": Hue("#701058", "#AF5FB0", "CanvasText"),
    "unknown": Hue("#545B64", "#A7AFB8", "CanvasText"),
    "caution": Hue("#8A6100", "#D9B44A", "CanvasText"),
}
"""``ink2`` is for captions, axes and former periods; ``rule``, ``grid``, ``unsettled`` and ``band``
only decorate (a line or a label carries what they show); ``delivered`` is also links, focus and
better, ``failed`` also worse; ``expired`` and ``rejected`` are never text."""

MIDTONES: Final = {
    "delivered": "#2F81C4",
    "failed": "#D1622B",
    "expired": "#8A7A1F",
    "rejected": "#A65BA0",
    "other": "#1F8A70",
    "unknown": "#767C85",
}
"""For charts on white and on #111 alike: the theme of a notebook can change."""

FONT: Final = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif'

MONO: Final = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'


def css_variables(scheme: Scheme | Literal["forced"]) -> str:
    """Write the palette as CSS declarations, a custom property for each role.

    Examples
    --------
    >>> css_variables("dark")[:34]
    '--page:#14171B;--surface:#1C2126;-'
    """
    return "".join(f"--{role}:{getattr(hue, scheme)};" for role, hue in PALETTE.items())
