"""Charts of ``cost``: bars by category, columns over time; a block per currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from dlr_analytics.notebook.charts.elements import axes, frame, marks
from dlr_analytics.notebook.charts.elements.series import (
    Series,
    escape,
    grouped,
    largest,
    messages,
    rows_of,
)
from dlr_analytics.notebook.charts.elements.template import Chart
from dlr_analytics.notebook.charts.time_chart import time_chart
from dlr_analytics.notebook.charts.timeline import Row, categories, time_column
from dlr_analytics.presentation import formats
from dlr_analytics.presentation.palette import MIDTONES
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.captions import title

if TYPE_CHECKING:
    from dlr_analytics.analysis.result import Result

SPENT: Final = MIDTONES["delivered"]
WASTED: Final = MIDTONES["failed"]

MEASURE: Final = "sum of the prices of messages, each counted once"
HATCHED: Final = "hatched: settled and not delivered"


def chart(result: Result) -> Chart:
    """Draw the chart of a ``cost`` result that has rows."""
    return _course(result) if time_column(result.by) else _categories(result)


def spent(series: Series) -> Decimal:
    """The cost of a series, in its one currency."""
    return Decimal(series.total("cost"))


def _categories(result: Result) -> Chart:
    """Draw bars ordered by cost, a block per currency."""
    blocks = _by_currency(result)
    shown = [largest(every, spent, frame.MOST_ROWS) for every in blocks.values()]
    several = len(blocks) > 1
    headings = [currency or "no price" for currency in blocks] if several else []
    places = frame.stacked_panels([len(block) for block in shown], headings)
    for place, block, currency in zip(places, shown, blocks, strict=True):
        _draw_bars(place, block, currency)
    places[0].chart.update_layout(barmode="stack")
    longest = max(blocks.values(), key=len)
    choice = frame.selection_note(
        min(len(longest), frame.MOST_ROWS), len(longest), "cost", result.by
    )
    return frame.with_title(
        places[0].chart,
        title(result),
        frame.join_parts(MEASURE, "currencies are not added" if several else "", choice),
        HATCHED,
        above=16 if several else 0,
    )


def _draw_bars(place: frame.Panel, block: list[Series], currency: str) -> None:
    rows = [one.rows[0] for one in block]
    names = [one.label or "all messages" for one in block]
    said = [
        f"<b>{escape(name)}</b><br>{_words(row, currency)}"
        for name, row in zip(names, rows, strict=True)
    ]
    costs = [row["cost"] for row in rows]
    place.draw(
        marks.bars([_useful(row) for row in rows], names, said, SPENT),
        marks.bars([row["wasted"] for row in rows], names, said, WASTED, hatch="/"),
        marks.figures(costs, names, [_money(cost, currency) for cost in costs]),
    )
    most = float(max(filter(None, costs), default=1))
    place.axes({"visible": False, "range": [0, 1.15 * most]}, axes.of_names(names))


def _course(result: Result) -> Chart:
    blocks = _by_currency(result)
    several = len(blocks) > 1
    series = [
        Series(" · ".join(filter(None, [one.label, currency if several else ""])), one.rows)
        for currency, block in blocks.items()
        for one in block
    ]
    size, most = (messages, "messages") if several else (spent, "cost")
    over = time_chart(result, series, size, most)
    over.chart.update_layout(barmode="stack")
    chart = over.with_title(
        title(result),
        frame.join_parts(MEASURE, "currencies are not added" if several else ""),
        HATCHED,
    )
    highest = _highest(over.shown)
    for place, settled, unsettled in over.panels():
        rows = [*settled, *unsettled]
        currency = _currency(rows)
        times = [row[over.grain] for row in rows]
        said = [_words(row, currency) for row in rows]
        place.draw(
            marks.columns(times, [_useful(row) for row in rows], said, over.grain, SPENT),
            marks.columns(
                times, [row.get("wasted") for row in rows], said, over.grain, WASTED, hatch="/"
            ),
        )
        sign = "" if several else escape(formats.currency_sign(currency))
        place.axes({}, axes.of_amounts(highest[currency], sign))
    return chart


def _by_currency(result: Result) -> dict[str, list[Series]]:
    """Group series by currency; without a price, they join the only currency."""
    names = [name for name in categories(result.by) if name != "currency"]
    rows = rows_of(result)
    currencies = {_currency([row]) for row in rows} - {""}
    other = currencies.pop() if len(currencies) == 1 else ""
    priced: dict[str, list[Row]] = {}
    for row in rows:
        priced.setdefault(_currency([row]) or other, []).append(row)
    return {currency: grouped(rows, names) for currency, rows in sorted(priced.items())}


def _currency(rows: Sequence[Row]) -> str:
    """The currency of rows, sanitised: it may come from a receipt."""
    return sanitize(next((row["currency"] for row in rows if row.get("currency")), ""), 12)


def _money(amount: Decimal | None, currency: str) -> str:
    return escape(formats.money(amount, currency))


def _highest(shown: Sequence[Series]) -> dict[str, float]:
    """The highest column of each currency; its panels share a scale."""
    highest: dict[str, float] = {}
    for one in shown:
        tallest = max((float(row["cost"]) for row in one.rows if row.get("cost")), default=1.0)
        currency = _currency(one.rows)
        highest[currency] = max(tallest, highest.get(currency, 0))
    return highest


def _useful(row: Row) -> Decimal | None:
    """The cost less what was wasted."""
    if row.get("cost") is None:
        return None
    return Decimal(row["cost"] - (row["wasted"] or 0))


def _words(row: Row, currency: str) -> str:
    if not row.get("messages"):
        return "no messages"
    priced = formats.counted(row["priced"], "message")
    each = escape(formats.price(row["cost_per_delivered"], currency))
    return (
        f"<b>{_money(row['cost'], currency)}</b> for {priced}"
        f"<br>{_money(row['wasted'], currency)} of it not delivered, {each} per delivered message"
    )
