"""The chart of ``forecast``: the cost of the month so far, and of its end."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.analysis.timezones import local
from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import escape, grouped, largest, rows_of
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.timeline import Row, following
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUE: Final = MIDTONES["delivered"]

MEASURE: Final = "cost of the month so far, and ○ expected at its end with its 95% interval"


def chart(result: Result) -> Chart:
    """Draw the chart of a ``forecast`` result that has rows."""
    every = grouped(rows_of(result), ["currency"])
    shown = largest(every, lambda one: one.total("cost"), frame.MOST_PANELS)
    alone = len(shown) == 1
    places = [frame.single_panel()] if alone else frame.panel_grid([s.label for s in shown], 22)
    now = local(result.as_of, result.tz)
    for place, series in zip(places, shown, strict=True):
        _draw(place, series.rows[0], _course(result, series.rows[0]), now, 10 if alone else 3)
    several = "currencies are not added" if len(every) > 1 else ""
    known = any(one.rows[0]["expected"] is not None for one in shown)
    unknown = "" if known else "not expected: less than 14 days of history, or none with a cost"
    return frame.with_title(
        places[0].chart, title(result), MEASURE, frame.join_parts(several, unknown), above=20
    )


def _course(result: Result, row: Row) -> list[tuple[dt.date, float]]:
    """The days of the month with a cost, and what it had come to at their ends."""
    days = [
        (day["spent_on"], float(day["cost"]))
        for day in (rows_of(result.own["course"]) if "course" in result.own else [])
        if day["currency"] == row["currency"]
        and row["month"] <= day["spent_on"] < following(row["month"], "month")
    ]
    sums = accumulate(cost for _, cost in days)
    return [(day, total) for (day, _), total in zip(days, sums, strict=True)]


def _draw(
    place: frame.Panel, row: Row, course: list[tuple[dt.date, float]], now: dt.datetime, ticks: int
) -> None:
    currency = sanitize(row["currency"] or "", 12)
    begin, end = _midnight(row["month"]), _midnight(following(row["month"], "month"))
    times, values = [begin], [0.0]
    for day, total in course:
        times.append(min(now, _midnight(day) + dt.timedelta(days=1)))
        values.append(total)
    if times[-1] < now:
        times.append(now)
        values.append(values[-1])
    said = [f"<b>{escape(formats.money(value, currency))}</b> so far" for value in values]
    place.draw(marks.line(times, values, said, HUE))
    highest = values[-1]
    if row["expected"] is not None:
        _draw_rest(place, row, (now, values[-1]), end, currency)
        highest = float(row["high"])
    frame.label_panel(place, _label(row, currency), HUE)
    x = axes.of_time(begin.date(), (end - dt.timedelta(days=1)).date(), "day", ticks)
    place.axes({**x, "range": [begin, end + dt.timedelta(hours=12)]}, _amounts(highest, currency))


def _amounts(highest: float, currency: str) -> dict[str, Any]:
    return axes.of_amounts(highest, escape(formats.currency_sign(currency)))


def _draw_rest(
    place: frame.Panel, row: Row, now: tuple[dt.datetime, float], end: dt.datetime, currency: str
) -> None:
    """Draw the expected cost from now to the end of the month, and its interval."""
    at, cost = now
    expected, low, high = (float(row[name]) for name in ("expected", "low", "high"))
    place.draw(marks.band([at, end], [cost, low], [cost, high], HUE))
    place.draw(marks.line([at, end], [cost, expected], ["", ""], faint(INK, 0.8)))
    said = f"<b>{_money(row['expected'], currency)}</b> expected<br>{_interval(row, currency)}"
    place.draw(marks.hollow_dots([end], [expected], HUE, [said]))


def _label(row: Row, currency: str) -> str:
    if row["expected"] is None:
        return formats.money(row["cost"], currency)
    return f"{formats.money(row['expected'], currency)} expected"


def _interval(row: Row, currency: str) -> str:
    return f"{_money(row['low'], currency)} to {_money(row['high'], currency)}"


def _money(amount: Any, currency: str) -> str:
    return escape(formats.money(amount, currency))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())
