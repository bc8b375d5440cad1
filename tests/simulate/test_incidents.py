"""Worlds with incidents: each changes what it names, from when to when, and nothing else."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.simulate import (
    STEADY,
    Campaign,
    FakeReceipts,
    Filtering,
    Incident,
    Network,
    Outage,
    PriceChange,
    RateChange,
    ReceiverOutage,
    Sender,
    Silence,
    Simulation,
    Slowdown,
    VolumeChange,
    World,
    simulate,
)
from dlr_analytics.simulate.world.clocks import Clock
from dlr_analytics.simulate.world.conditions import Quality, apply
from dlr_analytics.simulate.world.networks import NETWORKS
from dlr_analytics.simulate.world.pushes import Story
from dlr_analytics.store.sends import Send, record_sends
from tests.support.data_directories import database, receive

END = dt.datetime(2026, 11, 23)
BEGINS = dt.datetime(2026, 11, 18, 7, 30)
ENDS = dt.datetime(2026, 11, 20, 7, 30)
ONE = Network("23410", 1, "0.03330000", 0.9, 4.0, Clock(), silent=0.0, off=0.0)
OTHER = Network("26201", 1, "0.06784510", 0.9, 4.0, Clock(), silent=0.0, off=0.0)
CODES = Sender("Globex 2FA", "otp", 1, repeats=0.6, converts=0.9)
SHOP = Sender("Acme Shop", "promo", 1, daytime=True)


def world_of(
    *incidents: Incident, senders: tuple[Sender, ...] = (), messages: int = 6000
) -> Simulation:
    """Nine days of two networks that do not vary."""
    world = World((ONE, OTHER), senders, incidents, STEADY)
    return simulate(messages, seed=1, days=9, end=END, world=world)


def split(simulation: Simulation, code: str = "23410") -> tuple[list[Story], list[Story]]:
    """Stories of a network sent from ``BEGINS`` until ``ENDS``, and all others."""
    (incident,) = simulation.world.incidents
    assert (incident.begins, incident.ends) == (BEGINS, ENDS)
    sent = {m.message_id: m.sent_at for m in simulation.truth.each_message}
    inside: list[Story] = []
    outside: list[Story] = []
    for story in simulation.history.stories:
        at = sent[story.message.message_id]
        is_inside = BEGINS <= at < ENDS and story.message.network.code == code
        (inside if is_inside else outside).append(story)
    assert len(inside) > 300
    return inside, outside


def rate(stories: Iterable[Story]) -> float:
    """Share that is delivered in the end."""
    return statistics.mean(story.fate.status == "delivered" for story in stories)


def seconds(stories: Iterable[Story]) -> float:
    """Median seconds to delivery."""
    delivered = [each for each in stories if each.fate.status == "delivered"]
    return statistics.median(each.fate.at - each.message.sent for each in delivered) / 1000


WHEN: dict[str, Any] = {"begins": BEGINS, "ends": ENDS, "network_codes": ("23410",)}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("incident", "inside"),
    [
        (Outage(**WHEN, delivered=0.5), 0.45),
        (Outage(**WHEN, delivered=0.0), 0.0),
        (RateChange(**WHEN, points=-30), 0.6),
        (RateChange(**WHEN, points=50), 1.0),
        (Filtering(**WHEN, share=0.5), 0.45),
        (FakeReceipts(**WHEN, share=1.0), 1.0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_incident_changes_the_rate_of_its_network_in_its_time(
    incident: Incident, inside: float
) -> None:
    within, without = map(rate, split(world_of(incident)))
    assert within == pytest.approx(inside, abs=0.08)
    assert without == pytest.approx(0.9, abs=0.03)


def test_a_spell_of_filtering_refuses_one_sender_by_the_codes_of_filtering() -> None:
    spell = Filtering(**WHEN, sender="Acme Shop", share=0.9)
    inside, outside = split(world_of(spell, senders=(CODES, SHOP)))
    codes: dict[str, Counter[bool]] = defaultdict(Counter)
    for story in inside:
        codes[story.message.sender][story.fate.err_code in (6, *range(50, 55))] += 1
    assert codes["Acme Shop"][True] > 0.85 * codes["Acme Shop"].total()
    assert codes["Globex 2FA"][True] < 0.03 * codes["Globex 2FA"].total()
    assert sum(story.fate.err_code in range(50, 55) for story in outside) == 0


def test_a_new_price_holds_for_each_message_from_its_begin() -> None:
    change = PriceChange(begins=BEGINS, network_codes=("23410",), price="0.05000000")
    simulation = world_of(change)
    for story, truth in zip(simulation.history.stories, simulation.truth.each_message, strict=True):
        changed = truth.network_code == "23410" and truth.sent_at >= BEGINS
        usual = {"23410": "0.03330000", "26201": "0.06784510"}[truth.network_code]
        assert story.message.price == ("0.05000000" if changed else usual)


def test_a_slowdown_multiplies_the_time_of_delivery() -> None:
    inside, outside = map(seconds, split(world_of(Slowdown(**WHEN, factor=5))))
    assert inside == pytest.approx(5 * outside, rel=0.15)


def arrivals(simulation: Simulation, code: str) -> list[dt.datetime]:
    """When receipts of a network arrive."""
    return [
        receipt.received_at for receipt in simulation.receipts() if receipt.network_code == code
    ]


@pytest.mark.thorough
def test_of_a_silent_network_nothing_arrives_and_nothing_comes_later() -> None:
    simulation = world_of(Silence(**WHEN))
    inside, _ = split(simulation)
    assert not [at for at in arrivals(simulation, "23410") if BEGINS <= at < ENDS]
    assert len([at for at in arrivals(simulation, "26201") if BEGINS <= at < ENDS]) > 300
    lost = [story for story in inside if not story.pushes]
    assert len(lost) > 0.9 * len(inside)
    assert simulation.truth.messages < 6000, "those without a send log and a receipt are unknown"


@pytest.mark.thorough
def test_while_the_receiver_is_down_nothing_arrives_and_all_comes_after_it() -> None:
    quiet = world_of()
    down = world_of(ReceiverOutage(begins=BEGINS, ends=ENDS))
    for code in ("23410", "26201"):
        assert not [at for at in arrivals(down, code) if BEGINS <= at < ENDS]
        assert len(arrivals(down, code)) == len(arrivals(quiet, code))


def test_a_campaign_has_its_messages_its_time_and_its_reference() -> None:
    campaign = Campaign(
        begins=BEGINS,
        ends=ENDS,
        network_codes=("26201",),
        sender="Acme Shop",
        name="sale",
        messages=700,
    )
    simulation = world_of(campaign)
    found = [
        (truth, story.message)
        for truth, story in zip(
            simulation.truth.each_message, simulation.history.stories, strict=True
        )
        if (story.message.client_ref or "").startswith("promo-sale-")
    ]
    assert len(found) == simulation.truth.incidents[0].messages == 700
    assert len(simulation.truth.each_message) == 6000
    for truth, message in found:
        assert BEGINS <= truth.sent_at < ENDS
        assert (truth.network_code, message.sender) == ("26201", "Acme Shop")


@pytest.mark.thorough
@pytest.mark.parametrize("factor", [0.0, 3.0])
def test_a_change_of_volume_multiplies_the_traffic_of_its_hours(factor: float) -> None:
    hours: dict[str, Any] = {"begins": dt.datetime(2026, 11, 18), "ends": dt.datetime(2026, 11, 19)}
    change = VolumeChange(**hours, network_codes=("23410",), factor=factor)
    sent = Counter(
        (truth.network_code, truth.sent_at.date()) for truth in world_of(change).truth.each_message
    )
    before, changed = (sent["23410", dt.date(2026, 11, day)] for day in (17, 18))
    assert changed == pytest.approx(factor * before, rel=0.25)


# --- senders ----------------------------------------------------------------------------------


def test_references_begin_with_the_kind_of_their_sender() -> None:
    for story in world_of(senders=(CODES, SHOP)).history.stories[:-1]:
        kinds = {"Globex 2FA": "otp", "Acme Shop": "promo", "AcmeInc": "my"}
        assert (story.message.client_ref or "").split("-")[0] == kinds[story.message.sender]


def test_marketing_sends_by_day_only() -> None:
    simulation = world_of(senders=(CODES, SHOP))
    senders = [story.message.sender for story in simulation.history.stories]
    hours: dict[str, set[int]] = defaultdict(set)
    for sender, truth in zip(senders, simulation.truth.each_message, strict=True):
        hours[sender].add(truth.sent_at.hour)
    assert hours["Acme Shop"] == set(range(9, 20))
    assert len(hours["Globex 2FA"]) == 24


def by_reference(simulation: Simulation) -> dict[tuple[str | None, str], list[Story]]:
    """Stories of the codes by reference and number, in order of sending."""
    found = defaultdict(list)
    for story in simulation.history.stories:
        if story.message.sender == "Globex 2FA":
            found[story.message.client_ref, story.message.msisdn].append(story)
    return found


def test_users_ask_again_only_for_a_code_that_does_not_come() -> None:
    simulation = world_of(senders=(CODES,))
    again = [stories for stories in by_reference(simulation).values() if len(stories) > 1]
    assert len(again) > 200
    assert len(simulation.history.stories) == 6000
    for stories in again:
        assert len(stories) <= 3
        for first, second in pairwise(stories):
            waited = second.message.sent - first.message.sent
            assert 45_000 <= waited <= 120_000
            arrived = first.fate.at if first.fate.status == "delivered" else second.message.sent
            assert arrived > first.message.sent + 45_000


def test_fake_receipts_show_in_repeats_and_conversions_only() -> None:
    fake = FakeReceipts(begins=BEGINS, ends=ENDS, network_codes=("23410",), share=1.0)
    bad = Network("23410", 1, "0.03330000", 0.4, 4.0, Clock(), silent=0.0, off=0.0)
    simulation = simulate(6000, 1, 9, END, World((bad, OTHER), (CODES,), (fake,), STEADY))
    inside, _ = split(simulation)
    assert rate(inside) == 1
    used = {reference for reference, _ in simulation.conversions}
    assert statistics.mean(s.message.client_ref in used for s in inside) < 0.6
    references = Counter(story.message.client_ref for story in inside)
    assert sum(count > 1 for count in references.values()) > 0.25 * len(references)


def test_a_code_is_used_once_and_only_where_it_arrived() -> None:
    simulation = world_of(senders=(CODES,))
    references = [reference for reference, _ in simulation.conversions]
    assert len(set(references)) == len(references) > 0.7 * len(by_reference(simulation))
    arrived = {
        story.message.client_ref
        for story in simulation.history.stories
        if story.fate.status == "delivered"
    }
    assert set(references) <= arrived


# --- plans and the truth ----------------------------------------------------------------------


def planned(seed: int = 1, days: int = 30, messages: int = 2000) -> Simulation:
    return simulate(messages, seed, days, END, world="planned")


@pytest.mark.thorough
def test_a_seed_and_its_days_plan_the_same_incidents_again() -> None:
    assert planned().world == planned().world
    assert planned().calls == planned().calls
    assert planned(seed=2).world != planned().world


@pytest.mark.thorough
@pytest.mark.parametrize("days", [1, 3, 14, 60])
def test_planned_incidents_lie_in_the_days_and_have_room(days: int) -> None:
    for seed in range(10):
        world = planned(seed, days, messages=100).world
        kinds = {type(incident) for incident in world.incidents}
        assert len(kinds) == (1 if days < 3 else 4 if days < 14 else 8)
        for incident in world.incidents:
            assert END - dt.timedelta(days=days) <= incident.begins < END
            assert incident.begins < incident.ends


def test_the_truth_names_each_incident_with_begin_end_affected_and_size() -> None:
    campaign = Campaign(begins=BEGINS, ends=ENDS, name="sale", sender="Acme Shop", messages=50)
    outage = Outage(**WHEN, delivered=0.25)
    change = PriceChange(begins=BEGINS, network_codes=("26201",), price="0.05")
    simulation = world_of(campaign, outage, change)
    told = simulation.truth.summary()["incidents"]
    assert isinstance(told, tuple)
    names = ("kind", "begins_at", "ends_at", "network_codes", "sender", "size")
    assert [tuple(each[name] for name in names) for each in told] == [
        ("campaign", BEGINS, ENDS, (), "Acme Shop", 50),
        ("outage", BEGINS, ENDS, ("23410",), None, 0.25),
        ("price_change", BEGINS, None, ("26201",), None, 0.05),
    ]
    sent = [(m.network_code, m.sent_at) for m in simulation.truth.each_message]
    during = sum(code == "23410" and BEGINS <= at < ENDS for code, at in sent)
    since = sum(code == "26201" and at >= BEGINS for code, at in sent)
    assert [each["messages"] for each in told] == [50, during, since]


@pytest.mark.thorough
@pytest.mark.parametrize("make", [planned, lambda: world_of(Silence(**WHEN))])
def test_the_truth_of_a_world_is_what_is_measured(
    make: Callable[[], Simulation], tmp_path: Path
) -> None:
    simulation = make()
    receive(tmp_path, simulation.receipts())
    record_sends(tmp_path, (Send(message_id, at) for message_id, at in simulation.sends))
    rows = database(tmp_path).messages.aggregate("outcome, count(*)").fetchall()
    truth = simulation.truth
    assert dict(rows) == {name: count for name, count in truth.outcomes.items() if count}
    ((cost,),) = database(tmp_path).messages.aggregate("sum(price)").fetchall()
    assert truth.cost == {"EUR": cost}


# --- what cannot be ---------------------------------------------------------------------------


def test_an_incident_of_an_unknown_network_is_refused() -> None:
    with pytest.raises(UnreadableValue, match="Outage: network 99999 is not in this world"):
        World((ONE,), incidents=(Outage(begins=BEGINS, network_codes=("99999",)),))


def test_a_campaign_larger_than_all_messages_is_refused() -> None:
    with pytest.raises(UnreadableValue, match="fewer than the campaigns'"):
        world_of(Campaign(begins=BEGINS, ends=ENDS, name="sale", messages=6001))


def test_a_campaign_outside_of_the_days_is_refused() -> None:
    with pytest.raises(UnreadableValue, match="campaign sale: begins outside"):
        world_of(Campaign(begins=END, ends=END, name="sale", messages=10))


SHARES = st.floats(0, 1)
OF_MESSAGES = st.one_of(
    st.builds(lambda share: Outage(begins=BEGINS, delivered=share), SHARES),
    st.builds(lambda share: Filtering(begins=BEGINS, share=share), SHARES),
    st.builds(lambda points: RateChange(begins=BEGINS, points=points), st.floats(-100, 100)),
    st.builds(lambda share: FakeReceipts(begins=BEGINS, share=share), SHARES),
    st.builds(lambda factor: Slowdown(begins=BEGINS, factor=factor), st.floats(0.1, 10)),
)


@given(SHARES, st.lists(OF_MESSAGES, max_size=6))
@example(1.0, [Outage(begins=BEGINS, delivered=1.0), Filtering(begins=BEGINS, share=0.5)])
def test_any_incidents_together_leave_shares_that_are_possible(
    usual: float, incidents: list[Incident]
) -> None:
    quality = Quality(usual, 1.0, NETWORKS[0].failures)
    for incident in incidents:
        quality = apply(incident, quality)
    assert 0 <= quality.rate <= 1
    assert 0 <= quality.fake <= 1
    assert all(failure.weight >= -1e-12 for failure in quality.failures)
