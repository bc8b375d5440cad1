"""Makes reports by hand: what a data directory would have to hold is left to other tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.changes import Cause, Change, Examined, Former, Loss, NewPrice
from dlr_analytics.report.fold import combined
from dlr_analytics.report.model import (
    Bill,
    Concentration,
    Country,
    Coverage,
    Day,
    Dimension,
    Extent,
    Group,
    Period,
    Place,
    Reason,
    Remark,
    Report,
    Spending,
    Tally,
    Undelivered,
)
from dlr_analytics.report.speeds import Curve, Latency, Speed

FIRST, LAST = date(2026, 10, 25), date(2026, 11, 23)
DAYS = (LAST - FIRST).days + 1

NETWORKS: Mapping[tuple[str | None, str], Sequence[tuple[str | None, str | None]]] = {
    ("DE", "Germany"): [("26201", "Telekom"), ("26202", "Vodafone"), ("26203", "O2")],
    ("GB", "United Kingdom"): [("23410", "O2"), ("23415", "Vodafone"), ("23430", "EE")],
    ("IN", "India"): [("405857", "Jio"), ("40445", "Airtel")],
    ("NG", "Nigeria"): [("62130", "MTN")],
    ("TR", "Türkiye"): [("28604", "Aycell")],
    (None, "Unknown country"): [(None, None)],
}


def tally(messages: int, rate: float, pending: int = 0) -> Tally:
    """A tally of so many messages with about this rate, its interval and its bounds."""
    settled = messages - pending
    delivered = round(settled * rate)
    missing = settled - delivered
    failed, expired, rejected = missing // 2, missing // 4, missing // 8
    unknown = missing // 16
    silent = missing - failed - expired - rejected - unknown
    expected = (delivered + pending * 0.8) / messages if messages else None
    half = 1.96 * math.sqrt(max(rate * (1 - rate), 0.001) / messages) if messages else 0.0
    return Tally(
        messages=messages,
        delivered=delivered,
        failed=failed,
        expired=expired,
        rejected=rejected,
        unknown=unknown,
        silent=silent,
        pending=pending,
        rate=expected,
        low=None if expected is None else max(expected - half, 0.0),
        high=None if expected is None else min(expected + half, 1.0),
        floor=delivered / messages if messages else None,
        best=(delivered + pending) / messages if messages else None,
    )


def place(
    code: str | None, network: str | None, country: str | None, name: str, of: Tally
) -> Place:
    """A place with a quiet course."""
    random = Random(f"{code}{name}")
    course = tuple((float(d), (of.rate or 0) + random.gauss(0, 0.006)) for d in range(DAYS - 3))
    return Place(
        country, name, code, network, of, course, of.delivered, 0.12, 22.0, Decimal("0.07379")
    )


def speed(label: str, measured: int, half: float) -> Speed:
    """A place's speed, its percentiles in proportion to the half."""
    within = (0.687, 0.896, 0.936)
    return Speed(label, measured, 0.12, *within, half, 20 * half, 250 * half, *[None] * 4)


def curve(label: str, half: float) -> Curve:
    """A smooth curve through ``half``."""
    seconds = [2**step for step in range(14)]
    return Curve(label, tuple((float(s), s**1.3 / (s**1.3 + half**1.3)) for s in seconds))


