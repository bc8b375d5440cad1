"""The chart of ``prices``: what most messages paid, as a line of steps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.analysis.timezones import local
from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import Series, escape, grouped, largest, rows_of
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

Row = dict[str, Any]

HUE: Final = MIDTONES["delivered"]

MEASURE: Final = "what most messages of a network paid, each price from its first message on"
STEPS: Final = "axes do not start at zero · beside a name: cost beyond the old prices"


def chart(result: Result) -> Chart:
    """Draw the chart of a ``prices`` result that has rows."""
    every = grouped(_local(rows_of(result), result.tz), ["network_code", "currency"])
    shown = largest(every, _moved, frame.MOST_PANELS)
    first, last = _limits(result, shown)
    alone = len(shown) == 1
    places = frame.panel_grid([one.label for one in shown], longest=22)
    for place, series in zip(places, shown, strict=True):
        _draw(place, series, first, last)
        place.axes(axes.of_time(first, last, "day", 10 if alone else 3), _axis(series))
    choice = frame.selection_note(len(shown), len(every), "cost beyond")
    return frame.with_title(
        places[0].chart, title(result), MEASURE, frame.join_parts(STEPS, choice), above=20
    )


def _local(rows: list[Row], tz: str) -> list[Row]:
    return [{**row, "changed_at": local(row["changed_at"], tz)} for row in rows]


def _moved(series: Series) -> Decimal:
    """How much the changes of a series have cost or saved."""
    return sum((abs(row["extra_cost"]) for row in series.rows), Decimal())


def _limits(result: Result, shown: list[Series]) -> tuple[dt.datetime, dt.datetime]:
    """The messages' first and last time, or a week around the changes."""
    changes = [row["changed_at"] for one in shown for row in one.rows]
    if result.span is None:
        return min(changes) - dt.timedelta(days=7), max(changes) + dt.timedelta(days=7)
    first, last = (local(at, result.tz) for at in result.span)
    return min(first, *changes), max(last, *changes)


def _draw(place: frame.Panel, series: Series, first: dt.datetime, last: dt.datetime) -> None:
    """Draw the line, each change labelled with its share."""
    times, values = [first], [series.rows[0]["price_before"]]
    for row in series.rows:
        times += [row["changed_at"]] * 2
        values += [row["price_before"], row["price"]]
    times.append(last)
    values.append(series.rows[-1]["price"])
    words = [_words(series, at) for at in times]
    place.draw(marks.line(times, [float(value) for value in values], words, HUE))
    for row in series.rows:
        share = escape(_change(row))
        place.note(f"<b>{share}</b>", x=row["changed_at"], y=float(row["price"]), yshift=10)
    currency = sanitize(series.rows[0]["currency"] or "", 12)
    frame.label_panel(place, formats.money(series.total("extra_cost"), currency), HUE)


def _words(series: Series, at: dt.datetime) -> str:
    """The price from a time on, and what it has cost beyond the one before."""
    past = [row for row in series.rows if row["changed_at"] <= at]
    row = past[-1] if past else series.rows[0]
    currency = sanitize(row["currency"] or "", 12)
    if not past:
        return f"<b>{escape(formats.price(row['price_before'], currency))}</b>"
    extra = escape(formats.money(row["extra_cost"], currency))
    messages = formats.counted(row["messages"], "message")
    price = escape(formats.price(row["price"], currency))
    return f"<b>{price}</b> ({escape(_change(row))})<br>{extra} beyond the old price in {messages}"


def _change(row: Row) -> str:
    if row["change"] is None:
        return "new"
    return ("+" if row["change"] > 0 else "") + formats.rate(row["change"])


def _axis(series: Series) -> dict[str, Any]:
    """An axis around the prices, wide enough that a step shows as one."""
    prices = [float(row[name]) for row in series.rows for name in ("price_before", "price")]
    low, high = min(prices), max(prices)
    margin = 0.35 * (high - low)
    return {"range": [low - margin, high + margin], "nticks": 4, "tickformat": ".5~g"}
