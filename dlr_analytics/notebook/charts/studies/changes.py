"""The chart of ``changes``: the rate of each day, and the steps as a line over it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from dlr_analytics.analysis.timezones import local
from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import Series, escape, grouped, largest, rows_of
from dlr_analytics.notebook.charts.elements.template import INK, Chart, faint
from dlr_analytics.notebook.charts.timeline import Row
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.report.captions import title
from dlr_analytics.report.svg.scale import lowest_for

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

HUE: Final = MIDTONES["delivered"]

MEASURE: Final = "line: share of messages delivered between changes · dots: of each day"
SHADED: Final = "shaded: when the change may have been (about 90%)"

FIRM: Final = 50
"""Messages of a day whose rate extends the axis; others are drawn at its edge if below."""

Day = tuple[dt.datetime, int, float]
"""Its noon, the messages sent and how many of them are delivered."""


def chart(result: Result) -> Chart:
    """Draw the chart of a ``changes`` result that has rows."""
    rows = [_local(row, result.tz) for row in rows_of(result)]
    every = grouped(rows, result.by)
    shown = largest(every, _moved, frame.MOST_PANELS)
    days = _days(result)
    courses = [days.get(_key(one.rows[0], result.by), []) for one in shown]
    firm = [arrived / sent for course in courses for _, sent, arrived in course if sent >= FIRM]
    floor = lowest_for([*firm, *(rate for one in shown for rate in _rates(one))])
    labels = [one.label for one in shown]
    places = frame.panel_grid(labels, 22) if any(labels) else [frame.single_panel()]
    first, last = _limits(shown, courses)
    for place, series, course in zip(places, shown, courses, strict=True):
        _draw_days(place, course, floor)
        _draw_steps(place, series, first, last)
        ticks = 10 if len(shown) == 1 else 3
        place.axes(axes.of_time(first, last, "day", ticks), axes.of_rates(floor))
    choice = frame.selection_note(len(shown), len(every), "changed")
    cut = "axis does not start at zero" if floor > 0 else ""
    notes = frame.join_parts(SHADED, cut, choice)
    return frame.with_title(places[0].chart, title(result), MEASURE, notes, above=20)


def _local(row: Row, tz: str) -> Row:
    times = ("changed_at", "earliest", "latest")
    return {**row, **{name: local(row[name], tz) for name in times}}


def _moved(series: Series) -> float:
    """The largest step of a series."""
    return max((abs(row["difference"]) for row in series.rows), default=0.0)


def _rates(series: Series) -> list[float]:
    return [row[name] for row in series.rows for name in ("value_before", "value")]


def _key(row: Row, by: tuple[str, ...]) -> str:
    """The group of a row; a value may be a list."""
    return repr([row[name] for name in by])


def _days(result: Result) -> dict[str, list[Day]]:
    """The days of each group, from the hours that the changes were found in."""
    found: dict[str, dict[dt.date, list[float]]] = defaultdict(dict)
    for row in rows_of(result.own["course"]) if "course" in result.own else []:
        day = found[_key(row, result.by)].setdefault(row["hour_day"], [0, 0.0])
        day[0] += row["messages"]
        day[1] += row["hour_delivered"]
    return {
        key: [(_noon(day), int(sent), arrived) for day, (sent, arrived) in days.items()]
        for key, days in found.items()
    }


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12))


def _limits(shown: list[Series], courses: list[list[Day]]) -> tuple[dt.datetime, dt.datetime]:
    times = [at for course in courses for at, _, _ in course]
    changes = [row["changed_at"] for one in shown for row in one.rows]
    return min(times + changes), max(times + changes)


def _draw_days(place: frame.Panel, course: list[Day], floor: float) -> None:
    """Draw a dot per day; one below the axis is at its edge."""
    rates = [arrived / sent for _, sent, arrived in course]
    said = [
        f"<b>{escape(formats.rate(rate))}</b> of {formats.counted(sent, 'message')}"
        for rate, (_, sent, _) in zip(rates, course, strict=True)
    ]
    drawn = [max(rate, floor) for rate in rates]
    place.draw(marks.dots([at for at, _, _ in course], drawn, said, faint(INK, 0.6), size=5))


def _draw_steps(place: frame.Panel, series: Series, first: dt.datetime, last: dt.datetime) -> None:
    """Draw the line of steps, each with its interval and labelled with its difference."""
    rows = sorted(series.rows, key=lambda row: row["changed_at"])
    labelled = _labelled(rows, (last - first) / (5 if place.small else 8))
    times, values, said = [first], [rows[0]["value_before"]], [_words(rows[0], "value_before")]
    for row in rows:
        times += [row["changed_at"]] * 2
        values += [row["value_before"], row["value"]]
        said += [_words(row, "value_before"), _words(row, "value")]
        _shade(place, row)
        if row["changed_at"] not in labelled:
            continue
        points = f"{'+' if row['difference'] > 0 else ''}{formats.rate_figure(row['difference'])}"
        higher = max(row["value_before"], row["value"])
        place.note(f"<b>{escape(points)} points</b>", x=row["changed_at"], y=higher, yshift=10)
    times.append(last)
    values.append(rows[-1]["value"])
    said.append(_words(rows[-1], "value"))
    place.draw(marks.line(times, values, said, HUE))


def _labelled(rows: list[Row], apart: dt.timedelta) -> set[dt.datetime]:
    """The changes with a label, the larger of any two that are closer than ``apart``."""
    chosen: set[dt.datetime] = set()
    for row in sorted(rows, key=lambda row: -abs(row["difference"])):
        if all(abs(row["changed_at"] - other) >= apart for other in chosen):
            chosen.add(row["changed_at"])
    return chosen


def _shade(place: frame.Panel, row: Row) -> None:
    until = row["latest"] + dt.timedelta(hours=1)
    frame.shade(place, row["earliest"], until, faint(HUE, 0.25))


def _words(row: Row, value: str) -> str:
    messages = row["messages" if value == "value" else "messages_before"]
    return (
        f"<b>{escape(formats.rate(row[value]))}</b> of {formats.counted(messages, 'message')}"
        f"<br>changed {row['changed_at']:%-d %b %Y, %H:00}"
    )
