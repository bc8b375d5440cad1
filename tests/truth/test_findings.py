"""Simulated worlds with no to three planted incidents: what the report finds, and its order."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Final

import numpy as np
import pandas as pd
import pytest

from dlr_analytics.analysis.studies.incidents.cells import Cell, Dimensions, Scope
from dlr_analytics.analysis.studies.incidents.search import Incident, incidents
from dlr_analytics.simulate import SENDERS, World
from dlr_analytics.simulate.world.incidents import Filtering, Outage, Silence
from dlr_analytics.simulate.world.incidents import Incident as Planted
from dlr_analytics.simulate.world.networks import NETWORKS
from dlr_analytics.simulate.world.parameters import Variation
from dlr_analytics.simulate.world.plans import demonstrated
from tests.support.bulk.rows import END, draw, span_of

DAYS: Final = 60
SINCE: Final = 30
BEGAN: Final = END - dt.timedelta(days=DAYS)
FALSE_ALARMS: Final = 0.06
COUNTRIES: Final = {network.code: network.code[:3] for network in NETWORKS}

CAMPAIGNS: Final = {"spring": 0.35, "codes": 0.25, "alerts": 0.2, "news": 0.15, "vip": 0.05}
TEAMS: Final = ("blue", "red", "green")
OWN: Final = Dimensions(("campaign", "team"))

VARIATIONS: Final = (
    Variation(),
    Variation(persistence=0.6),
    Variation(drift=0.1),
    Variation(days=0.4),
)


def messages_of(world: World, messages: int, seed: int, days: int = DAYS) -> pd.DataFrame:
    """The messages of a world, and whether they arrived; campaign and team are drawn by lot."""
    table = draw(world, messages, seed, days=days).messages
    rng = np.random.default_rng(seed)
    return table.assign(
        day=(table["sent_at"] - np.datetime64(BEGAN)).dt.days,
        arrived=((table["status"] == "delivered") & table["received_at"].notna()).astype(float),
        campaign=rng.choice(list(CAMPAIGNS), len(table), p=list(CAMPAIGNS.values())),
        team=rng.choice(TEAMS, len(table)),
    )


def counted(table: pd.DataFrame, *own: str) -> list[Cell]:
    """Messages by day, network, sender and own dimensions, and how many arrived."""
    grouped = table.groupby(["day", "network_code", "sender", *own])
    sums = grouped["arrived"].agg(["size", "sum"]).reset_index()
    return [
        Cell(int(day), COUNTRIES[network], network, sender, int(count), float(total), tuple(values))
        for day, network, sender, *values, count, total in sums.itertuples(index=False)
    ]


def cells(world: World, messages: int, seed: int, days: int = DAYS) -> list[Cell]:
    """The messages of a world by day, network and sender, and how many arrived."""
    return counted(messages_of(world, messages, seed, days))


def planted(seed: int, number: int) -> tuple[Planted, ...]:
    """So many incidents, each of a network or sender of its own."""
    rng = Random(seed)
    made: list[Planted] = []
    networks = rng.sample(["23410", "23415", "26201", "26202", "20801"], 3)
    for kind in rng.sample(["filtered", "outage", "silence"], number):
        begins = BEGAN + dt.timedelta(days=rng.randrange(SINCE + 2, DAYS - 6), hours=8)
        lasts = dt.timedelta(days=rng.randrange(2, 5))
        network = (networks.pop(),)
        if kind == "filtered":
            sender = rng.choice([sender.name for sender in SENDERS])
            made.append(Filtering(begins=begins, ends=begins + lasts, sender=sender, share=0.8))
        elif kind == "outage":
            left = rng.uniform(0.1, 0.5)
            made.append(
                Outage(begins=begins, ends=begins + lasts, network_codes=network, delivered=left)
            )
        else:
            made.append(Silence(begins=begins, ends=begins + lasts, network_codes=network))
    return tuple(made)


def scope_of(incident: Planted) -> Scope:
    """The scope that an incident was planted in."""
    if incident.sender is not None:
        return (("sender", incident.sender),)
    return (("network_code", incident.network_codes[0]),)


def is_found(incident: Planted, found: Incident) -> bool:
    """Whether its scope was named, and the days on which it began and ended."""
    first, last = (at.toordinal() - BEGAN.toordinal() for at in (incident.begins, incident.ends))
    near = abs(found.dip.first - first) <= 1 and abs(found.dip.last - last) <= 1
    return found.scope == scope_of(incident) and near


def score(seeds: range, messages: int) -> tuple[int, int, int, int]:
    """Planted incidents, those found, other findings, and worlds ordered by true losses."""
    every = named = others = ordered = 0
    for seed in seeds:
        hidden = planted(seed, 1 + seed % 3)
        world = World(senders=SENDERS, incidents=hidden)
        found = incidents(cells(world, messages, seed), SINCE)
        hits = [[one for one in hidden if is_found(one, each)] for each in found]
        every += len(hidden)
        named += sum(map(bool, hits))
        others += sum(not one for one in hits)
        losses = [each.lost for each in found]
        ordered += losses == sorted(losses, reverse=True)
    return every, named, others, ordered


def campaign_refused(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, tuple[str, int, int]]:
    """The same messages, most of a campaign's refused on some days: its name and these days."""
    rng = Random(seed)
    name, first = rng.choice(["spring", "codes", "alerts", "news"]), rng.randrange(SINCE, DAYS - 6)
    last, share = first + rng.randrange(2, 5), rng.uniform(0.4, 0.9)
    lots = np.random.default_rng([seed, 1]).random(len(table))
    lost = (table["campaign"] == name) & table["day"].between(first, last) & (lots < share)
    return table.assign(arrived=table["arrived"].where(~lost, 0.0)), (name, first, last)


