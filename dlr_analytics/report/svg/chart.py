"""Two layouts of a chart, for a wide page and for a telephone, at true text size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup

from dlr_analytics.report.svg.elements import drawing, line, words
from dlr_analytics.report.svg.scale import Scale

MEAN_CHARACTER: Final = 7.0
"""The approximate width of a character of an axis label, in units of the drawing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The plot area of a drawing; ``wide`` has a gutter for notes to its right.

    The style sheet shows the drawing whose class is the layout's name.
    """

    name: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def wide(self) -> bool:
        """Whether there is room for notes beside the plot."""
        return self.name == "wide"


class Chart(NamedTuple):
    """A chart in two drawings; the page shows the one that fits."""

    wide: Markup
    narrow: Markup


def drawn_twice(
    layouts: tuple[Layout, Layout], label: str, marks: Callable[[Layout], Iterable[Markup]]
) -> Chart:
    """Draw both layouts, with one sentence that states the result."""
    wide, narrow = (
        drawing(at.width, at.height, *marks(at), kind=f"chart {at.name}", label=label)
        for at in layouts
    )
    return Chart(wide, narrow)


def share_axis(at: Layout, y: Scale, ticks: Iterable[float]) -> Iterable[Markup]:
    """Draw horizontal lines labelled with shares, the unit on the highest only."""
    for tick in ticks:
        height = y.at(tick)
        yield line((at.left, height), (at.right, height), "base" if tick == 0 else "grid")
        figure = f"{100 * tick:.0f}" + ("%" if tick == 1 else "")
        yield words((at.left - 6, height + 4), figure, "ax", "end")
