"""The delivery rate by country and network; only the page folds its rows."""

from __future__ import annotations

from typing import Any, Final

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import (
    CODE,
    PER_THOUSAND,
    SECONDS,
    SHARE,
    TEXT,
    WHOLE_SHARE,
    Column,
    Table,
    Value,
)
from dlr_analytics.report.fold import fold
from dlr_analytics.report.model import Place, Report
from dlr_analytics.report.sections.changed import change_caption, change_columns, changed
from dlr_analytics.report.svg.cells import interval_scale

NO_CODE: Final = "none"
"""The label of a network without a code."""

STAND_IN_CAUTION: Final = 0.5
"""Above this share of stand-in send times, latencies are marked as uncertain."""

MOST_NAMED: Final = 8
"""The most networks that a note lists by name."""


def tables(report: Report) -> tuple[Table, ...]:
    """Return a row for each network, none folded."""
    price, currencies = _price_columns(report)
    return (
        Table(
            "Networks",
            "Delivery rate by country and network",
            f"Ordered by undelivered messages, countries first{change_caption(report)}",
            (
                Column("Network", CODE),
                Column("Operator", TEXT),
                Column("Country", TEXT),
                Column("Rate, %", SHARE),
                Column("95% interval from, %", SHARE),
                Column("to, %", SHARE),
                *change_columns(report),
                Column("Undelivered"),
                Column("Pending"),
                Column("Messages"),
                Column("95% arrive within", SECONDS),
                Column("Stand-in send time, %", WHOLE_SHARE, caution=STAND_IN_CAUTION),
                price,
                *currencies,
            ),
            tuple(_row(place, report) for place in report.networks),
            marks=(
                "dot: rate · bar: 95% interval · by day: settled days, all rows over the same 12 "
                "points"
            ),
            note=" ".join(filter(None, [_silent_note(report), _stand_in_note(report)])),
        ),
    )


def _price_columns(report: Report) -> tuple[Column, tuple[Column, ...]]:
    """The column of prices, and one of currencies where there are several."""
    if len(report.spending) > 1:
        return Column("Per 1,000 delivered", PER_THOUSAND), (Column("Currency", TEXT),)
    sign = formats.currency_sign(report.spending[0].currency) if report.spending else "Cost"
    return Column(f"{sign} per 1,000 delivered", PER_THOUSAND), ()


def _row(place: Place, report: Report) -> tuple[Value, ...]:
    t = place.tally
    named = (place.code or NO_CODE, place.network, place.country_name, t.rate, t.low, t.high)
    counts = (t.undelivered, t.pending, t.messages)
    currency = (place.currency,) if len(report.spending) > 1 else ()
    rest = (*counts, place.p95, place.from_accepted, place.cost_per_delivered, *currency)
    return (*named, *changed(place.change, report), *rest)


def _silent_note(report: Report) -> str:
    """The networks that send no final receipts."""
    names = [place.code or NO_CODE for place in report.networks if place.is_silent]
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    send = "sends" if len(names) == 1 else "send"
    return f"{', '.join(names[:MOST_NAMED])}{more} {send} no final receipts."


def _stand_in_note(report: Report) -> str:
    """The share of the latencies timed from the ``accepted`` receipt."""
    if not report.latency.whole.from_accepted:
        return ""
    measured = [place for place in report.networks if place.from_accepted is not None]
    cautious = [p for p in measured if (p.from_accepted or 0) > STAND_IN_CAUTION]
    if len(cautious) == len(measured):
        cautious = []
    names = [place.code or NO_CODE for place in cautious[:MOST_NAMED]]
    more = f" and {len(cautious) - len(names)} more" if len(cautious) > len(names) else ""
    above = f"; above half on {', '.join(names)}{more}" if names else ""
    share = formats.rate(report.latency.whole.from_accepted, 0)
    return (
        "Arrival is by push time, an upper bound. Without a send log, the time of the accepted "
        f"receipt is used as the send time of {share} of the measured messages{above}."
    )


def graphics(report: Report) -> dict[str, Any]:
    """Return the ``folded`` rows, the common ``scale`` of their intervals."""
    folded = fold(report)
    places = [*report.networks, *(group.whole for group in folded.groups)]
    return {"folded": folded, "scale": interval_scale(place.tally for place in places)}
