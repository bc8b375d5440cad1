"""Countries and networks: rate, its course over days, latency and cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.changes import Change
from dlr_analytics.report.gather.counts import Count, Money, Sums, grouped
from dlr_analytics.report.gather.courses import courses
from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.model import Country, Day, Place
from dlr_analytics.report.speeds import FEW_MEASURED

UNKNOWN_COUNTRY: Final = "Unknown country"

_CODE_WIDTH: Final = 12
_NAME_WIDTH: Final = 28
_SMALLEST: Final = Decimal("1e-8")

Key = tuple[str | None, ...]
"""A country, or a country and a network code."""


def countries(
    metrics: PeriodMetrics,
    counts: tuple[Count, ...],
    days: tuple[Day, ...],
    names: Mapping[str, str],
    changes: Mapping[Key, Change],
) -> tuple[Country, ...]:
    """Return countries and their networks, both ordered by undelivered messages.

    Parameters
    ----------
    metrics : PeriodMetrics
        The metrics of the period, for latencies.
    counts : tuple of Count
        The messages of the period.
    days : tuple of Day
        Its days; courses consist of the mature ones.
    names : mapping
        Countries by ISO 3166 alpha-2 code.
    changes : mapping
        Of countries and networks, since the period before.
    """
    networks: dict[str | None, list[Place]] = defaultdict(list)
    speeds = {row["network_code"]: row for row in metrics.rows("latency", "network_code")}
    drawn = courses(counts, days, of_network)
    for key, sums in grouped(counts, of_network).items():
        found = _place(metrics.networks[key[1]], names, sums, speeds[key[1]])
        found = replace(found, course=drawn.get(key, ()), change=changes.get(key))
        networks[key[0]].append(found)
    speeds = {row["country"]: row for row in metrics.rows("latency", "country")}
    of_countries = courses(counts, days, of_country)
    made = []
    for (country,), sums in grouped(counts, of_country).items():
        within = tuple(sorted(networks[country], key=_by_undelivered))
        whole = _place({"country": country}, names, sums, speeds[country])
        course, change = of_countries.get((country,), ()), changes.get((country,))
        whole = replace(whole, course=course, change=change)
        # A country with one network is one row, which carries the code and name of the network.
        made.append(Country(within[0] if len(within) == 1 else whole, within))
    return tuple(sorted(made, key=lambda country: _by_undelivered(country.whole)))


def of_country(count: Count) -> Key:
    """Return the key of a count's country."""
    return (count.country,)


def of_network(count: Count) -> Key:
    """Return the key of a count's network."""
    return count.country, count.network_code


def country_name(row: Row, names: Mapping[str, str]) -> str:
    """Return the name of a row's country, or its code where it has no name.

    Examples
    --------
    >>> [country_name({"country": code}, {"GB": "Britain"}) for code in ("GB", "XK", None)]
    ['Britain', 'XK', 'Unknown country']
    """
    country = row["country"]
    return names.get(country, country) if country else UNKNOWN_COUNTRY


def code_and_name(row: Row) -> tuple[str | None, str | None]:
    """Return a network's code and name, sanitised."""
    code, name = row.get("network_code"), row.get("network")
    return (
        None if code is None else sanitize(code, _CODE_WIDTH),
        None if name is None else sanitize(name, _NAME_WIDTH),
    )


def stand_in_share(speed: Row) -> float | None:
    """Return the share of a ``latency`` row timed from the ``accepted`` receipt."""
    measured = max(speed["push_measured"], speed["measured"])
    return speed["from_accepted"] / measured if measured else None


def _by_undelivered(place: Place) -> tuple[int, int, str]:
    return -place.tally.undelivered, -place.tally.messages, f"{place.country} {place.code}"


def _place(row: Row, names: Mapping[str, str], sums: Sums, speed: Row) -> Place:
    """Make a place, without its course."""
    code, network = code_and_name(row)
    tally, measured = sums.tally(), speed["push_measured"]
    currency, money = _main_currency(sums)
    return Place(
        country=row["country"],
        country_name=country_name(row, names),
        code=code,
        network=network,
        tally=tally,
        course=(),
        measured=measured,
        from_accepted=stand_in_share(speed),
        p95=speed["push_p95_s"] if measured >= FEW_MEASURED else None,
        cost_per_delivered=None if money is None else each(money.cost, money.delivered),
        currency=currency,
        is_silent=not tally.few and tally.silent == tally.settled,
    )


def _main_currency(sums: Sums) -> tuple[str | None, Money | None]:
    """The currency that most messages are billed in."""
    priced = {name: money for name, money in sums.money.items() if money.priced}
    if not priced:
        return None, None
    name = max(priced, key=lambda name: (priced[name].priced, name or ""))
    return (None if name is None else sanitize(name, 8)), priced[name]


def each(amount: Decimal, count: int) -> Decimal | None:
    """Return an amount per message as the metric ``cost`` has it: half up."""
    return (amount / count).quantize(_SMALLEST, ROUND_HALF_UP) if count else None