def score_own(seeds: range, messages: int) -> tuple[int, int, int]:
    """Incidents planted beside that of a campaign and this, those found, and other findings."""
    every = named = others = 0
    for seed in seeds:
        hidden = planted(seed, seed % 3)
        world = World(senders=SENDERS, incidents=hidden)
        table, (name, first, last) = campaign_refused(messages_of(world, messages, seed), seed)
        found = incidents(counted(table, *OWN.own), SINCE, OWN)
        refused = [each for each in found if each.scope == (("campaign", name),)]
        near = [
            max(abs(each.dip.first - first), abs(each.dip.last - last)) <= 1 for each in refused
        ]
        every += 1 + len(hidden)
        hits = [any(is_found(one, each) for one in hidden) for each in found]
        named += sum(near) + sum(hits)
        others += len(found) - sum(near) - sum(hits)
        assert [each.lost for each in found] == sorted((each.lost for each in found), reverse=True)
    return every, named, others


@pytest.mark.thorough
def test_an_incident_of_an_own_dimension_is_found_beside_others() -> None:
    assert score_own(range(3), 40_000) == (6, 6, 0)


@pytest.mark.thorough
def test_a_quiet_world_has_nothing_to_find_in_own_dimensions() -> None:
    for seed in range(3):
        table = messages_of(World(senders=SENDERS), 40_000, seed)
        assert incidents(counted(table, *OWN.own), SINCE, OWN) == []


@pytest.mark.thorough
def test_planted_incidents_are_found_where_they_are() -> None:
    every, named, others, ordered = score(range(2, 5), 40_000)
    assert (every, named, others, ordered) == (6, 6, 0, 3)


@pytest.mark.thorough
def test_a_quiet_world_has_nothing_to_find() -> None:
    for seed in range(3):
        assert incidents(cells(World(senders=SENDERS), 40_000, seed), SINCE) == []


def test_the_report_of_the_demo_finds_what_is_in_its_world() -> None:
    world = demonstrated(span_of(30, END))
    table = [cell._replace(day=cell.day - SINCE) for cell in cells(world, 20_000, 1, days=30)]
    found = incidents(table, since=0)
    scopes = [each.scope for each in found]
    assert scopes == [(("sender", "Acme Shop"),), (("network_code", "26202"),)]
    assert [each.dip.lasts for each in found] == [True, False]


@pytest.mark.slow
def test_planted_incidents_are_found_and_little_else() -> None:
    """Nineteen of twenty are found in their scope and on their days, and few others beside them."""
    every, named, others, ordered = score(range(100, 130), 40_000)
    assert named >= 0.95 * every
    assert others <= FALSE_ALARMS * every
    assert ordered == 30


@pytest.mark.slow
@pytest.mark.parametrize("messages", [20_000, 60_000])
def test_quiet_worlds_have_findings_in_at_most_six_of_a_hundred(messages: int) -> None:
    """Whatever the days differ by: much, or alike for some days, or drifting from week to week."""
    alarms = 0
    for seed in range(24):
        world = World(senders=SENDERS, variation=VARIATIONS[seed % len(VARIATIONS)])
        alarms += bool(incidents(cells(world, messages, seed), SINCE))
    assert alarms <= FALSE_ALARMS * 24


@pytest.mark.slow
def test_incidents_of_own_dimensions_are_found_and_little_else() -> None:
    """Nineteen of twenty, those of networks and senders at the same time included."""
    every, named, others = score_own(range(100, 130), 40_000)
    assert named >= 0.95 * every
    assert others <= FALSE_ALARMS * every


@pytest.mark.slow
@pytest.mark.parametrize("messages", [20_000, 60_000])
def test_quiet_worlds_with_own_dimensions_have_findings_in_at_most_six_of_a_hundred(
    messages: int,
) -> None:
    """More series are examined, and each has to be firmer for it."""
    alarms = 0
    for seed in range(24):
        world = World(senders=SENDERS, variation=VARIATIONS[seed % len(VARIATIONS)])
        table = messages_of(world, messages, seed)
        alarms += bool(incidents(counted(table, *OWN.own), SINCE, OWN))
    assert alarms <= FALSE_ALARMS * 24
