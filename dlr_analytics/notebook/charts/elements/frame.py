"""Title, panels and headings of a chart, and the shading of unsettled times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from plotly.subplots import make_subplots

from dlr_analytics.analysis.query import CYCLES
from dlr_analytics.notebook.charts.elements import axes
from dlr_analytics.notebook.charts.elements.series import escape
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint, template
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.sanitize import sanitize

MOST_PANELS: Final = 12
MOST_ROWS: Final = 30


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a chart; rows and columns count from 1. A small one has a heading."""

    chart: Chart
    row: int = 1
    col: int = 1
    small: bool = False

    def draw(self, *traces: Any) -> None:
        """Add traces to the panel."""
        for trace in traces:
            self.chart.add_trace(trace, row=self.row, col=self.col)

    def note(self, text: str, **where: Any) -> None:
        """Add a text to the panel; ``text`` is pseudo-HTML, escaped by the caller."""
        self.chart.add_annotation(text=text, showarrow=False, row=self.row, col=self.col, **where)

    def axes(self, x: dict[str, Any], y: dict[str, Any]) -> None:
        """Set the panel's axes."""
        self.chart.update_xaxes(x, row=self.row, col=self.col)
        self.chart.update_yaxes(y, row=self.row, col=self.col)


def single_panel(height: int = 320) -> Panel:
    """Make a chart of one panel."""
    chart = Chart(make_subplots(rows=1, cols=1))
    chart.update_layout(template=template(), height=height)
    return Panel(chart)


