"""The frame of every chart in time: one panel, or one a category, over one common axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dlr_analytics.report.charts import frame
from dlr_analytics.report.charts.series import (
    Row,
    Series,
    filled,
    largest,
    time_column,
    unsettled_from,
)
from dlr_analytics.report.charts.template import Chart

if TYPE_CHECKING:
    from dlr_analytics.analyse.result import Result


@dataclass(frozen=True, slots=True)
class Course:
    """Series over time and the panels they are drawn in.

    Attributes
    ----------
    shown : tuple of Series
        The largest, each with a row a moment of ``axis``.
    grain, axis : str, tuple of date or datetime
        The column of time and its moments, none missing.
    start : int
        Index of the first moment that is not settled.
    places : tuple of Place
        A panel a series.
    choice : str
        What the subtitle says of order and of those left out.
    """

    shown: tuple[Series, ...]
    grain: str
    axis: tuple[date, ...]
    start: int
    places: tuple[frame.Place, ...]
    choice: str

    @property
    def chart(self) -> Chart:
        return self.places[0].chart

    def panels(self) -> Iterator[tuple[frame.Place, Sequence[Row]]]:
        """Each panel with the rows to draw in it."""
        for place, series in zip(self.places, self.shown, strict=True):
            yield place, series.rows

    def entitled(self, title: str, *lines: str, y: dict[str, Any] | None = None) -> Chart:
        """The chart with its axes, shades and title."""
        alone = len(self.places) == 1
        for place in self.places:
            words = "not settled yet" if alone else ""
            frame.shade(place, self.axis, self.start, self.grain, words)
            place.axes(frame.time_axis(self.axis, self.grain, 10 if alone else 3), y or {})
        shaded = "" if alone or self.start == len(self.axis) else "shaded: not settled yet"
        self.chart.update_layout(hovermode="x unified")
        return frame.entitled(
            self.chart, title, *lines, frame.clauses(self.choice, shaded), above=20
        )


def course(
    result: Result,
    series: Sequence[Series],
    size: Callable[[Series], Any],
    most: str,
    longest: int = 34,
) -> Course:
    """Lay out a chart in time.

    Parameters
    ----------
    result : Result
        By an hour, day, week or month, and perhaps by categories.
    series : sequence of Series
        Its rows, at least one.
    size : callable
        Which series matter most: at most twelve are drawn.
    most : str
        What ``size`` counts, in a word.
    longest : int
        How many characters a panel's heading may have: less where a value stands beside it.
    """
    grain = time_column(result.by) or ""
    shown = largest(filled(series, grain), size, frame.MOST_PANELS)
    axis = tuple(row[grain] for row in shown[0].rows)
    named = any(one.label for one in shown)
    headings = [one.label for one in shown]
    places = frame.panels(headings, longest) if named else [frame.single()]
    return Course(
        tuple(shown),
        grain,
        axis,
        unsettled_from(result, axis, grain),
        tuple(places),
        frame.out_of(len(shown), len(series), most),
    )
