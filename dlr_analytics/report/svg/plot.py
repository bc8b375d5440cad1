"""The days of the chart of rates: positions, the period before, and events."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from dlr_analytics.presentation.formats import rate
from dlr_analytics.report.model import Day, Tally
from dlr_analytics.report.svg.chart import MEAN_CHARACTER, Layout
from dlr_analytics.report.svg.elements import line, trace, words
from dlr_analytics.report.svg.scale import Scale

_COLUMNS_BELOW: Final = {"wide": 62, "narrow": 50}
"""The distance from the plot to the foot of the columns."""

_HEAD: Final = 20
"""The height of the line of text above the plot."""

_TEXT: Final = 16


@dataclass(frozen=True, slots=True)
class Past:
    """The period before: its days, its rate, and how it is named."""

    days: Sequence[Day]
    rate: float | None
    name: str


@dataclass(frozen=True, slots=True)
class Event:
    """What happened since a day."""

    since: date
    name: str


@dataclass(frozen=True, slots=True)
class Plot:
    """The days and their axes; the period begins at the day number ``first``."""

    at: Layout
    days: Sequence[Day]
    y: Scale
    first: int = 0

    @property
    def slot(self) -> float:
        """The width of a day."""
        return (self.at.right - self.at.left) / len(self.days)

    @property
    def left(self) -> float:
        """Where the period begins."""
        return self.at.left + self.first * self.slot

    @property
    def foot(self) -> float:
        """The vertical position of the foot of the columns."""
        return self.at.bottom + _COLUMNS_BELOW[self.at.name]

    def x(self, index: int) -> float:
        """Return the middle of a day."""
        return self.at.left + (index + 0.5) * self.slot


def runs(days: Sequence[Day], start: int, stop: int) -> Iterable[list[int]]:
    """Yield the indices of mature days with a rate, in unbroken runs."""
    known = [d.mature and d.tally.rate is not None for d in days]
    for has_rate, group in itertools.groupby(range(start, stop), known.__getitem__):
        if has_rate:
            yield list(group)


def past_days(plot: Plot, past: Past, whole: Tally) -> Iterator[Markup]:
    """Draw the period before, the boundary, and the rates of both above the plot."""
    for run in runs(plot.days, 0, plot.first):
        rates = [(plot.x(i), plot.days[i].tally.rate) for i in run]
        yield trace([(x, plot.y.at(r)) for x, r in rates if r is not None], "line former")
    boundary = plot.left
    yield line((boundary, plot.at.top - 4), (boundary, plot.foot), "base")
    if not plot.at.wide:  # the right half of the line is for what is not settled yet
        yield words((boundary - 8, _HEAD), f"before: {rate(past.rate)}", "ax", "end")
        return
    yield words((boundary - 8, _HEAD), f"{past.name}: {rate(past.rate)}", "ax", "end")
    yield words((boundary + 8, _HEAD), f"this period: {rate(whole.rate)}", "lab")


def event_labels(plot: Plot, events: Sequence[Event]) -> Iterator[Markup]:
    """Name events at the boundary before their first day, low, the text to the left."""
    for number, event in enumerate(events):
        index = next(i for i, day in enumerate(plot.days) if day.day >= event.since)
        x = plot.x(index) - plot.slot / 2
        foot = plot.at.bottom - 8 - _TEXT * (len(events) - 1 - number)
        yield line((x, foot - 11), (x, foot + 3), "base")
        fits = x - plot.at.left > MEAN_CHARACTER * len(event.name)
        at, anchor = (x - 6, "end") if fits else (x + 6, "start")
        yield words((at, foot), event.name, "ax halo", anchor)
