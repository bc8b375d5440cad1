"""The simulator: reproducible bytes, every oddity, and a correct truth."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dlr_analytics.errors import UnreadableValue
from dlr_analytics.simulate import NETWORKS, Network, Simulation, World, simulate
from dlr_analytics.simulate.truth import outcome, percentile
from dlr_analytics.simulate.world.clocks import Clock, to_ms
from dlr_analytics.simulate.world.example import EXAMPLE_ID
from dlr_analytics.simulate.world.senders import HOSTILE_SENDERS
from dlr_analytics.vocabulary import status_of
from dlr_analytics.webhook.judge import Ignore, Quarantine, Rules, Store, judge
from dlr_analytics.webhook.receipt import Receipt

END = dt.datetime(2026, 11, 23)
RESERVED = re.compile(r"447700900\d{3}|1[2-9]\d\d55501\d\d|3363998\d{4}")
"""Numbers of Ofcom, the North American plan and Arcep for use in drama."""


@pytest.fixture(scope="module")
def world() -> Simulation:
    return simulate(20_000, seed=1, end=END)


@pytest.fixture(scope="module")
def receipts(world: Simulation) -> list[Receipt]:
    return list(world.receipts())


def values_of(world: Simulation, name: str) -> list[str]:
    """Every value of a field of the SMS receipts."""
    return [str(c.fields[name]) for c in world.calls if c.kind == "receipt" and name in c.fields]


# --- the same again ---------------------------------------------------------------------------


def test_a_seed_gives_the_same_bytes_again() -> None:
    first, again = (simulate(2_000, seed=5, days=9, end=END) for _ in range(2))
    assert first.calls == again.calls
    assert first.sends == again.sends
    assert first.truth == again.truth


def test_the_bytes_of_a_seed_are_those_of_last_year() -> None:
    """If these change, every simulation does: regenerate the sample and the docs."""
    lines = b"\n".join(call.line for call in simulate(300, seed=1, days=9, end=END).calls)
    assert (len(lines), hashlib.sha256(lines).hexdigest()[:16]) == (124_218, "5037021c4db47059")


def test_another_seed_gives_another_world() -> None:
    assert simulate(50, seed=1, end=END).calls != simulate(50, seed=2, end=END).calls


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_a_few_messages_are_as_many_as_asked_for(count: int) -> None:
    world = simulate(count, seed=1, days=1, end=END)
    assert world.truth.messages == count
    assert {r.message_id.upper() for r in world.receipts()} <= {
        m.message_id.upper() for m in world.truth.each_message
    }


def test_by_default_it_ends_now() -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    end = simulate(10, seed=1).end
    assert before <= end <= dt.datetime.now(dt.UTC).replace(tzinfo=None)


@pytest.mark.parametrize("wrong", [{"messages": 0}, {"messages": 5, "days": 0}])
def test_nothing_cannot_be_simulated(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableValue, match="give a number above 0"):
        simulate(**{"messages": 1, "seed": 1, **wrong})


# --- time -------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_calls_come_in_order_of_arrival_and_none_after_the_end(world: Simulation) -> None:
    arrivals = [call.arrived_at for call in world.calls]
    assert arrivals == sorted(arrivals)
    assert arrivals[-1] <= END


@pytest.mark.parametrize("seed", range(10))
def test_the_newest_receipt_is_younger_than_every_send(seed: int) -> None:
    truth = simulate(20, seed=seed, end=END).truth
    assert truth.as_of >= max(message.sent_at for message in truth.each_message)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (dt.datetime(2026, 3, 29, 1), dt.datetime(2026, 10, 25, 1)),
        (dt.datetime(2021, 3, 28, 1), dt.datetime(2021, 10, 31, 1)),
    ],
)
def test_europe_s_summer_lasts_from_the_last_sunday_of_march_to_that_of_october(
    begins: dt.datetime, ends: dt.datetime
) -> None:
    berlin = Clock(60, summer_time=True)
    moment = dt.timedelta(milliseconds=1)
    times = (begins - moment, begins, ends - moment, ends)
    assert [berlin.offset_min(to_ms(time)) for time in times] == [60, 120, 120, 60]


def test_messages_are_sent_within_the_span(world: Simulation) -> None:
    times = [truth.sent_at for truth in world.truth.each_message]
    assert len({time.date() for time in times}) == 30
    assert max(times) < END


def test_the_last_day_is_the_one_that_holds_the_end() -> None:
    noon = dt.datetime(2026, 11, 23, 12)
    for end, last in ((END, 22), (noon, 23)):
        days = {m.sent_at.day for m in simulate(500, seed=1, days=2, end=end).truth.each_message}
        assert days == {last - 1, last}


def test_a_day_that_has_just_begun_has_no_receipts_yet() -> None:
    end = END + dt.timedelta(seconds=1)
    truth = simulate(5, seed=1, days=1, end=end).truth
    assert (truth.receipts, truth.messages, truth.as_of) == (0, 5, end)


def test_the_night_is_quieter_than_the_day(world: Simulation) -> None:
    britons = [m.sent_at.hour for m in world.truth.each_message if m.network_code == "23415"]
    hours = Counter(britons)
    assert 4 * hours[3] < hours[10]


# --- the wire ---------------------------------------------------------------------------------


def test_all_transports_carry_receipts(world: Simulation) -> None:
    transports = Counter(call.transport for call in world.calls if call.kind == "receipt")
    assert min(transports[name] for name in ("get", "form", "json", "messages")) > 1_000


def test_a_call_carries_its_fields(world: Simulation) -> None:
    for call in world.calls[:2_000]:
        if call.transport in ("get", "form"):
            found = dict(parse_qsl((call.query or call.body).decode(), keep_blank_values=True))
            assert found == {name: str(value) for name, value in call.fields.items()}
        elif call.fields:
            assert json.loads(call.body) == call.fields


@pytest.mark.thorough
def test_each_kind_of_call_is_judged_as_such(world: Simulation) -> None:
    verdicts = {"receipt": Store, "quarantined": Quarantine, "empty": Ignore}
    for call in world.calls:
        assert isinstance(judge(call.request(), Rules(), call.arrived_at), verdicts[call.kind])


def test_only_numbers_reserved_for_fiction_are_used(world: Simulation) -> None:
    numbers = re.compile(r"(?<![\w.-])\d{10,15}(?![\w.-])")
    for call in world.calls:
        fields = {**call.fields, "scts": "", "messageId": "", "message_uuid": ""}
        for number in numbers.findall(json.dumps(fields)):
            assert RESERVED.fullmatch(number), number


# --- every oddity -----------------------------------------------------------------------------


@pytest.mark.thorough
def test_problems_of_every_sort_that_the_field_knows_come_up(receipts: list[Receipt]) -> None:
    found = {problem for receipt in receipts for problem in receipt.problems}
    assert found >= {
        "price_comma",
        "price_missing",
        "scts_missing",
        "scts_unreadable",
        "status_unrecognised",
        "times_contradict",
    }


def test_the_edited_example_comes_once(receipts: list[Receipt]) -> None:
    (example,) = [receipt for receipt in receipts if receipt.message_id == EXAMPLE_ID]
    assert example.problems == ("times_contradict",)


def test_statuses_are_shouted_and_spelled_as_smpp_does(world: Simulation) -> None:
    assert {"DELIVRD", "UNDELIV", "EXPIRED", "DELIVERED", "ACCEPTED"} <= set(
        values_of(world, "status")
    )


def test_times_are_written_in_five_ways(world: Simulation) -> None:
    shapes = {re.sub(r"\d", "9", text) for text in values_of(world, "message-timestamp")}
    day = "9999-99-99"
    assert shapes == {
        f"{day} 99:99:99",
        f"{day} 99:99:99+99:99",
        f"{day} 99:99:99 +9999",
        f"{day}T99:99:99.999Z",
        f"{day}+99%9A99%9A99",
    }


def test_an_err_code_may_be_a_number(world: Simulation) -> None:
    assert any(type(call.fields.get("err-code")) is int for call in world.calls)


def test_network_codes_are_missing_now_and_then(receipts: list[Receipt]) -> None:
    assert 0 < sum(receipt.network_code is None for receipt in receipts) < 0.01 * len(receipts)


def test_an_id_may_come_in_another_case(world: Simulation, receipts: list[Receipt]) -> None:
    written = {truth.message_id for truth in world.truth.each_message}
    other = {receipt.message_id for receipt in receipts} - written
    assert 0 < len(other) < 0.01 * len(receipts)
    assert {message_id.upper() for message_id in other} <= written


def test_senders_have_spaces_and_some_are_hostile(receipts: list[Receipt]) -> None:
    senders = {receipt.sender for receipt in receipts}
    assert "Acme Shop" in senders
    assert senders & set(HOSTILE_SENDERS)


def test_webhooks_of_the_messages_api_come_in_both_forms(world: Simulation) -> None:
    to = [call.fields["to"] for call in world.calls if call.transport == "messages"]
    assert {type(value) for value in to} == {str, dict}


def test_strays_come_by_every_transport(world: Simulation) -> None:
    strays = {(call.kind, call.transport) for call in world.calls if call.kind != "receipt"}
    assert strays == {
        (kind, transport)
        for kind in ("quarantined", "empty")
        for transport in ("get", "form", "json")
    }


def test_receipts_repeat_and_some_with_a_new_time(receipts: list[Receipt]) -> None:
    same = defaultdict(list)
    for receipt in receipts:
        identity = (receipt.message_id.upper(), receipt.status, receipt.err_code, receipt.scts_raw)
        same[identity].append(receipt.message_timestamp)
    repeats = [times for times in same.values() if len(times) > 1]
    assert len(repeats) > 50
    assert {len(set(times)) for times in repeats} >= {1, 2}


def test_receipts_come_late_and_out_of_order(receipts: list[Receipt]) -> None:
    late = [r for r in receipts if waited(r) > dt.timedelta(hours=1)]
    assert len(late) > 20
    assert out_of_order(receipts) > 20


def waited(receipt: Receipt) -> dt.timedelta:
    """From push to arrival; nothing for the example, whose times were edited."""
    if receipt.message_timestamp is None or receipt.message_id == EXAMPLE_ID:
        return dt.timedelta()
    return receipt.received_at - receipt.message_timestamp


def out_of_order(receipts: Iterable[Receipt]) -> int:
    """How many receipts arrive after one of the same message that was pushed later."""
    by_message: dict[str, list[dt.datetime]] = defaultdict(list)
    for receipt in receipts:
        assert receipt.message_timestamp is not None
        by_message[receipt.message_id.upper()].append(receipt.message_timestamp)
    return sum(a > b for times in by_message.values() for a, b in pairwise(times))


def test_a_failure_is_taken_back_now_and_then(receipts: list[Receipt]) -> None:
    finals = defaultdict(set)
    for receipt in receipts:
        finals[receipt.message_id.upper()].add(status_of(receipt.status or "").status)
    assert any(statuses >= {"failed", "delivered"} for statuses in finals.values())


def test_once_the_receiver_is_down_and_all_comes_afterwards(
    world: Simulation, receipts: list[Receipt]
) -> None:
    (outage,) = (each for each in world.truth.incidents if each.kind == "receiver_outage")
    down, up = outage.begins_at, outage.ends_at
    assert up is not None
    pushed = [r for r in receipts if down < (r.message_timestamp or END) < up]
    assert len(pushed) > 10
    assert min(receipt.received_at for receipt in pushed) >= up


# --- networks ---------------------------------------------------------------------------------


def outcomes(world: Simulation, code: str) -> Counter[str]:
    return Counter(m.outcome for m in world.truth.each_message if m.network_code == code)


def test_a_us_long_code_stops_at_accepted(world: Simulation, receipts: list[Receipt]) -> None:
    assert outcomes(world, "310410").keys() == {"silent"}
    assert {r.status for r in receipts if r.network_code == "310410"} == {"accepted"}


def test_the_philippines_time_out_as_a_routine(world: Simulation) -> None:
    found = outcomes(world, "51503")
    assert found["expired"] > 0.1 * found.total()


def test_a_german_network_filters_for_some_days(receipts: list[Receipt]) -> None:
    filtered = Counter(
        receipt.received_at.date()
        for receipt in receipts
        if receipt.network_code == "26202" and receipt.err_code == 6
    )
    worst = sorted(day for day, _ in filtered.most_common(4))
    assert worst[-1] - worst[0] <= dt.timedelta(days=4)
    assert sum(filtered[day] for day in worst) > 0.7 * filtered.total()


def test_its_rate_falls_from_ninety_six_to_seventy_five(world: Simulation) -> None:
    days = defaultdict(list)
    for message in world.truth.each_message:
        if message.network_code == "26202":
            days[message.sent_at.date()].append(message.outcome == "delivered")
    bad = [is_ for day, some in days.items() if 15 <= day.day <= 17 for is_ in some]
    good = [is_ for day, some in days.items() if not 14 <= day.day <= 18 for is_ in some]
    assert 0.70 < sum(bad) / len(bad) < 0.80
    assert 0.94 < sum(good) / len(good) < 0.98


def test_one_price_changes_once(receipts: list[Receipt]) -> None:
    prices = defaultdict(set)
    for receipt in receipts:
        if receipt.network_code is not None and receipt.price is not None:
            prices[receipt.network_code].add(receipt.price)
    assert {code for code, seen in prices.items() if len(seen) > 1} == {"72402"}
    assert len(prices["72402"]) == 2


def test_networks_have_real_codes_of_eleven_countries() -> None:
    assert len(NETWORKS) == 14
    assert len({network.code[:3] for network in NETWORKS}) == 11
    assert len({network.code for network in NETWORKS}) == 14


@pytest.mark.thorough
def test_days_differ_by_more_than_chance() -> None:
    """The variance of daily rates, and that of a binomial with the mean rate."""
    quiet = Network("23415", 1, "0.03330000", 0.9, 5.0, NETWORKS[0].local_clock, silent=0.0)
    world = simulate(20_000, seed=1, end=END, world=World(networks=(quiet,)))
    days = defaultdict(list)
    for message in world.truth.each_message:
        days[message.sent_at.date()].append(message.outcome == "delivered")
    rates = {day: sum(is_) / len(is_) for day, is_ in days.items() if len(is_) > 300}
    mean = sum(rates.values()) / len(rates)
    spread = sum((rate - mean) ** 2 for rate in rates.values()) / (len(rates) - 1)
    chance = sum(mean * (1 - mean) / len(days[day]) for day in rates) / len(rates)
    assert spread > 3 * chance


@pytest.mark.parametrize(
    ("code", "offsets"),
    [
        ("23410", {0, 60}),
        ("23415", {0}),
        ("26202", {60, 120}),
        ("72402", {-300}),
        ("40445", {330}),
        ("51503", {480}),
    ],
)
def test_scts_runs_ahead_of_utc_by_the_network_s_habit(
    world: Simulation, receipts: list[Receipt], code: str, offsets: set[int]
) -> None:
    """From receipts pushed within seconds, so that the minute is unambiguous."""
    delivered_at = {m.message_id.upper(): m.delivered_at for m in world.truth.each_message}
    found = set()
    for receipt in receipts:
        at = delivered_at[receipt.message_id.upper()]
        if receipt.network_code != code or receipt.scts is None or at is None:
            continue
        if status_of(receipt.status or "").status == "delivered" and receipt.scts.year > 2020:
            floored = at.replace(second=0, microsecond=0)
            found.add((receipt.scts - floored) // dt.timedelta(minutes=1))
    assert found == offsets
    habit = world.truth.networks[code].scts_offset_min
    assert habit is not None
    assert set(habit.values()) == offsets


def test_accepted_is_always_in_utc(receipts: list[Receipt]) -> None:
    for receipt in receipts:
        if receipt.status == "accepted" and receipt.scts and receipt.message_timestamp:
            ahead = receipt.message_timestamp - receipt.scts
            assert dt.timedelta(seconds=-1) < ahead < dt.timedelta(minutes=3)


# --- the truth --------------------------------------------------------------------------------


def test_a_repeat_of_a_failure_takes_nothing_back() -> None:
    """The first of equal receipts counts, however late the others were pushed."""
    push = next(p for p in simulate(50, seed=1, end=END).history.pushes if p.status == "delivered")
    failed = push._replace(status="failed", pushed=push.pushed - 2_000)
    again = failed._replace(pushed=push.pushed + 60_000, arrived=push.arrived + 60_000)
    assert outcome(push.message, [failed, push, again], again.arrived) == "delivered"


def identity(receipt: Receipt) -> tuple[object, ...]:
    return status_of(receipt.status or "").status, receipt.err_code, receipt.scts_raw


def recount(world: Simulation, receipts: list[Receipt]) -> dict[str, tuple[str, Decimal]]:
    """Outcome and price of each message, by the definitions, from receipts alone."""
    sent_at = {message_id.upper(): at for message_id, at in world.sends}
    by_message: dict[str, list[Receipt]] = {message_id: [] for message_id in sent_at}
    for receipt in receipts:
        by_message.setdefault(receipt.message_id.upper(), []).append(receipt)
    as_of = max(receipt.received_at for receipt in receipts)
    return {
        message_id: (ended(some, sent_at.get(message_id), as_of), price_of(some))
        for message_id, some in by_message.items()
    }


def ended(receipts: list[Receipt], sent_at: dt.datetime | None, as_of: dt.datetime) -> str:
    in_order = sorted(receipts, key=lambda r: (r.message_timestamp, r.received_at))
    firsts = {identity(receipt): receipt for receipt in reversed(in_order)}
    kept = [receipt for receipt in in_order if firsts[identity(receipt)] is receipt]
    statuses = [status_of(receipt.status or "") for receipt in kept]
    finals = [status.status for status in statuses if status.status_class == "final"]
    if finals:
        return finals[-1]
    message_time = sent_at or in_order[0].message_timestamp
    assert message_time is not None
    if as_of - message_time <= dt.timedelta(hours=72):
        return "pending"
    return "unknown" if any(s.status == "unknown" for s in statuses) else "silent"


def price_of(receipts: list[Receipt]) -> Decimal:
    return next((r.price for r in receipts if r.price is not None), Decimal(0))


@pytest.fixture(scope="module")
def recounted(world: Simulation, receipts: list[Receipt]) -> dict[str, tuple[str, Decimal]]:
    return recount(world, receipts)


def test_the_truth_counts_the_calls(world: Simulation, receipts: list[Receipt]) -> None:
    kinds = Counter(call.kind for call in world.calls)
    truth = world.truth
    assert truth.receipts == kinds["receipt"] == len(receipts)
    assert truth.quarantined == kinds["quarantined"]
    assert truth.empty == kinds["empty"]
    assert truth.sends == len(world.sends)
    assert truth.as_of == receipts[-1].received_at


def test_the_truth_agrees_with_a_recount_of_outcomes(
    world: Simulation, recounted: dict[str, tuple[str, Decimal]]
) -> None:
    counts = Counter(outcome for outcome, _ in recounted.values())
    assert world.truth.messages == len(recounted) == 20_000
    assert world.truth.outcomes == {name: counts[name] for name in world.truth.outcomes}
    assert min(world.truth.outcomes.values()) > 0


def test_the_truth_agrees_with_a_recount_of_cost(
    world: Simulation, recounted: dict[str, tuple[str, Decimal]]
) -> None:
    assert world.truth.cost == {"EUR": sum(price for _, price in recounted.values())}


def test_the_truth_agrees_with_a_recount_by_network(
    receipts: list[Receipt], recounted: dict[str, tuple[str, Decimal]], world: Simulation
) -> None:
    result = {r.message_id.upper(): r.network_code for r in receipts if r.network_code is not None}
    found = Counter((result[m], outcome) for m, (outcome, _) in recounted.items() if m in result)
    for code, counts in world.truth.outcomes_by_network.items():
        assert counts == {name: found[code, name] for name in counts}
    assert found.total() == sum(sum(c.values()) for c in world.truth.outcomes_by_network.values())


def test_in_the_end_nothing_is_pending(world: Simulation) -> None:
    in_the_end = world.truth.outcomes_in_the_end
    assert in_the_end["pending"] == 0
    assert sum(in_the_end.values()) == 20_000
    assert in_the_end == Counter(m.outcome for m in world.truth.each_message) | {"pending": 0}


def test_what_is_settled_stays_as_it_is_but_for_the_silent(world: Simulation) -> None:
    """Late receipts turn only pending or silent messages into final ones."""
    now, later = world.truth.outcomes, world.truth.outcomes_in_the_end
    assert all(later[name] >= now[name] for name in ("delivered", "failed", "expired", "rejected"))


def test_the_networks_add_up(world: Simulation) -> None:
    networks = world.truth.networks
    assert sum(network.messages for network in networks.values()) == 20_000
    delivered = sum(network.delivered for network in networks.values())
    assert delivered == world.truth.outcomes_in_the_end["delivered"]


def test_true_latencies_grow_with_the_share_and_have_a_slow_tail(world: Simulation) -> None:
    for network in world.truth.networks.values():
        if network.latency_s is not None:
            p50, p90, p95, p99 = network.latency_s.values()
            assert 0 < p50 <= p90 <= p95 <= p99
    prompt = world.truth.networks["23410"].latency_s
    assert prompt is not None
    assert prompt["p50"] < 10
    assert prompt["p99"] > 600


def test_expiry_surfaces_after_72_hours(receipts: list[Receipt], world: Simulation) -> None:
    sent_at = {m.message_id.upper(): m.sent_at for m in world.truth.each_message}
    for receipt in receipts:
        if status_of(receipt.status or "").status == "expired" and receipt.message_timestamp:
            took = receipt.message_timestamp - sent_at[receipt.message_id.upper()]
            assert dt.timedelta(hours=72) <= took < dt.timedelta(hours=73)


def test_one_account_has_no_send_log(world: Simulation) -> None:
    logged = {message_id.upper() for message_id, _ in world.sends}
    for call in world.calls:
        if call.kind == "receipt":
            message_id = str(call.fields.get("messageId", call.fields.get("message_uuid")))
            assert (call.transport != "get") == (message_id.upper() in logged)


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (50, 5), (51, 6), (90, 9), (100, 10)])
def test_a_percentile_is_the_smallest_with_that_share_at_or_below(percent: int, value: int) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == value


def test_another_world_can_be_handed_in() -> None:
    silent = Network("20801", 1, "0.05980000", 0.9, 5.0, NETWORKS[0].local_clock, silent=0.3)
    truth = simulate(3_000, seed=1, end=END, world=World(networks=(silent,))).truth
    assert truth.networks.keys() == {"20801"}
    assert 0.27 < truth.outcomes_in_the_end["silent"] / 3_000 < 0.33
