"""The layout of charts over time: a panel per category, a common time axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dlr_analytics.notebook.charts.elements import axes, frame
from dlr_analytics.notebook.charts.elements.series import Series, largest
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.notebook.charts.timeline import Row, time_column, unsettled_from, with_gaps

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result


@dataclass(frozen=True, slots=True)
class TimeChart:
    """Series over time, and their panels.

    Attributes
    ----------
    shown : tuple of Series
        The largest series.
    grain : str
        The time column.
    first, last : date or datetime
        The limits of the common time axis.
    start : date, datetime or None
        The first point that is not settled, if any.
    places : tuple of Place
        A panel per series.
    choice : str
        What the subtitle says of order and of those left out.
    """

    shown: tuple[Series, ...]
    grain: str
    first: date
    last: date
    start: date | None
    places: tuple[frame.Panel, ...]
    choice: str

    @property
    def chart(self) -> Chart:
        """The chart that holds the panels."""
        return self.places[0].chart

    def panels(self) -> Iterator[tuple[frame.Panel, Sequence[Row], Sequence[Row]]]:
        """Each panel, its settled rows with gaps, and its unsettled rows."""
        for place, series in zip(self.places, self.shown, strict=True):
            settled = [row for row in series.rows if not self._open(row)]
            unsettled = [row for row in series.rows if self._open(row)]
            yield place, list(with_gaps(settled, self.grain)), unsettled

    def with_title(self, title: str, *lines: str, y: dict[str, Any] | None = None) -> Chart:
        """The chart with its axes, shading and title."""
        alone = len(self.places) == 1
        x = axes.of_time(self.first, self.last, self.grain, 10 if alone else 3)
        for place in self.places:
            if self.start is not None:
                words = "not settled yet" if alone else ""
                frame.shade_unsettled(place, self.start, self.last, self.grain, words)
            place.axes(x, y or {})
        shaded = "shaded: not settled yet" if self.start is not None and not alone else ""
        self.chart.update_layout(hovermode="x unified")
        notes = frame.join_parts(self.choice, shaded)
        return frame.with_title(self.chart, title, *lines, notes, above=20)

    def _open(self, row: Row) -> bool:
        return self.start is not None and bool(row[self.grain] >= self.start)


def time_chart(
    result: Result,
    series: Sequence[Series],
    size: Callable[[Series], Any],
    most: str,
    longest: int = 34,
) -> TimeChart:
    """Lay out a chart over time.

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
    shown = largest(series, size, frame.MOST_PANELS)
    times = [row[grain] for one in shown for row in one.rows]
    first, last = min(times), max(times)
    headings = [one.label for one in shown]
    return TimeChart(
        shown=tuple(shown),
        grain=grain,
        first=first,
        last=last,
        start=unsettled_from(result, first, last, grain),
        places=tuple(
            frame.panel_grid(headings, longest) if any(headings) else [frame.single_panel()]
        ),
        choice=frame.selection_note(len(shown), len(series), most),
    )
