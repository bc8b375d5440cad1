"""The chart of ``compare``: differences with intervals and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.figures import Figure, dates, figure_of
from dlr_analytics.notebook.charts.elements.series import escape, label, rows_of, unique
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.timeline import Row
from dlr_analytics.presentation import formats
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

MARKS: Final = (
    "stroke: 95% interval · blue: better, orange: worse, grey: within noise, hollow: too few"
)


def chart(result: Result) -> Chart:
    """Draw the chart of a ``compare`` result that has rows."""
    figure = figure_of(result)
    every = rows_of(result)
    rows = every[: frame.MOST_ROWS]
    names = unique(label([row[name] for name in result.by]) or "all messages" for row in rows)
    edge = _edge(rows, figure)
    differences, verdicts = frame.row_panels(len(rows), widths=(0.72, 0.28))
    _draw_differences(differences, rows, names, figure, edge)
    limits = {"range": [-edge, edge], "tickformat": "+~g", "nticks": 7}
    differences.axes({**limits, "side": "top", "showgrid": True}, axes.of_names(names))
    differences.chart.add_vline(x=0, line={"color": faint(INK, 0.6), "width": 1}, row=1, col=1)
    said = [f"{figure.difference(row['difference'])}  <b>{row['verdict']}</b>" for row in rows]
    verdicts.draw(marks.figures([0] * len(rows), names, said))
    verdicts.axes({"visible": False, "range": [0, 1]}, {**axes.of_names(names), "showgrid": False})
    return frame.with_title(
        differences.chart,
        title(result),
        frame.join_parts(_measure(result, figure), _choice(len(rows), len(every))),
        MARKS,
        above=24,
    )


def _choice(shown: int, every: int) -> str:
    return f"the {shown} with the smallest p of {every}" if shown < every else ""


def _measure(result: Result, figure: Figure) -> str:
    measure = f"difference of the {figure.name} from its mean in earlier periods, {figure.unit}"
    if "period" not in result.own:
        return measure
    return frame.join_parts(measure, dates(result.own["period"], result.tz))


def _edge(rows: Sequence[Row], figure: Figure) -> float:
    """Half the width of the axis: intervals of small groups may be cut."""
    tested = [row for row in rows if row["p"] is not None]
    halves = [row["high"] - row["difference"] for row in tested]
    most = 2 * median(halves) if halves else 0.0
    reached = [
        abs(row["difference"]) + min(half, most) for row, half in zip(tested, halves, strict=True)
    ] or [abs(row["difference"]) for row in rows if row["difference"] is not None]
    return figure.scale * 1.1 * (max(reached, default=0.0) or 0.01)


def _draw_differences(
    place: frame.Panel, rows: Sequence[Row], names: Sequence[str], figure: Figure, edge: float
) -> None:
    hues = [figure.hue(row["difference"]) if row["verdict"] == "changed" else INK for row in rows]
    for hue in dict.fromkeys(hues):
        of_hue = [at for at, own in enumerate(hues) if own == hue]
        low, high = ([_within(figure, rows[at][name], edge) for at in of_hue] for name in ENDS)
        place.draw(marks.stretches(low, high, [names[at] for at in of_hue], faint(hue, 0.5), 4))
    values = [figure.drawn(row["difference"]) for row in rows]
    shown = [value if value is not None and abs(value) <= edge else None for value in values]
    symbols = ["circle-open" if row["p"] is None else "circle" for row in rows]
    said = [
        f"<b>{escape(name)}</b><br>{_words(row, figure)}"
        for name, row in zip(names, rows, strict=True)
    ]
    place.draw(marks.dots(shown, names, said, hues, symbol=symbols))


ENDS: Final = ("low", "high")


def _within(figure: Figure, value: Any, edge: float) -> float | None:
    drawn = figure.drawn(value)
    return None if drawn is None else max(-edge, min(edge, drawn))


def _words(row: Row, figure: Figure) -> str:
    said = (
        f"{figure.value(row['value'])} of {formats.counted(row['messages'], 'message')}, "
        f"usually {figure.value(row['usual'])}<br>"
        f"{row['verdict']}: {figure.difference(row['difference'])}"
    )
    if row["p"] is None:
        return f"{said}, {formats.counted(row['periods'], 'earlier period')}"
    low, high = figure.difference(row["low"]), figure.difference(row["high"])
    return f"{said} ({low} to {high}), adjusted p {row['p_adjusted']:.2g}"