def countries(random: Random) -> tuple[Country, ...]:
    """The countries above, with networks of very different size."""
    made = []
    for (country, name), networks in NETWORKS.items():
        places = []
        for code, network in networks:
            messages = 14 if code == "28604" else random.randrange(900, 200_000)
            of = tally(messages, random.uniform(0.85, 0.985), pending=messages // 300)
            places.append(place(code, network, country, name, of))
        places.sort(key=lambda p: -p.tally.undelivered)
        whole = replace(combined([p.tally for p in places]), low=0.93, high=0.94)
        only = places[0] if len(places) == 1 else None
        code, network = (only.code, only.network) if only else (None, None)
        if only:
            whole = only.tally
        made.append(Country(place(code, network, country, name, whole), tuple(places)))
    return tuple(sorted(made, key=lambda c: -c.whole.tally.undelivered))


def days(whole: Tally, random: Random) -> tuple[Day, ...]:
    """Days that add up to the whole; the last three are not mature and hold the pending."""
    share, rest = divmod(whole.messages - whole.pending, DAYS)
    made = []
    for i in range(DAYS):
        young = DAYS - i <= 3
        pending = 0 if not young else whole.pending if i == DAYS - 1 else 0
        messages = share + (rest if i == 0 else 0) + pending
        of = tally(messages, random.gauss(0.945, 0.004), pending)
        made.append(Day(FIRST + timedelta(days=i), of, mature=not young))
    return tuple(made)


def reasons(whole: Tally) -> tuple[Reason, ...]:
    """Reasons that add up to the undelivered."""
    known = [
        (6, "Anti-spam rejection", "content or sender", "Fix the sender.", 0.4, "Acme"),
        (1, "Unknown", "unknown", "No reason given.", 0.3, None),
        (3, "Absent subscriber, permanent", "permanent", "Stop sending to the number.", 0.2, None),
    ]
    made = []
    for code, meaning, kind, advice, part, where in known:
        count = int(whole.undelivered * part)
        concentrated = Concentration(where, 0.93, 0.2) if where else None
        share = count / whole.undelivered
        made.append(Reason(code, meaning, kind, advice, count, share, concentrated))
    rest = whole.undelivered - sum(reason.messages for reason in made)
    share = rest / whole.undelivered
    none = "Other, or no err-code"
    on = Concentration("310260", 1.0, 0.05)
    made.append(Reason(None, none, "", "See Silent.", rest, share, on))
    return tuple(made)


def spending(whole: Tally, places: tuple[Country, ...]) -> tuple[Spending, ...]:
    """Bills of each country that add up to the whole's."""
    bills = []
    for country in places:
        t = country.whole.tally
        price = Decimal("0.0407")
        each = Bill(
            country.whole.country_name,
            t.messages,
            t.messages * price,
            price,
            (t.messages * price / t.delivered).quantize(Decimal("1e-8")) if t.delivered else None,
            t.undelivered * price,
        )
        bills.append(each)
    cost, wasted = (
        sum((b.cost for b in bills), Decimal()),
        sum((b.wasted for b in bills), Decimal()),
    )
    total = Bill("All", whole.messages, cost, price, cost / whole.delivered, wasted)
    return (Spending("EUR", total, tuple(bills)),)


def senders(whole: Tally, *, compared: bool = False) -> tuple[Group, ...]:
    """Three senders, one of which is refused, and messages without a sender."""
    random = Random("senders")
    made = []
    for name, rate, change in (("PROMO", 0.73, -0.24), ("Acme", 0.96, -0.01), (None, 0.9, 0.0)):
        of = tally(whole.messages // 4, rate)
        course = tuple((float(d), rate + random.gauss(0, 0.006)) for d in range(DAYS - 3))
        changed = Change(rate - change, change, change - 0.01, change + 0.01, change < -0.1)
        wasted = (("EUR", Decimal("61.36")),)
        made.append(Group(name, of, course, changed if compared else None, (6, 9), wasted))
    return tuple(made)


def found_report() -> Report:
    """A report with a period before, a filtered sender, a network that recovered and a price."""
    report = made_report()
    whole = report.tally
    course = tuple((float(d), 0.19 if d > 20 else 0.96) for d in range(DAYS - 3))
    refused = Cause((6, 50), "failed", "Anti-spam rejection", "content or sender", 967, 1010)
    promo = Loss(
        scope=(("sender", "PROMO"),),
        subject="Sender PROMO",
        first=date(2026, 11, 15),
        last=LAST,
        lasts=True,
        usual=0.968,
        rate=0.189,
        messages=1200,
        lost=937.2,
        points=0.047,
        paid=(("EUR", Decimal("55.47")),),
        cause=refused,
        spread=8,
        spread_of=8,
        course=course,
        call="dlr query errors --by message_id --where \"sender = 'PROMO'\" --data data",
    )
    network = replace(
        promo,
        scope=(("network_code", "26202"),),
        subject="26202 Vodafone (Germany)",
        first=date(2026, 11, 10),
        last=date(2026, 11, 11),
        lasts=False,
        lost=181.0,
        points=0.009,
        cause=Cause((8,), "failed", "Network error", "temporary", 119, 190),
        spread=3,
        spread_of=3,
    )
    price = NewPrice(
        subject="20801 Orange (France)",
        currency="EUR",
        since=date(2026, 11, 9),
        before=Decimal("0.042"),
        price=Decimal("0.048"),
        change=0.142857,
        messages=1245,
        extra=Decimal("7.47"),
        a_month=Decimal("11.2"),
        others=0,
        call="dlr query cost --by 'day, price' --data data",
    )
    before = FIRST - timedelta(days=DAYS)
    changed = Change(0.972, -0.055, -0.06, -0.051, firm=True)
    former_days = tuple(
        replace(day, day=day.day - timedelta(days=DAYS), mature=True) for day in report.days
    )
    places = tuple(
        replace(
            country,
            whole=replace(country.whole, change=changed),
            networks=tuple(replace(each, change=changed) for each in country.networks),
        )
        for country in report.countries
    )
    return replace(
        report,
        countries=places,
        former=Former(
            first=before,
            last=FIRST - timedelta(days=1),
            whole=True,
            messages=580_000,
            rate=0.972,
            within_30s=0.897,
            outcomes=(("delivered", 563_760), ("failed", 16_240), ("rejected", 0)),
            wasted=(("EUR", Decimal("661.5")),),
            cost=(("EUR", Decimal(23606)),),
        ),
        change=changed,
        former_days=former_days,
        senders=senders(whole, compared=True),
        findings=(promo, network, price),
        examined=Examined(networks=8, senders=5),
    )


def covered(of: Place) -> Coverage:
    """A network's coverage; one of them stops at accepted, one is too small."""
    if of.tally.few:
        return Coverage(
            of.country_name, of.code, of.network, 14, None, None, None, None, None, "too few"
        )
    shares, verdict = ((0.97, 0.01, 0.01, 0.01, 0.005), "comparable")
    if of.code == "405857":
        shares, verdict = ((0.1, 0.0, 0.0, 0.9, 0.9), "stops at accepted")
    return Coverage(of.country_name, of.code, of.network, of.tally.settled, *shares, verdict)


def made_report(seed: int = 1) -> Report:
    """A report of eleven networks in five countries, whose columns add up."""
    random = Random(seed)
    places = countries(random)
    whole = replace(combined([c.whole.tally for c in places]), low=0.9447, high=0.9453, rate=0.945)
    return Report(
        source="data",
        command="dlr report --since 2026-10-25 --until 2026-11-24",
        options="--data data --since 2026-10-25 --until 2026-11-24",
        period=Period(FIRST, LAST, datetime(2026, 11, 24, 5, 0), "UTC"),
        extent=Extent(whole.messages, FIRST, LAST),
        tally=whole,
        days=days(whole, random),
        countries=places,
        reasons=reasons(whole),
        undelivered=(),
        latency=Latency(
            speed("All networks", 2_301_442, 6),
            (speed("United Kingdom", 815_220, 3), speed("62130 MTN (NG)", 46_120, 65)),
            (curve("All networks", 6), curve("United Kingdom", 3), curve("62130 MTN (NG)", 65)),
        ),
        spending=spending(whole, places),
        quality=(
            Remark("Receipts read", 5_302_118, None, "two a message on most routes"),
            Remark("Repeated receipts", 41_207, 5_302_118, "counted once", "0C000000F1A2B3C4"),
        ),
        senders=senders(whole),
        examined=Examined(networks=10, senders=2),
        coverage=tuple(covered(p) for country in places for p in country.networks),
    )


def crowded_report() -> Report:
    """A report of 300 networks in 60 countries, most of them small."""
    made = []
    for c in range(60):
        country = f"C{c}", f"Country {c}"
        networks = tuple(
            place(f"{100 + c}{n:02}", None, *country, tally(4000 // (1 + c * (n + 1)), 0.9))
            for n in range(5)
        )
        whole = combined([network.tally for network in networks])
        made.append(Country(place(None, None, *country, whole), networks))
    return replace(
        made_report(),
        countries=tuple(made),
        tally=combined([country.whole.tally for country in made]),
    )


def few_report() -> Report:
    """Fourteen messages on one network, three of them undelivered."""
    whole = replace(tally(14, 11 / 14), low=0.524, high=0.924)
    only = place("28604", "Aycell", "TR", "Türkiye", whole)
    at = datetime(2026, 11, 2, 9, 14)
    return replace(
        made_report(),
        tally=whole,
        days=tuple(Day(FIRST + timedelta(days=i), tally(0, 0), mature=i < 27) for i in range(DAYS)),
        countries=(Country(only, (only,)),),
        reasons=(Reason(1, "Unknown", "unknown", "Look.", 3, 1.0),),
        undelivered=tuple(
            Undelivered(at, f"0C000000F1A2B3C{n}", "failed", 2, "Absent subscriber, temporary")
            for n in range(3)
        ),
        latency=Latency(speed("All networks", 9, 6), (), ()),
        senders=(),
    )


def small_report() -> Report:
    """65 messages on one network, 25 of them failed: too few for a trend, too many to list."""
    whole = replace(tally(65, 40 / 65), failed=25, expired=0, rejected=0, unknown=0, silent=0)
    only = place("23410", "O2", "GB", "United Kingdom", whole)
    places = (Country(only, (only,)),)
    meaning = "Absent subscriber, permanent"
    return replace(
        made_report(),
        tally=whole,
        days=tuple(Day(FIRST + timedelta(days=i), tally(0, 0), mature=i < 27) for i in range(DAYS)),
        countries=places,
        reasons=(Reason(3, meaning, "permanent", "Stop sending.", 25, 1.0),),
        latency=Latency(speed("All networks", 0, 1), (), ()),
        spending=spending(whole, places),
        coverage=(covered(only),),
        senders=(),
    )


def empty_report() -> Report:
    """A period without messages in data that has some elsewhere."""
    return replace(
        made_report(),
        period=Period(date(2025, 1, 1), date(2025, 1, 7), datetime(2026, 11, 24, 5), "UTC"),
        tally=tally(0, 0),
        days=(),
        countries=(),
        reasons=(),
        latency=Latency(speed("All networks", 0, 1), (), ()),
        spending=(),
        quality=(),
        coverage=(),
        senders=(),
    )


def own_report() -> Report:
    """A report with findings and a change by two dimensions of the user's own."""
    report = found_report()
    names = ("spring sale of everything that is left in the shop", "codes", None)
    campaigns = tuple(
        replace(group, name=name and sanitize(name, 28))
        for group, name in zip(report.senders, names, strict=True)
    )
    teams = tuple(replace(each, name=None) for each in report.senders[:1])
    promo, *others = report.findings
    assert isinstance(promo, Loss)
    spring = replace(
        promo,
        scope=(("network_code", "26202"), ("campaign", "spring")),
        subject="Campaign spring on 26202 Vodafone (Germany)",
        spread=0,
        spread_of=0,
    )
    return replace(
        report,
        own=(Dimension("campaign", campaigns), Dimension("cost_centre", teams)),
        findings=(promo, spring, *others),
        examined=replace(report.examined, own=(("campaign", 2), ("cost_centre", 0))),
    )