def panel_grid(labels: Sequence[str], longest: int) -> list[Panel]:
    """Make small multiples, one per label, three in a row."""
    columns = min(3, len(labels))
    row_panels = math.ceil(len(labels) / columns)
    chart = Chart(
        make_subplots(
            rows=row_panels,
            cols=columns,
            specs=[
                [{} if row * columns + col < len(labels) else None for col in range(columns)]
                for row in range(row_panels)
            ],
            subplot_titles=[f"<b>{escape(sanitize(label, longest))}</b>" for label in labels],
            horizontal_spacing=0.06,
            vertical_spacing=0.3 / row_panels if row_panels > 1 else 0,
        )
    )
    chart.update_layout(template=template(), height=40 + 170 * row_panels)
    chart.update_xaxes(matches="x")
    places = [
        Panel(chart, at // columns + 1, at % columns + 1, small=True) for at in range(len(labels))
    ]
    for at, place in enumerate(places):
        place.axes({"showticklabels": at + columns >= len(labels)}, {})
    for heading, place in zip(chart.layout.annotations, places, strict=True):
        left = chart.get_subplot(place.row, place.col).xaxis.domain[0]
        heading.update(x=left, xanchor="left", font={"size": 13})
    return places


def row_panels(number: int, widths: Sequence[float] = (1.0,)) -> list[Panel]:
    """Make a chart with a row of text per mark and axes on top; panels share the rows."""
    chart = Chart(
        make_subplots(
            rows=1,
            cols=len(widths),
            column_widths=list(widths),
            shared_yaxes=True,
            horizontal_spacing=0.02 if len(widths) > 1 else 0,
        )
    )
    chart.update_layout(template=template(), height=40 + 24 * number, margin={"b": 16})
    return [Panel(chart, 1, col + 1) for col in range(len(widths))]


def stacked_panels(numbers: Sequence[int], headings: Sequence[str]) -> list[Panel]:
    """Make panels one above the other, with rows of text and headings."""
    total = sum(numbers) + 2 * (len(numbers) - 1)
    chart = Chart(
        make_subplots(
            rows=len(numbers),
            cols=1,
            row_heights=list(numbers),
            subplot_titles=[f"<b>{escape(heading)}</b>" for heading in headings],
            vertical_spacing=2 / total if len(numbers) > 1 else 0,
        )
    )
    chart.update_annotations(x=0, xanchor="left", font_size=13)
    chart.update_layout(template=template(), height=24 + 24 * total, margin={"b": 16})
    return [Panel(chart, row + 1) for row in range(len(numbers))]


def with_title(chart: Chart, title: str, *lines: str, above: int = 0) -> Chart:
    """Put a title on a chart; ``above`` is the height of axis or panel titles.

    Parameters
    ----------
    chart : Chart
        Its height, so far of panels and axes, grows by that of the title.
    title : str
        The title.
    *lines : str
        The subtitle: the measure, its unit and the marks; empty lines are left out.
    """
    said = [escape(line) for line in lines if line]
    top = 48 + 16 * len(said) + above
    chart.update_layout(
        title={"text": escape(title), "subtitle": {"text": "<br>".join(said)}},
        margin={"t": top},
        height=chart.layout.height + top,
    )
    return chart


def title_only(title: str, words: str) -> Chart:
    """Make a chart without marks: a title and a reason."""
    place = single_panel(height=40)
    place.axes({"visible": False}, {"visible": False})
    return with_title(place.chart, title, words)


def join_parts(*parts: str) -> str:
    """Join the parts of a subtitle line that are not empty."""
    return " · ".join(filter(None, parts))


def selection_note(shown: int, every: int, most: str, by: Sequence[str] = ()) -> str:
    """Describe the order of the rows, and how many are left out.

    Examples
    --------
    >>> selection_note(30, 300, "undelivered"), selection_note(4, 4, "undelivered")
    ('the 30 with most undelivered of 300', 'ordered by undelivered')
    >>> selection_note(1, 1, "cost")
    ''
    >>> selection_note(7, 7, "cost", by=["weekday"])
    'ordered by weekday'
    """
    if shown < every:
        return f"the {shown} with most {most} of {every}"
    cycles = ", ".join(name.replace("_", " ") for name in by if name in CYCLES)
    return f"ordered by {cycles or most}" if every > 1 else ""


def label_line_end(
    place: Panel, times: Sequence[date], heights: Sequence[float | None], text: str, hue: str
) -> None:
    """Label the end of a line, above its last quarter."""
    known = [at for at, height in enumerate(heights) if height is not None]
    if known:
        last = known[-1 - len(known) // 4 :]
        place.note(
            f'<b style="color:{hue}">{escape(text)}</b>',
            x=times[known[-1]],
            y=max(heights[at] or 0 for at in last),
            yshift=10,
            xanchor="right",
        )


def label_panel(place: Panel, text: str, hue: str) -> None:
    """Label a small panel at the right of its heading."""
    at = {"x": 1, "xref": "x domain", "y": 1, "yref": "y domain"}
    bold = f'<b style="color:{hue}">{escape(text)}</b>'
    place.note(bold, xanchor="right", yanchor="bottom", **at)


def label_rate_end(
    place: Panel,
    times: Sequence[date],
    rates: Sequence[float | None],
    heights: Sequence[float | None],
    hue: str,
) -> None:
    """Label a line of rates with its last one, a small panel in its heading."""
    drawn = [rate for rate in rates if rate is not None]
    last = formats.rate(drawn[-1] if drawn else None)
    if place.small:
        label_panel(place, last, hue)
    else:
        label_line_end(place, times, heights, last, hue)


def shade(place: Panel, left: date, right: date, colour: str) -> None:
    """Shade a stretch of time below the marks."""
    place.chart.add_vrect(
        x0=left,
        x1=right,
        fillcolor=colour,
        line_width=0,
        layer="below",
        row=place.row,
        col=place.col,
        exclude_empty_subplots=False,
    )


def shade_unsettled(place: Panel, start: date, last: date, grain: str, words: str = "") -> None:
    """Shade the times within 72 hours of as of: their values can still change."""
    right = axes.after(last, grain)
    shade(place, axes.before(start, grain), right, faint(INK, 0.12))
    if words:
        place.note(words, x=right, y=1, yref="y domain", xanchor="right", yanchor="bottom")
