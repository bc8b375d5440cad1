"""The delivery rate by day: a line for settled days, ranges for the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from dlr_analytics.presentation.formats import count, counted, day, interval, rate
from dlr_analytics.report.model import Day, Tally
from dlr_analytics.report.svg.chart import Chart, Layout, drawn_twice, share_axis
from dlr_analytics.report.svg.elements import box, dot, line, trace, words
from dlr_analytics.report.svg.plot import Event, Past, Plot, event_labels, past_days, runs
from dlr_analytics.report.svg.scale import Scale, lowest_for, mondays, rate_ticks

_LAYOUTS: Final = (
    Layout("wide", 1000, 352, left=46, right=840, top=34, bottom=264),
    Layout("narrow", 360, 300, left=40, right=354, top=34, bottom=224),
)
_COLUMNS_HIGH: Final = {"wide": 42, "narrow": 32}
_TICKS: Final = {"wide": 10, "narrow": 4}
_LAST: Final = "lab delivered-t halo"
_TEXT: Final = 16
"""The height of a line of text."""
_MOST_UP: Final = 36
"""From the foot of the columns up to the text beside them."""
_MOST_NOTED: Final = 100
"""The most days with a note for the pointer; the table has their figures too."""


def rate_by_day(
    days: Sequence[Day],
    whole: Tally,
    target: float | None = None,
    past: Past | None = None,
    events: Sequence[Event] = (),
) -> Chart:
    """Draw the rate of each day, its interval and its number of messages.

    Parameters
    ----------
    days : sequence of Day
        All days of the period in order, those without messages included; at least one.
    whole : Tally
        The whole period, for the dotted line.
    target : float, optional
        A rate to draw as a dashed line; the axis includes it.
    past : Past, optional
        The period before, drawn to the left in grey.
    events : sequence of Event
        What happened in the period, at most two, in order of time.
    """
    before = past.days if past else ()
    every = [*before, *days]
    low = _lowest(days, before, target)

    def marks(at: Layout) -> Iterator[Markup]:
        first = len(every) - len(days)
        plot = Plot(at, every, Scale(low, 1.0, start=at.bottom, end=at.top), first)
        yield from share_axis(at, plot.y, rate_ticks(low))
        yield from _unsettled(plot)
        yield from _levels(plot, whole.rate, target)
        if past is not None:
            yield from past_days(plot, past, whole)
        yield from _settled(plot)
        if at.wide:
            yield from event_labels(plot, events)
        yield from _columns(plot)
        yield from _weeks(plot)
        if at.wide and len(days) <= _MOST_NOTED:
            yield from _notes(plot)

    return drawn_twice(_LAYOUTS, _sentence(days, target, past), marks)


def starts_at_zero(days: Sequence[Day], before: Sequence[Day], target: float | None) -> bool:
    """Return whether the axis of the chart does."""
    return _lowest(days, before, target) == 0


def _lowest(days: Sequence[Day], before: Sequence[Day], target: float | None) -> float:
    """The start of the axis: it includes intervals, the rates before, and the target."""
    lows = [d.tally.low for d in days if d.mature and d.tally.low is not None]
    rates = [d.tally.rate for d in before if d.mature and d.tally.rate is not None]
    return lowest_for([*lows, *rates, *([] if target is None else [target])])


def _settled(plot: Plot) -> Iterator[Markup]:
    last = None
    for run in runs(plot.days, plot.first, len(plot.days)):
        tallies = [(plot.x(i), plot.days[i].tally) for i in run]
        over = [(x, plot.y.at(t.high)) for x, t in tallies if t.high is not None]
        under = [(x, plot.y.at(t.low)) for x, t in tallies if t.low is not None]
        through = [(x, plot.y.at(t.rate)) for x, t in tallies if t.rate is not None]
        if len(run) > 1:
            yield trace(over + under[::-1], "band", closed=True)
            yield trace(through, "line delivered")
        else:
            yield line(over[0], under[0], "whisker")
            yield dot(through[0], 2.5, "dot delivered")
        rising = len(run) > 1 and through[-2][1] > through[-1][1]
        last = through[-1], plot.days[run[-1]].tally.rate, rising
    if last is not None:
        (x, y), share, rising = last
        yield dot((x, y), 3.5, "dot delivered")
        # On the side of the dot opposite to the line.
        above = rising or y + 22 > plot.at.bottom - 2
        yield words((x + 2, y - 10 if above else y + 22), rate(share), _LAST, "end")


def _unsettled(plot: Plot) -> Iterator[Markup]:
    young = [i for i, d in enumerate(plot.days) if i >= plot.first and not d.mature]
    if not young:
        return
    at, left = plot.at, plot.x(young[0]) - plot.slot / 2
    yield box(left, at.top - 4, at.right - left, plot.foot - at.top + 4, "unsettled")
    yield words((at.right, 22), "not settled yet", "ax", "end")
    half = min(max(plot.slot * 0.27, 1.0), 7.0)
    for i in young:
        tally = plot.days[i].tally
        if tally.floor is None or tally.best is None:
            continue
        yield _range(plot, plot.x(i), half, tally.floor, tally.best)
        if tally.rate is not None and tally.rate >= plot.y.low:
            yield dot((plot.x(i), plot.y.at(tally.rate)), min(3.0, half), "dot hollow")


def _range(plot: Plot, x: float, half: float, floor: float, best: float) -> Markup:
    """Draw a range between bounds, open below where the axis cuts it off."""
    top, foot = plot.y.at(best), plot.y.at(floor)
    foot = max(foot, top + 1.5)
    corners = [(x - half, foot), (x - half, top), (x + half, top), (x + half, foot)]
    return trace(corners, "range", closed=floor >= plot.y.low)


def _levels(plot: Plot, overall: float | None, target: float | None) -> Iterator[Markup]:
    """Draw the rate of the whole period and the target across the plot."""
    at = plot.at
    levels = [(overall, "ref"), (target, "target")]
    drawn = {kind: plot.y.at(v) for v, kind in levels if v is not None and v >= plot.y.low}
    for kind, y in drawn.items():
        yield line((at.left if kind == "target" else plot.left, y), (at.right, y), kind)
    if not at.wide:
        return
    # Each is named beside its line, the period on two lines of text; where they would meet, the
    # higher one is moved up.
    texts = {
        "ref": [f"{rate(overall)} in the", "whole period"],
        "target": [f"target {rate(target)}"],
    }
    below = plot.foot - _MOST_UP
    for kind, y in sorted(drawn.items(), key=lambda level: (-level[1], level[0] == "ref")):
        foot = min(y + 4 + _TEXT * (len(texts[kind]) - 1), below - _TEXT)
        for text in reversed(texts[kind]):
            yield words((at.right + 10, foot), text, "ax")
            below, foot = foot, foot - _TEXT


def _columns(plot: Plot) -> Iterator[Markup]:
    at, foot, high = plot.at, plot.foot, _COLUMNS_HIGH[plot.at.name]
    most = max(d.tally.messages for d in plot.days)
    width = min(plot.slot * 0.7, 28.0)
    for i, each in enumerate(plot.days):
        height = high * each.tally.messages / max(most, 1)
        if height:
            yield box(plot.x(i) - width / 2, foot - height, width, height, "vol")
    yield line((at.left, foot), (at.right, foot), "base")
    if at.wide:
        yield words((at.right + 10, foot - _MOST_UP), "messages a day,", "ax")
        yield words((at.right + 10, foot - 20), f"at most {count(most)}", "ax")
    else:
        note = f"messages a day, at most {count(most)}"
        yield words((at.left, foot - high - 5), note, "ax halo")


def _weeks(plot: Plot) -> Iterator[Markup]:
    first, last = plot.days[0].day, plot.days[-1].day
    named = mondays(first, last, most=_TICKS[plot.at.name])
    for each in named or (first,):
        x = plot.x((each - first).days)
        yield line((x, plot.foot), (x, plot.foot + 4), "base")
        at_edge = not plot.at.wide and x > plot.at.right - 18
        label_at, anchor = (plot.at.right, "end") if at_edge else (x, "middle")
        yield words((label_at, plot.foot + 18), day(each), "ax", anchor)


def _notes(plot: Plot) -> Iterator[Markup]:
    for i, each in enumerate(plot.days):
        at, tally = plot.at, each.tally
        left, high = plot.x(i) - plot.slot / 2, plot.foot - plot.at.top
        yield box(left, at.top, plot.slot, high, "hit", f"{day(each.day)}: {_note(each, tally)}")


def _note(each: Day, tally: Tally) -> str:
    if not tally.messages:
        return "no messages"
    messages = counted(tally.messages, "message")
    bounds = f"will end between {interval(tally.floor, tally.best)}"
    if tally.rate is None:
        return f"{bounds} of {messages}"
    if not each.mature:
        return f"{bounds} of {messages}, likely near {rate(tally.rate)}"
    return f"{rate(tally.rate)} of {messages} (95% interval {interval(tally.low, tally.high)})"


def _sentence(days: Sequence[Day], target: float | None, past: Past | None) -> str:
    """State the result in words, for screen readers."""
    known = [(d.tally.rate, d.day) for d in days if d.mature and d.tally.rate is not None]
    young = sum(not d.mature for d in days)
    parts = ["Line chart of the delivery rate by day."]
    if known:
        (least, worst), (most, best) = min(known), max(known)
        last, at = known[-1]
        parts.append(
            f"It lies between {rate(least)} on {day(worst)} and {rate(most)} on {day(best)},"
        )
        parts.append(f"and is {rate(last)} on {day(at)}, the last settled day.")
    if past is not None:
        parts.append(f"In the period before it was {rate(past.rate)}.")
    if target is not None:
        parts.append(f"The target is {rate(target)}.")
    if young:
        parts.append(f"{counted(young, 'day is', 'days are')} not settled yet.")
    return " ".join([*parts, "The figures follow as a table."])
