"""The chart of a statement of ``db.sql`` whose columns have an obvious form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from plotly.subplots import make_subplots

from dlr_analytics.errors import UsageError
from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import escape, label, unique
from dlr_analytics.notebook.charts.elements.template import Chart, template
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.presentation.values import short_text
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUE: Final = MIDTONES["delivered"]

MOST_MEASURES: Final = 4
MOST_POINTS: Final = 20_000

_TIME: Final = re.compile(r"DATE|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?")
_NAME: Final = re.compile(r"VARCHAR|BOOLEAN|ENUM.*|UUID")
_NUMBER: Final = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*")

_HINT: Final = "draw its .df() with plotly: px.bar(result.df(), x=…, y=…, template='dlr')"


def chart(result: Result) -> Chart:
    """Draw lines over the time, or bars by the name, a panel per number.

    Raises
    ------
    UsageError
        If the columns are others, or a time or name has several rows.
    """
    key, measures = _form(result)
    rows = result.relation.limit(MOST_POINTS + 1).fetchall()
    if not rows:
        return frame.title_only(title(result), "The statement has no rows.")
    place = result.columns.index(key)
    if len({row[place] for row in rows}) < len(rows):
        raise UsageError(f"{_named(key)} has several rows of one value", _HINT)
    shown = measures[:MOST_MEASURES]
    left_out = f"{len(shown)} of {len(measures)} columns" if shown != measures else ""
    values = {name: [row[result.columns.index(name)] for row in rows] for name in (key, *shown)}
    draw = _lines if _TIME.fullmatch(result.types[place]) else _bars
    return draw(result, values, key, left_out)


def _form(result: Result) -> tuple[str, list[str]]:
    """The one column of a time or a name, and those of numbers."""
    columns = list(zip(result.columns, result.types, strict=True))
    keys = [name for name, kind in columns if _TIME.fullmatch(kind) or _NAME.fullmatch(kind)]
    measures = [name for name, kind in columns if _NUMBER.fullmatch(kind)]
    if len(keys) != 1 or not measures or len(keys) + len(measures) != len(columns):
        raise UsageError(
            "a statement has an obvious chart if one column is a time or a text and the others are"
            " numbers",
            _HINT,
        )
    return keys[0], measures


def _lines(result: Result, values: dict[str, list[Any]], key: str, left_out: str) -> Chart:
    order = sorted(
        (at for at, time in enumerate(values[key][:MOST_POINTS]) if time is not None),
        key=lambda at: values[key][at],
    )
    times = [values[key][at] for at in order]
    names = [name for name in values if name != key]
    places = _stacked(names)
    for place, name in zip(places, names, strict=True):
        along = [values[name][at] for at in order]
        said = [f"<b>{escape(short_text(value))}</b>" for value in along]
        place.draw(marks.line(times, [_float(value) for value in along], said, HUE))
        place.axes({"type": "date"}, {"nticks": 5, "rangemode": "tozero"})
    places[0].chart.update_layout(hovermode="x unified")
    cut = f"the first {MOST_POINTS:,} rows" if len(values[key]) > MOST_POINTS else ""
    said_of = f"{_named(names[0])} by {_named(key)}" if len(names) == 1 else f"by {_named(key)}"
    above = 20 if len(names) > 1 else 0
    subtitle = frame.join_parts(said_of, left_out, cut)
    return frame.with_title(places[0].chart, title(result), subtitle, above=above)


def _stacked(names: Sequence[str]) -> list[frame.Panel]:
    if len(names) == 1:
        return [frame.single_panel()]
    headings = [f"<b>{escape(_named(name))}</b>" for name in names]
    figure = Chart(
        make_subplots(rows=len(names), cols=1, shared_xaxes=True, subplot_titles=headings)
    )
    figure.update_annotations(x=0, xanchor="left", font_size=13)
    figure.update_layout(template=template(), height=40 + 150 * len(names))
    return [frame.Panel(figure, row + 1) for row in range(len(names))]


def _bars(result: Result, values: dict[str, list[Any]], key: str, left_out: str) -> Chart:
    rows = min(len(values[key]), frame.MOST_ROWS)
    names = list(unique(label([value]) for value in values[key][:rows]))
    measures = [name for name in values if name != key]
    places = frame.row_panels(rows, [1 / len(measures)] * len(measures))
    for place, measure in zip(places, measures, strict=True):
        along = values[measure][:rows]
        drawn = [_float(value) for value in along]
        said = [
            f"<b>{escape(name)}</b><br>{escape(_named(measure))}: {escape(short_text(value))}"
            for name, value in zip(names, along, strict=True)
        ]
        texts = [escape(short_text(value)) for value in along]
        place.draw(
            marks.bars(drawn, names, said, HUE),
            marks.figures([max(0.0, value or 0.0) for value in drawn], names, texts),
        )
        known = [value for value in drawn if value is not None]
        low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
        span = (high - low) or 1.0
        text = {"text": escape(_named(measure)), "font": {"size": 13}, "standoff": 4}
        heading = {"title": text, "side": "top"}
        across = {"range": [low, high + 0.35 * span], "showticklabels": False, **heading}
        place.axes(across, axes.of_names(names))
    many = len(values[key]) > rows
    cut = f"the first {rows} rows" if many else ""
    return frame.with_title(
        places[0].chart,
        title(result),
        frame.join_parts(f"by {_named(key)}, in the order of the statement", left_out, cut),
        above=24,
    )


def _named(column: str) -> str:
    return sanitize(column, 40)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
