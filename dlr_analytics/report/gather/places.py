"""Countries and networks: rate, its course over days, latency and cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.gather.metrics import BY_NETWORK, PeriodMetrics, Row
from dlr_analytics.report.gather.rates import tally
from dlr_analytics.report.model import FEW_MEASURED, Country, Day, Place

_UNKNOWN_COUNTRY: Final = "Unknown country"

POINT_MESSAGES: Final = 100
"""The fewest messages that a point of a course represents: fewer would show noise."""

_CODE_WIDTH: Final = 12
_NAME_WIDTH: Final = 28

_Course = tuple[tuple[float, float], ...]
_Key = tuple[str | None, ...]
"""A country, or a country and a network code."""

_Counts = tuple[int, int]
"""Messages, and delivered messages."""


def countries(
    metrics: PeriodMetrics, days: tuple[Day, ...], names: Mapping[str, str], currency: str | None
) -> tuple[Country, ...]:
    """Return countries and their networks, both ordered by undelivered messages.

    Parameters
    ----------
    metrics : PeriodMetrics
        The metrics of the period.
    days : tuple of Day
        Its days; courses consist of the mature ones.
    names : mapping
        Countries by ISO 3166 alpha-2 code.
    currency : str or None
        The currency of ``cost_per_delivered``.
    """
    facts = _Facts(metrics, names, currency)
    courses = _courses(metrics, days)
    networks: dict[str | None, list[Place]] = defaultdict(list)
    for row in metrics.rows("delivery-rate", *BY_NETWORK):
        course = courses.get((row["country"], row["network_code"]), ())
        networks[row["country"]].append(facts.place(row, BY_NETWORK, course))
    found = []
    for row in metrics.rows("delivery-rate", "country"):
        within = tuple(sorted(networks[row["country"]], key=_by_undelivered))
        course = courses.get((row["country"],), ())
        # A country with one network is one row, which carries the code and name of the network.
        whole = within[0] if len(within) == 1 else facts.place(row, ("country",), course)
        found.append(Country(whole, within))
    return tuple(sorted(found, key=lambda country: _by_undelivered(country.whole)))


def country_name(row: Row, names: Mapping[str, str]) -> str:
    """Return the name of a row's country, or its code where it has no name.

    Examples
    --------
    >>> [country_name({"country": code}, {"GB": "Britain"}) for code in ("GB", "XK", None)]
    ['Britain', 'XK', 'Unknown country']
    """
    country = row["country"]
    return names.get(country, country) if country else _UNKNOWN_COUNTRY


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


class _Facts:
    """The latency and the cost of each place."""

    def __init__(
        self, metrics: PeriodMetrics, names: Mapping[str, str], currency: str | None
    ) -> None:
        self._names = names
        self._latency: dict[_Key, Row] = {}
        self._cost: dict[_Key, Decimal | None] = {}
        speeds, costs = (metrics.rows(metric, "country") for metric in ("latency", "cost"))
        self._add(("country",), speeds, costs, currency)
        speeds, costs = map(metrics.rows_by_network, ("latency", "cost"))
        self._add(BY_NETWORK, speeds, costs, currency)

    def _add(
        self, by: tuple[str, ...], speeds: list[Row], costs: list[Row], currency: str | None
    ) -> None:
        self._latency.update((_key(row, by), row) for row in speeds)
        self._cost.update(
            (_key(row, by), row["cost_per_delivered"])
            for row in costs
            if row["currency"] == currency
        )

    def place(self, row: Row, by: tuple[str, ...], course: _Course) -> Place:
        """Make the place of a ``delivery-rate`` row by country or by network."""
        code, network = code_and_name(row)
        speed = self._latency[_key(row, by)]
        measured = speed["push_measured"]
        return Place(
            country=row["country"],
            country_name=country_name(row, self._names),
            code=code,
            network=network,
            tally=tally(row),
            course=course,
            measured=measured,
            from_accepted=stand_in_share(speed),
            p95=speed["push_p95_s"] if measured >= FEW_MEASURED else None,
            cost_per_delivered=self._cost.get(_key(row, by)),
        )


def _key(row: Row, by: Iterable[str]) -> _Key:
    return tuple(row[name] for name in by)


def _courses(metrics: PeriodMetrics, days: tuple[Day, ...]) -> dict[_Key, _Course]:
    """The courses by ``(country,)`` and by ``(country, code)``."""
    index = {day.day: number for number, day in enumerate(days) if day.mature}
    counts: dict[_Key, dict[int, _Counts]] = defaultdict(dict)
    for row in metrics.rows("delivery-rate", "country", "network_code", "day"):
        number = index.get(row["day"])
        if number is not None:
            for place in ((row["country"],), (row["country"], row["network_code"])):
                messages, delivered = counts[place].get(number, (0, 0))
                both = (messages + row["messages"], delivered + row["delivered"])
                counts[place][number] = both
    return {place: pooled(of_days) for place, of_days in counts.items()}


def pooled(days: Mapping[int, _Counts]) -> _Course:
    """Pool the rates of days until each point represents 100 messages.

    What remains at the end is added to the last point.

    Examples
    --------
    >>> pooled({0: (60, 57), 1: (60, 57), 2: (200, 180), 3: (10, 9)})
    ((0.5, 0.95), (2.5, 0.9))
    """
    # For each point: its days, the sum of their numbers, messages, delivered.
    points: list[list[int]] = []
    for number, (messages, delivered) in sorted(days.items()):
        if not points or points[-1][2] >= POINT_MESSAGES:
            points.append([0, 0, 0, 0])
        for at, more in enumerate((1, number, messages, delivered)):
            points[-1][at] += more
    if len(points) > 1 and points[-1][2] < POINT_MESSAGES:
        rest = points.pop()
        points[-1] = [a + b for a, b in zip(points[-1], rest, strict=True)]
    return tuple((numbers / n, delivered / messages) for n, numbers, messages, delivered in points)
