"""What stands around the marks: title, panels, headings, the shade over what is not settled yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from plotly.subplots import make_subplots

from dlr_analytics.notebook.charts.elements import axes
from dlr_analytics.notebook.charts.elements.series import escaped
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint, template
from dlr_analytics.presentation.sanitize import sanitize

MOST_PANELS: Final = 12
MOST_ROWS: Final = 30


@dataclass(frozen=True, slots=True)
class Place:
    """One panel of a chart; rows and columns of panels count from 1, a small one has a heading."""

    chart: Chart
    row: int = 1
    col: int = 1
    small: bool = False

    def draw(self, *traces: Any) -> None:
        """Put marks into the panel."""
        for trace in traces:
            self.chart.add_trace(trace, row=self.row, col=self.col)

    def note(self, text: str, **where: Any) -> None:
        """Put words into the panel; ``text`` is pseudo-HTML, escaped by the caller."""
        self.chart.add_annotation(text=text, showarrow=False, row=self.row, col=self.col, **where)

    def axes(self, x: dict[str, Any], y: dict[str, Any]) -> None:
        """Say what the panel's axes are."""
        self.chart.update_xaxes(x, row=self.row, col=self.col)
        self.chart.update_yaxes(y, row=self.row, col=self.col)


def single(height: int = 320) -> Place:
    """A chart of one panel."""
    chart = Chart(make_subplots(rows=1, cols=1))
    chart.update_layout(template=template(), height=height)
    return Place(chart)


def panels(labels: Sequence[str], longest: int) -> list[Place]:
    """Small multiples, one a label of at most so many characters, three in a row."""
    columns = min(3, len(labels))
    rows = math.ceil(len(labels) / columns)
    chart = Chart(
        make_subplots(
            rows=rows,
            cols=columns,
            specs=[
                [{} if row * columns + col < len(labels) else None for col in range(columns)]
                for row in range(rows)
            ],
            subplot_titles=[f"<b>{escaped(sanitize(label, longest))}</b>" for label in labels],
            horizontal_spacing=0.06,
            vertical_spacing=0.3 / rows if rows > 1 else 0,
        )
    )
    chart.update_layout(template=template(), height=40 + 170 * rows)
    chart.update_xaxes(matches="x")
    places = [
        Place(chart, at // columns + 1, at % columns + 1, small=True) for at in range(len(labels))
    ]
    for at, place in enumerate(places):
        place.axes({"showticklabels": at + columns >= len(labels)}, {})
    for heading, place in zip(chart.layout.annotations, places, strict=True):
        left = chart.get_subplot(place.row, place.col).xaxis.domain[0]
        heading.update(x=left, xanchor="left", font={"size": 13})
    return places


def rows(number: int, widths: Sequence[float] = (1.0,)) -> list[Place]:
    """A chart with a row of text for each of its marks, its axes on top; columns share the rows."""
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
    return [Place(chart, 1, col + 1) for col in range(len(widths))]


def blocks(numbers: Sequence[int], headings: Sequence[str]) -> list[Place]:
    """One above the other, each with rows of text for its marks, and a heading where several."""
    total = sum(numbers) + 2 * (len(numbers) - 1)
    chart = Chart(
        make_subplots(
            rows=len(numbers),
            cols=1,
            row_heights=list(numbers),
            subplot_titles=[f"<b>{escaped(heading)}</b>" for heading in headings],
            vertical_spacing=2 / total if len(numbers) > 1 else 0,
        )
    )
    chart.update_annotations(x=0, xanchor="left", font_size=13)
    chart.update_layout(template=template(), height=24 + 24 * total, margin={"b": 16})
    return [Place(chart, row + 1) for row in range(len(numbers))]


def entitled(chart: Chart, title: str, *lines: str, above: int = 0) -> Chart:
    """The chart under its title; ``above`` is the room that axis or panel titles take.

    Parameters
    ----------
    chart : Chart
        Its height is that of panels and axes, and grows by what stands above them.
    title : str
        What it is.
    *lines : str
        The measure, its unit and what each mark is; empty ones are left out.
    """
    said = [escaped(line) for line in lines if line]
    top = 48 + 16 * len(said) + above
    chart.update_layout(
        title={"text": escaped(title), "subtitle": {"text": "<br>".join(said)}},
        margin={"t": top},
        height=chart.layout.height + top,
    )
    return chart


def sentence(title: str, words: str) -> Chart:
    """A chart of nothing: its title and why."""
    place = single(height=40)
    place.axes({"visible": False}, {"visible": False})
    return entitled(place.chart, title, words)


def clauses(*parts: str) -> str:
    """What is to be said in one line of a subtitle, what is empty left out."""
    return " · ".join(filter(None, parts))


def out_of(shown: int, every: int, most: str) -> str:
    """What a subtitle says of the order, and of those that are left out.

    Examples
    --------
    >>> out_of(30, 300, "undelivered"), out_of(4, 4, "undelivered"), out_of(1, 1, "cost")
    ('the 30 with most undelivered of 300', 'ordered by undelivered', '')
    """
    if shown < every:
        return f"the {shown} with most {most} of {every}"
    return f"ordered by {most}" if every > 1 else ""


def name_end(
    place: Place, times: Sequence[date], heights: Sequence[float | None], text: str, hue: str
) -> None:
    """Words at a line's end, above all that it does in its last quarter."""
    known = [at for at, height in enumerate(heights) if height is not None]
    if known:
        last = known[-1 - len(known) // 4 :]
        place.note(
            f'<b style="color:{hue}">{escaped(text)}</b>',
            x=times[known[-1]],
            y=max(heights[at] or 0 for at in last),
            yshift=10,
            xanchor="right",
        )


def name_panel(place: Place, text: str, hue: str) -> None:
    """Words at the right of a small panel's heading, where no line comes."""
    at = {"x": 1, "xref": "x domain", "y": 1, "yref": "y domain"}
    bold = f'<b style="color:{hue}">{escaped(text)}</b>'
    place.note(bold, xanchor="right", yanchor="bottom", **at)


def shade(place: Place, start: date, last: date, grain: str, words: str = "") -> None:
    """Mark from where on moments end within 72 hours of as of: they can still change."""
    right = axes.after(last, grain)
    place.chart.add_vrect(
        x0=axes.before(start, grain),
        x1=right,
        fillcolor=faint(INK, 0.12),
        line_width=0,
        layer="below",
        row=place.row,
        col=place.col,
        exclude_empty_subplots=False,
    )
    if words:
        place.note(words, x=right, y=1, yref="y domain", xanchor="right", yanchor="bottom")
