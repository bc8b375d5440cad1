"""How the charts of studies write figures, differences and periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.analysis.timezones import local
from dlr_analytics.notebook.charts.elements.template import INK
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result
    from dlr_analytics.analysis.studies.periods import Period


@dataclass(frozen=True, slots=True)
class Figure:
    """How a figure is written and drawn.

    Attributes
    ----------
    name : str
        In lower case.
    unit : str
        Of differences.
    scale : int
        What values are multiplied by on an axis: shares are drawn in per cent.
    rising : str
        The colour of a rise; a fall has the other one.
    """

    name: str
    unit: str
    scale: int
    rising: str

    def drawn(self, value: float | None) -> float | None:
        """A value as on an axis."""
        return None if value is None else self.scale * value

    def value(self, value: float | None, decimals: int = 1) -> str:
        """Write a value; decimals are those of shares."""
        return formats.rate(value, decimals) if self is RATE else formats.price_mean(value)

    def difference(self, difference: float | None, decimals: int = 1) -> str:
        """Write a difference, that of shares with its unit."""
        if self is RATE:
            return f"{formats.points(difference, decimals)} points"
        return formats.price_mean(difference, sign=True)

    def hue(self, difference: float) -> str:
        """The colour of a difference: blue is better."""
        if not difference:
            return INK
        return self.rising if difference > 0 else ({BETTER, WORSE} - {self.rising}).pop()


BETTER: Final = MIDTONES["delivered"]
WORSE: Final = MIDTONES["failed"]

RATE: Final = Figure("delivery rate", "points", 100, BETTER)
PRICE: Final = Figure("cost per message", "in the currency of the prices", 1, WORSE)


def figure_of(result: Result) -> Figure:
    """The figure of a study's result."""
    return PRICE if result.own.get("figure") == "cost_per_message" else RATE


def dates(period: Period, tz: str) -> str:
    """Write the days of a period in a zone, and times if they are not whole."""
    begins, ends = (local(moment, tz) for moment in period)
    days = formats.dates(begins.date(), (ends - timedelta(microseconds=1)).date())
    if begins.time() == ends.time() == ends.time().min:
        return f"{days} ({tz})"
    return f"{days}, {begins:%H:%M} to {ends:%H:%M} ({tz})"


def span(values: list[Any], least: float) -> tuple[float, float]:
    """The range of an axis: all values and a margin, at least so wide."""
    known = [value for value in values if value is not None] or [0.0]
    low, high = min(known), max(known)
    margin = max(0.08 * (high - low), (least - (high - low)) / 2)
    return low - margin, high + margin
