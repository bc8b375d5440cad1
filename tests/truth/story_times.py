"""Stories of docs/truth.md about time: the zone of scts, and its missing seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from dlr_analytics.analysis.database import Database
from dlr_analytics.report.svg.elements import Point, line
from dlr_analytics.report.svg.scale import Scale
from tests.support import sample
from tests.truth import story_charts as draw
from tests.truth.story import MONDAYS, Story, day
from tests.truth.story import rows as rows_of

CLOCKS_BACK: Final = dt.datetime(2026, 10, 25, 1)
"""When European clocks went back, UTC."""


def zone(database: Database) -> Story:
    """How far a carrier's local clock puts deliveries off, and what is learned of it."""
    rows = rows_of(
        database,
        """
        select r.message_timestamp, date_diff('second', r.message_timestamp, r.scts) / 60.0
        from receipts as r
        where r.network_code = '26202' and r.status = 'delivered' and r.scts is not null
        order by all
        """,
    )
    x, y = draw.across(0, 35), draw.upwards(-60, 180)
    ticks = [(value, str(value).replace("-", "−")) for value in (-60, 0, 60, 120, 180)]
    points = [(x.at(day(at)), y.at(ahead)) for at, ahead in rows if -60 <= ahead <= 180]
    marks = draw.axes(x, y, MONDAYS, ticks) + draw.dots(points, "ours")
    marks += draw.named(
        x.at(35) + 8, y.at(60), "ours", "scts, minutes ahead", "of message-timestamp"
    )
    summer, standard = (_median(rows, before) for before in (True, False))
    learned = _learned(database)
    figures = {
        "zone_summer": f"{round(summer, -1):.0f}",
        "zone_standard": f"{round(standard, -1):.0f}",
        "zone_naive_summer": _hours(_naive_half(database, "<")),
        "zone_naive_standard": _hours(_naive_half(database, ">=")),
        **{f"zone_{name}": f"{count:,}" for name, count in learned.items()},
    }
    said = "scts of network 26202 is two hours ahead of UTC until 25 October, one hour after it."
    return Story(figures, draw.picture(said, *marks))


def _median(rows: list[tuple[Any, ...]], before: bool) -> float:
    return float(np.median([ahead for at, ahead in rows if (at < CLOCKS_BACK) is before]))


def _naive_half(database: Database, side: str) -> float:
    ((seconds,),) = rows_of(
        database,
        f"""
        select median(date_diff('second', sent_at, scts)) from messages
        where network_code = '26202' and outcome = 'delivered'
            and message_time {side} timestamp '{CLOCKS_BACK}'
        """,
    )
    return float(seconds)


def _hours(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _learned(database: Database) -> dict[str, int]:
    """How many delivered messages have the true offset, a wrong one, and none."""
    habits: Any = sample.recipe().truth.summary()["networks"]
    rows = rows_of(
        database,
        f"""
        select network_code, message_time < timestamp '{CLOCKS_BACK}', scts_offset_min
        from messages where outcome = 'delivered' and scts is not null
            and network_code is not null and not list_contains(problems, 'times_contradict')
        """,
    )
    counts = {"all": len(rows), "right": 0, "wrong": 0, "unknown": 0}
    for code, summer, offset in rows:
        true = habits[code]["scts_offset_min"]["summer" if summer else "standard"]
        counts["unknown" if offset is None else "right" if offset == true else "wrong"] += 1
    return counts


def seconds(database: Database) -> Story:
    """Plain percentiles of a time without seconds, the estimates, and the truth."""
    plain = sorted(row[0] for row in rows_of(
        database, "select latency_s from messages where latency_s is not null"
    ))  # fmt: skip
    true = sorted(_true_waits(database))
    estimated = database.latency().df().iloc[0]
    x, y = draw.across(-60, 60), draw.upwards(0, 1)
    x_ticks = [(s, f"{s} s".replace("-", "−")) for s in (-60, -30, 0, 30, 60)]
    y_ticks = [(share / 100, f"{share}%") for share in (0, 25, 50, 75, 100)]
    marks = draw.axes(x, y, x_ticks, y_ticks)
    marks += [
        draw.path(_cumulative(plain, x, y), "naive"),
        draw.path(_cumulative(true, x, y), "truth"),
    ]
    for percent in (50, 90, 95):
        at, margin = estimated[f"p{percent}_s"], estimated[f"p{percent}_margin_s"]
        height = y.at(percent / 100)
        marks.append(line((x.at(at - margin), height), (x.at(at + margin), height), "ours"))
        marks += draw.dots([(x.at(at), height)], "ours", 5)
    marks += draw.named(x.at(60) + 8, y.at(0.97), "truth", "the truth")
    marks += draw.named(x.at(60) + 8, y.at(0.8), "ours", "dlr query latency,", "95% margins")
    marks += draw.named(x.at(-58), y.at(0.62), "naive", "scts − send time")
    figures = {f"seconds_naive_p{p}": _signed(np.quantile(plain, p / 100)) for p in (50, 90)}
    figures |= {f"seconds_true_p{p}": f"{np.quantile(true, p / 100):.1f}" for p in (50, 90)}
    for p in (50, 90):
        figures[f"seconds_p{p}"] = f"{estimated[f'p{p}_s']:.1f}"
        figures[f"seconds_m{p}"] = f"{estimated[f'p{p}_margin_s']:.1f}"
    said = "The plain difference of scts and send time lies about half a minute left of the truth."
    return Story(figures, draw.picture(said, *marks))


def _true_waits(database: Database) -> Iterator[float]:
    """What the simulator knows of the messages that can be measured."""
    measured = {row[0].lower() for row in rows_of(
        database, "select message_id from messages where latency_s is not null"
    )}  # fmt: skip
    for each in sample.recipe().truth.each_message:
        if each.delivered_at is not None and each.message_id.lower() in measured:
            yield (each.delivered_at - each.sent_at).total_seconds()


def _cumulative(values: list[float], x: Scale, y: Scale) -> list[Point]:
    """The share at or below each second that the axis has."""
    shares = [np.searchsorted(values, second, "right") / len(values) for second in range(-60, 61)]
    return [(x.at(s), y.at(float(share))) for s, share in zip(range(-60, 61), shares, strict=True)]


def _signed(value: float) -> str:
    return f"{value:.0f}".replace("-", "−")
