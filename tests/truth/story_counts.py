"""Stories of docs/truth.md about counting: recent days, repeated prices, and chance."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np

from dlr_analytics.analysis.database import Database
from dlr_analytics.report.svg.elements import box, line, trace, words
from tests.truth import story_charts as draw
from tests.truth.story import MONDAYS, Figures, Story, day
from tests.truth.story import rows as rows_of


def present(database: Database) -> Story:
    """The last three days, as they looked on each of sixteen days, and what came of them."""
    asked = [dt.datetime(2026, 11, day) for day in range(5, 21)]
    seen = [_three_days(database, at) for at in asked]
    x, y = draw.across(day(asked[0]) - 0.5, day(asked[-1]) + 0.5), draw.upwards(0.8, 1)
    xs = [x.at(day(at)) for at in asked]
    ticks = [(day(at), f"{at.day} {at:%b}") for at in asked[::5]]
    marks = draw.axes(x, y, ticks, [(v / 100, f"{v}%") for v in (80, 85, 90, 95, 100)])
    bounds = [(a, y.at(s["success_ratio"])) for a, s in zip(xs, seen, strict=True)]
    bounds += [(a, y.at(s["best_case"])) for a, s in zip(xs[::-1], seen[::-1], strict=True)]
    marks.append(trace(bounds, "band", closed=True))
    for name, kind in (("settled_rate", "naive"), ("delivery_rate", "ours")):
        marks.append(draw.path([(a, y.at(s[name])) for a, s in zip(xs, seen, strict=True)], kind))
    truth = [(a, y.at(s["in_the_end"])) for a, s in zip(xs, seen, strict=True)]
    marks += draw.dots(truth, "truth", 4)
    end, last = x.at(day(asked[-1])) + 20, seen[-1]
    marks += draw.named(end, y.at(last["settled_rate"]), "naive", "delivered / settled")
    marks += draw.named(
        end, y.at(last["delivery_rate"]) - 17, "ours", "delivery_rate,", "band: its bounds"
    )
    marks += draw.named(end, y.at(last["delivery_rate"]) + 17, "truth", "dots: in the end")
    said = "Delivered / settled lies above what came of it on each day, delivery_rate on it."
    return Story(_present_figures(seen), draw.picture(said, *marks))


def _three_days(database: Database, at: dt.datetime) -> dict[str, float]:
    since = at - dt.timedelta(days=3)
    then = database.delivery_rate(since=since, until=at, as_of=at).df().iloc[0]
    now = database.delivery_rate(since=since, until=at).df().iloc[0]
    names = ("delivery_rate", "success_ratio", "best_case")
    estimated = {name: float(then[name]) for name in names}
    settled = float(then["delivered"] / then["settled"])
    return {**estimated, "settled_rate": settled, "in_the_end": float(now["delivery_rate"])}


def _present_figures(seen: list[dict[str, float]]) -> Figures:
    def points(name: str) -> list[float]:
        return [100 * (one[name] - one["in_the_end"]) for one in seen]

    naive, ours = points("settled_rate"), points("delivery_rate")
    assert min(naive) > 0, "the text says: too high on each day"
    within = sum(one["success_ratio"] <= one["in_the_end"] <= one["best_case"] for one in seen)
    return {
        "present_days": str(len(seen)),
        "present_naive_bias": f"{np.mean(naive):.1f}",
        "present_naive_worst": f"{max(naive):.1f}",
        "present_bias": f"{abs(np.mean(ours)):.1f}",
        "present_worst": f"{max(map(abs, ours)):.1f}",
        "present_within": str(within),
    }


def price(database: Database) -> Story:
    """Cost over receipts and over messages, in all and by network."""
    ((receipts,),) = rows_of(database, "select sum(price) from receipts")
    bill = database.cost().df().iloc[0]
    rows = rows_of(
        database,
        """
        select network_code, sum(price), (
            select sum(r.price) from receipts as r where r.network_code = messages.network_code
        )
        from messages where network_code is not null
        group by all order by 2 desc limit 8
        """,
    )
    x = draw.across(0, 70)
    marks = []
    for place, (code, once, often) in enumerate(rows):
        top = draw.TOP + 32 * place
        marks += [words((draw.LEFT - 8, top + 15), code, "ax", "end")]
        for down, amount, kind in ((0, often, "d-naive"), (11, once, "d-ours")):
            marks.append(box(draw.LEFT, top + down, x.at(float(amount)) - draw.LEFT, 9, kind))
        times = f"€{_cents(often)} · €{_cents(once)}"
        marks.append(words((x.at(float(often)) + 8, top + 15), times, "ax"))
    marks += draw.named(draw.RIGHT - 60, 200, "naive", "grey: summed over receipts")
    marks += draw.named(draw.RIGHT - 60, 220, "ours", "blue: over messages")
    more = 100 * (receipts / bill["cost"] - 1)
    figures = {
        "price_receipts": _cents(receipts),
        "price_messages": _cents(bill["cost"]),
        "price_more": f"{more:.0f}",
        "price_wasted": _cents(bill["wasted"]),
    }
    said = "Summed over receipts each network seems dearer than it is, not all by the same factor."
    return Story(figures, draw.picture(said, *marks))


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"


def noise(database: Database) -> Story:
    """A network that hardly changed, day by day."""
    of = "network_code = '23410'"
    days = database.delivery_rate(by="day", where=of).df()
    whole = database.delivery_rate(where=of).df().iloc[0]
    x, y = draw.across(-0.5, 34.5), draw.upwards(0.2, 1)
    marks = draw.axes(x, y, MONDAYS, [(v / 100, f"{v}%") for v in (20, 40, 60, 80, 100)])
    level = y.at(whole["delivery_rate"])
    marks.append(line((draw.LEFT, level), (draw.RIGHT, level), "truth"))
    for one in days.to_dict("records"):
        at = x.at(day(one["day"].to_pydatetime()))
        marks.append(draw.interval(at, y.at(one["ci_low"]), y.at(one["ci_high"]), "naive"))
        marks += draw.dots([(at, y.at(one["delivery_rate"]))], "ours", 4)
    marks += draw.named(draw.RIGHT + 8, level, "truth", "all days together")
    marks += draw.named(draw.RIGHT + 8, y.at(0.8), "ours", "dot: a day")
    marks += draw.named(draw.RIGHT + 8, y.at(0.72), "naive", "bar: its 95% interval")
    holding = (days["ci_low"] <= whole["delivery_rate"]) & (
        whole["delivery_rate"] <= days["ci_high"]
    )
    figures = {
        "noise_rate": f"{100 * whole['delivery_rate']:.1f}",
        "noise_messages": f"{whole['messages']:.0f}",
        "noise_low": f"{100 * days['delivery_rate'].min():.0f}",
        "noise_high": f"{100 * days['delivery_rate'].max():.0f}",
        "noise_each": f"{days['messages'].mean():.0f}",
        "noise_holding": str(int(holding.sum())),
        "noise_days": str(len(days)),
    }
    said = (
        "Daily rates of a network that hardly changed scatter; nearly all intervals hold its rate."
    )
    return Story(figures, draw.picture(said, *marks))
