"""Where and when fewer messages arrived than usual: assigned to what explains it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlr_analytics.analysis.studies.dips import Day, dips
from dlr_analytics.analysis.studies.incidents.cells import Cell, Dimensions, Scope
from dlr_analytics.analysis.studies.incidents.search import Incident, incidents

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


OWN = Dimensions(("campaign",))


def divided(cells: list[Cell], lost: range = range(0), share: float = 0.0) -> list[Cell]:
    """Each cell by two campaigns, of which spring loses a share on some days."""
    made = []
    for cell in cells:
        for name, part in (("spring", 0.25), (None, 0.75)):
            delivered = cell.delivered * part
            if name and cell.day in lost:
                delivered *= 1 - share
            made.append(
                cell._replace(messages=int(cell.messages * part), delivered=delivered, own=(name,))
            )
    return made


SPRING: Scope = (("campaign", "spring"),)


def test_an_own_value_is_named_that_a_loss_is_concentrated_in() -> None:
    (one,) = incidents(divided(world(), range(50, 55), 0.8), SINCE, OWN)
    assert (one.scope, one.dip.first, one.dip.last) == (SPRING, 50, 54)
    assert incidents(divided(world()), SINCE, OWN) == []


def test_incidents_of_networks_and_own_values_at_one_time_are_told_apart() -> None:
    cells = divided(world((NETWORK, range(51, 53), 0.1)), range(50, 55), 0.8)
    assert {each.scope for each in incidents(cells, SINCE, OWN)} == {NETWORK, SPRING}


def test_an_own_value_on_one_network_is_named_with_it() -> None:
    cells = [
        cell._replace(delivered=cell.delivered * 0.1)
        if cell.day in range(50, 55) and OWN.has(cell, (*NETWORK, *SPRING))
        else cell
        for cell in divided(world())
    ]
    assert [each.scope for each in incidents(cells, SINCE, OWN)] == [(*NETWORK, *SPRING)]


def test_a_loss_of_messages_without_an_own_value_is_that_of_their_network() -> None:
    cells = [
        cell._replace(delivered=cell.delivered * 0.1)
        if cell.day in range(50, 55) and OWN.has(cell, (*NETWORK, ("campaign", None)))
        else cell
        for cell in divided(world())
    ]
    assert [each.scope for each in incidents(cells, SINCE, OWN)] == [NETWORK]


@pytest.mark.parametrize("rate", [0.95, 1.0])
@pytest.mark.parametrize("scope", [PROMO, NETWORK, BOTH, COUNTRY, ()], ids=str)
def test_a_dimension_of_how_messages_ended_hides_no_incident(scope: Scope, rate: float) -> None:
    """Its values lose nothing, or had never occurred before."""
    cells = []
    for cell in world((scope, range(50, 53), 0.3), rate=rate):
        arrived, lost = round(cell.delivered), cell.messages - round(cell.delivered)
        cells.append(cell._replace(messages=arrived, delivered=arrived, own=("converted",)))
        cells.append(cell._replace(messages=lost, delivered=0, own=("not",)))
    (one,) = incidents([cell for cell in cells if cell.messages], SINCE, OWN)
    assert (one.scope, one.dip.first, one.dip.last) == (scope, 50, 52)


def test_the_order_of_cells_changes_nothing() -> None:
    cells = world((PROMO, range(50, 60), 0.2), (NETWORK, range(47, 49), 0.25))
    assert totals(incidents(cells, SINCE)) == totals(incidents(cells[::-1], SINCE))


def overlapping_dips(seed: int) -> list[Cell]:
    """Up to four dips of networks and senders at random, which may meet."""
    chance = random.Random(seed)
    dips = []
    for _ in range(chance.randrange(1, 5)):
        first = chance.randrange(3, 27)
        network = chance.choice(["23410", "23415", None])
        sender = chance.choice(["A", "B", None])
        last = first + chance.randrange(1, 6)
        dips.append((network, sender, first, last, chance.choice([0.1, 0.5, 0.7, 0.85])))
    cells = []
    for day, network, sender in product(range(30), ("23410", "23415"), ("A", "B")):
        messages = chance.randrange(100, 400)
        rates = [
            rate
            for of, by, first, last, rate in dips
            if of in (None, network) and by in (None, sender) and first <= day <= last
        ]
        delivered = sum(chance.random() < min([0.95, *rates]) for _ in range(messages))
        cells.append(Cell(day, "GB", network, sender, messages, delivered))
    return cells


@pytest.mark.parametrize("seed", [*range(5), 119])
def test_no_two_incidents_of_a_scope_have_a_day_in_common(seed: int) -> None:
    """Two dips with little between them can be one, once other incidents are left out."""
    reported = incidents(overlapping_dips(seed), since=0)
    assert reported or seed != 119
    days = [
        (incident.scope, day)
        for incident in reported
        for day in range(incident.dip.first, incident.dip.last + 1)
    ]
    assert len(days) == len({*days})
