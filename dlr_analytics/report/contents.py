"""What each section says, for every format alike: its title, its caption and its table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dlr_analytics.presentation import formats
from dlr_analytics.presentation.table import (
    CODE,
    DAY,
    MOMENT,
    MONEY,
    PER_THOUSAND,
    SECONDS,
    SHARE,
    TEXT,
    WHOLE_SHARE,
    Column,
    Table,
    Value,
)
from dlr_analytics.report.advice import cases, code_of, mostly_on
from dlr_analytics.report.model import Day, Place, Report, Speed, Spending
from dlr_analytics.vocabulary import OUTCOMES

NO_CODE: Final = "none"
"""How a network without a code is called."""

STAND_IN_CAUTION: Final = 0.5
"""Above this share of stand-in send times, latencies ask for the reader's care."""

DOUBT: Final = "By scts, above the push time"
"""Which of the estimates by the carrier's time cannot be right: the push comes after it."""

MOST_NAMED: Final = 8


def ended(report: Report) -> Table:
    """How the messages ended: the seven outcomes, which add up."""
    tally = report.tally
    counts = [(outcome.capitalize(), getattr(tally, outcome)) for outcome in OUTCOMES]
    return Table(
        f"How {formats.counted(tally.messages, 'message')} ended",
        "",
        (Column("Outcome", TEXT), Column("Messages"), Column("Share, %", SHARE)),
        tuple((name, n, n / tally.messages if tally.messages else None) for name, n in counts),
    )


def by_day(report: Report) -> Table:
    """The rate by day: settled days with their interval, the others with their bounds."""
    return Table(
        "Delivery rate by day",
        "Delivered as a share of all messages, %",
        (
            Column("Day", DAY),
            Column("Messages"),
            Column("Settled"),
            Column("Rate, %", SHARE),
            Column("95% interval from, %", SHARE),
            Column("to, %", SHARE),
            Column("At least, %", SHARE),
            Column("At most, %", SHARE),
        ),
        tuple(_day_row(each) for each in report.days),
        marks=(
            "band: 95% interval, sampling error only · hollow bars: the range an unsettled day can "
            "end in, dot: where it is expected to · axis does not start at zero"
        ),
    )


def _day_row(each: Day) -> tuple[Value, ...]:
    t = each.tally
    return (each.day, t.messages, t.settled, t.rate, t.low, t.high, t.floor, t.best)


def networks(report: Report) -> Table:
    """Every network, none folded."""
    return Table(
        "Delivery rate by country and network",
        "Ordered by undelivered messages, countries first",
        (
            Column("Network", CODE),
            Column("Operator", TEXT),
            Column("Country", TEXT),
            Column("Rate, %", SHARE),
            Column("95% interval from, %", SHARE),
            Column("to, %", SHARE),
            Column("Undelivered"),
            Column("Pending"),
            Column("Messages"),
            Column("95% arrive within", SECONDS),
            Column("Stand-in send time, %", WHOLE_SHARE, caution=STAND_IN_CAUTION),
            Column(per_thousand_head(report), PER_THOUSAND),
        ),
        tuple(_network_row(place) for place in report.networks),
        marks=(
            "dot: rate · bar: 95% interval · by day: settled days, all rows over the same 12 points"
        ),
    )


def stand_in_note(report: Report) -> str:
    """How much of the latencies in the table of networks rests on the stand-in."""
    measured = [place for place in report.networks if place.from_accepted is not None]
    cautious = [p for p in measured if (p.from_accepted or 0) > STAND_IN_CAUTION]
    if len(cautious) == len(measured):
        cautious = []
    names = [place.code or NO_CODE for place in cautious[:MOST_NAMED]]
    more = f" and {len(cautious) - len(names)} more" if len(cautious) > len(names) else ""
    above = f"; above half on {', '.join(names)}{more}" if names else ""
    share = formats.rate(report.latency.whole.from_accepted, 0)
    return (
        "Arrival is by push time, an upper bound. For want of a send log, the accepted receipt "
        f"stands in for the send time of {share} of the measured messages{above}."
    )


def per_thousand_head(report: Report) -> str:
    """The head of a column of prices, in the report's first currency."""
    sign = formats.currency_sign(report.spending[0].currency) if report.spending else "Cost"
    return f"{sign} per 1,000 delivered"


def _network_row(place: Place) -> tuple[Value, ...]:
    t = place.tally
    named = (place.code or NO_CODE, place.network, place.country_name, t.rate, t.low, t.high)
    counts = (t.undelivered, t.pending, t.messages)
    return (*named, *counts, place.p95, place.from_accepted, place.cost_per_delivered)


def errors(report: Report) -> Table:
    """Why settled messages were not delivered, and what to do."""
    count = formats.counted(report.tally.undelivered, "message was", "messages were")
    return Table(
        f"Why {count} not delivered",
        "Settled, undelivered messages by err-code, with what to do. The calls list the cases; for"
        f" those of this report add {report.command.removeprefix('dlr report ')}",
        (
            Column("err-code", CODE),
            Column("Meaning", TEXT),
            Column("Kind", TEXT),
            Column("Messages"),
            Column("Share, %", SHARE),
            Column("Mostly on", TEXT),
            Column("What to do", TEXT),
            Column("To list them", CODE),
        ),
        tuple(
            (code_of(r), r.meaning, r.kind, r.messages, r.share, mostly_on(r), r.advice, cases(r))
            for r in report.reasons
        ),
    )


