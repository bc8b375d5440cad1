"""Where and when fewer messages arrived than usual: assigned to what explains it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.analysis.studies.dips import Day, dips
from dlr_analytics.analysis.studies.incidents import Cell, Incident, Scope, incidents

DAYS = 60
SINCE = 30
NETWORKS = {"23410": "GB", "23415": "GB", "26201": "DE", "26202": "DE", "20801": "FR"}
SENDERS = {"PROMO": 40, "Codes": 100, "Orders": 60}

Change = tuple[Scope, range, float]


def world(*changes: Change, rate: float = 0.95) -> list[Cell]:
    """Cells in which every message is delivered at one rate, but for changes."""
    cells = []
    for day in range(DAYS):
        for network, country in NETWORKS.items():
            for sender, messages in SENDERS.items():
                cell = Cell(day, country, network, sender, messages, messages * rate)
                for scope, days, changed in changes:
                    if day in days and all(getattr(cell, name) == at for name, at in scope):
                        cell = cell._replace(delivered=messages * changed)
                cells.append(cell)
    return cells


def found(*changes: Change) -> list[tuple[Scope, int, int, bool]]:
    """The incidents in such a world."""
    return [
        (each.scope, each.dip.first, each.dip.last, each.dip.lasts)
        for each in incidents(world(*changes), SINCE)
    ]


PROMO: Scope = (("sender", "PROMO"),)
NETWORK: Scope = (("network_code", "26202"),)
BOTH: Scope = (("network_code", "26202"), ("sender", "PROMO"))
COUNTRY: Scope = (("country", "DE"),)


def test_a_quiet_world_has_no_incident() -> None:
    assert found() == []


def test_each_scope_is_named_that_a_loss_is_spread_over() -> None:
    """A filtered sender lowers every network, a network every sender, and all of them the whole."""
    for scope in (PROMO, NETWORK, BOTH, COUNTRY, ()):
        assert found((scope, range(50, 53), 0.3)) == [(scope, 50, 52, False)]


def test_incidents_at_one_time_are_told_apart_and_ordered_by_lost_messages() -> None:
    both = found((PROMO, range(50, 60), 0.2), (NETWORK, range(47, 49), 0.25))
    assert both == [(PROMO, 50, 59, True), (NETWORK, 47, 48, False)]
    overlapping = found((PROMO, range(50, 60), 0.2), (NETWORK, range(51, 53), 0.25))
    assert [scope for scope, *_ in overlapping] == [PROMO, NETWORK]


def test_traffic_that_moves_to_a_poor_network_is_no_incident() -> None:
    cells = [
        Cell(
            day,
            NETWORKS[network],
            network,
            "Codes",
            1000 if (network == "20801") == (day > 45) else 100,
            (0.5 if network == "20801" else 0.98)
            * (1000 if (network == "20801") == (day > 45) else 100),
        )
        for day in range(DAYS)
        for network in NETWORKS
    ]
    assert incidents(cells, SINCE) == []


def test_lost_messages_are_those_of_the_period() -> None:
    (one,) = incidents(world((NETWORK, range(25, 35), 0.45)), SINCE)
    assert round(one.lost) == 5 * sum(SENDERS.values()) * 0.5
    assert one.messages == 5 * sum(SENDERS.values())
    assert incidents(world((NETWORK, range(15, 25), 0.45)), SINCE) == []


def test_messages_of_no_one_are_no_scope() -> None:
    """Senders that are not told apart have nothing in common."""
    cells = [cell._replace(sender=None) for cell in world((PROMO, range(50, 60), 0.2))]
    assert all("sender" not in dict(each.scope) for each in incidents(cells, SINCE))


@st.composite
def series(draw: st.DrawFn) -> list[Day]:
    """Days with any messages and any rates."""
    numbers = sorted(draw(st.sets(st.integers(0, 90), max_size=40)))
    return [
        Day(number, messages, draw(st.integers(0, messages)))
        for number in numbers
        for messages in [draw(st.integers(1, 500))]
    ]


@given(series())
def test_dips_are_apart_below_the_usual_rate_and_add_up(days: list[Day]) -> None:
    every = dips(days)
    for dip in every:
        inside = [day for day in days if dip.first <= day.number <= dip.last]
        assert dip.messages == sum(day.messages for day in inside)
        assert abs(dip.delivered - sum(day.delivered for day in inside)) < 1e-6
        assert dip.rate < dip.usual
        assert dip.strength >= 0
        assert dip.lasts == (dip.last == days[-1].number)
    assert all(a.last < b.first for a, b in pairwise(every))


def totals(every: Iterable[Incident]) -> list[float]:
    """The lost messages of incidents, rounded."""
    return sorted(round(each.lost, 6) for each in every)


def test_the_order_of_cells_changes_nothing() -> None:
    cells = world((PROMO, range(50, 60), 0.2), (NETWORK, range(47, 49), 0.25))
    assert totals(incidents(cells, SINCE)) == totals(incidents(cells[::-1], SINCE))