def undelivered(report: Report) -> Table:
    """The undelivered messages one by one."""
    count = len(report.undelivered)
    return Table(
        f"The {formats.counted(count, 'undelivered message')}",
        "Listed one by one below 20",
        (
            Column(f"Sent ({report.period.tz})", MOMENT),
            Column("Message", CODE),
            Column("Outcome", TEXT),
            Column("err-code", TEXT),
        ),
        tuple(
            (m.message_time, m.message_id, m.outcome, _err(m.err_code, m.meaning))
            for m in report.undelivered
        ),
    )


def _err(code: int | None, meaning: str) -> str | None:
    if code is None:
        return None
    return f"{code}, {meaning[:1].lower()}{meaning[1:]}" if meaning else str(code)


def latency(report: Report) -> Table:
    """How long delivery took, by push time; by the carrier's too where that can be told."""
    whole = report.latency.whole
    speeds = (whole, *report.latency.places)
    by_scts = any(speed.scts_p50 is not None for speed in speeds)
    scts = [Column(name, SECONDS) for name in ("Half by scts", "± half", "95% by scts", "± 95%")]
    doubtful = any(speed.half_doubtful or speed.most_doubtful for speed in speeds)
    columns = (
        Column("Network", TEXT),
        Column("Measured"),
        Column("Within 10 s, %", SHARE),
        Column("30 s, %", SHARE),
        Column("60 s, %", SHARE),
        Column("Half within", SECONDS),
        Column("95% within", SECONDS),
        Column("99% within", SECONDS),
        *(scts if by_scts else ()),
        *([Column(DOUBT, TEXT)] if doubtful else ()),
        Column("Stand-in send time, %", WHOLE_SHARE, caution=STAND_IN_CAUTION),
    )
    return Table(
        "How long delivery took",
        f"Share of {formats.counted(whole.measured, 'delivered message')} confirmed within a time "
        f"of sending, % · send time of {formats.rate(whole.from_accepted, 0)} from the accepted "
        "receipt, a stand-in",
        columns,
        tuple(_speed_row(speed, by_scts=by_scts, doubtful=doubtful) for speed in speeds),
        strong=frozenset({0}),
        careful=_doubtful_cells([column.head for column in columns], speeds),
        marks="logarithmic time axis · dots: half",
    )


def _speed_row(speed: Speed, *, by_scts: bool, doubtful: bool) -> tuple[Value, ...]:
    within = (speed.within_10s, speed.within_30s, speed.within_60s)
    percentiles = (speed.p50, speed.p95, speed.p99)
    scts: tuple[Value, ...] = ()
    if by_scts:
        half = (speed.scts_p50, speed.scts_p50_margin)
        scts = (*half, speed.scts_p95, speed.scts_p95_margin)
    if doubtful:
        scts = (*scts, _doubt(speed))
    if speed.few:
        within, percentiles = (None, None, None), (None, None, None)
    return (speed.label, speed.measured, *within, *percentiles, *scts, speed.from_accepted)


def _doubt(speed: Speed) -> str | None:
    if speed.scts_p50 is None:
        return None
    named = (("half", speed.half_doubtful), ("95%", speed.most_doubtful))
    return " and ".join(name for name, doubt in named if doubt) or "no"


def _doubtful_cells(heads: Sequence[str], speeds: Sequence[Speed]) -> frozenset[tuple[int, int]]:
    return frozenset(
        (number, heads.index(head))
        for number, speed in enumerate(speeds)
        for head, doubt in (
            ("Half by scts", speed.half_doubtful),
            ("95% by scts", speed.most_doubtful),
            (DOUBT, speed.half_doubtful or speed.most_doubtful),
        )
        if doubt
    )


def latency_note(report: Report) -> str:
    """What the latencies are and what they are not."""
    whole = report.latency.whole
    told = "By push time: an upper bound, to the second."
    if whole.scts_p50 is None:
        return f"{told} The carrier’s own time (scts) has minutes only and no zone."
    half, most = (
        f"{formats.duration(at)} (± {formats.duration(margin)})"
        for at, margin in (
            (whole.scts_p50, whole.scts_p50_margin),
            (whole.scts_p95, whole.scts_p95_margin),
        )
    )
    return (
        f"{told} By the carrier’s own time (scts), which has minutes only, half are estimated to "
        f"have arrived within {half} and 95% within {most}. ± is 95% either way; where a row says "
        "that an estimate is above the push time, it is the estimate that is off."
    )


def cost(spending: Spending, *, alone: bool) -> Table:
    """What was spent in one currency, by country; the title names it unless it is the only one."""
    whole, sign = spending.whole, formats.currency_sign(spending.currency)
    total = formats.money_exact(whole.cost, spending.currency)
    wasted = formats.money_exact(whole.wasted, spending.currency)
    return Table(
        "What it cost" if alone else f"What it cost in {spending.currency}",
        f"{total} for {formats.counted(whole.priced, 'priced message')} · "
        f"undelivered messages cost money too: {wasted}",
        (
            Column("Country", TEXT),
            Column(f"Cost, {sign}", MONEY, bar=True),
            Column(f"{sign} per 1,000", PER_THOUSAND),
            Column(f"{sign} per 1,000 delivered", PER_THOUSAND),
            Column(f"For undelivered, {sign}", MONEY),
        ),
        tuple(
            (b.label, b.cost, b.per_message, b.per_delivered, b.wasted) for b in spending.countries
        ),
    )
