"""``prices``: when prices changed, exact to the message, and what that has cost."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlr_analytics as dlr
from dlr_analytics.analysis.query import load
from tests.support.data_directories import database
from tests.support.message_tables import AS_OF, Message, message, metric_rows, only
from tests.support.oracles.prices import Paid, turns
from tests.support.pipelines import receipt

START = dt.datetime(2026, 9, 1)
NEVER = dt.datetime(9999, 1, 1)
HOUR = dt.timedelta(hours=1)
OLD, NEW, OTHER = Decimal("0.03330000"), Decimal("0.03800001"), Decimal("0.02")


def priced(at: dt.datetime, price: Decimal | None, **columns: Any) -> Message:
    return message(message_time=at, price=price, **({"network_code": "23410"} | columns))


def course(days: int, change: dt.datetime, step: dt.timedelta = HOUR, **by: Any) -> list[Message]:
    """A message each step, at the old price before a time and at the new one from then."""
    times = [START + step * at for at in range(round(dt.timedelta(days=days) / step))]
    return [priced(at, NEW if at >= change else OLD, **by) for at in times]


def found(rows: list[Message], **asking: Any) -> list[dict[str, Any]]:
    return metric_rows("prices", rows, **asking)


def test_a_change_is_found_to_the_message_with_its_exact_cost() -> None:
    change = START + dt.timedelta(days=20, hours=13)
    rows = course(40, change)
    after = [row for row in rows if row["price"] == NEW]
    row = only(found(rows))
    assert (row["network_code"], row["currency"], row["changed_at"]) == ("23410", "EUR", change)
    assert (row["price_before"], row["price"]) == (OLD, NEW)
    assert row["change"] == pytest.approx(float(NEW / OLD) - 1)
    assert row["messages"] == len(after)
    assert row["extra_cost"] == len(after) * (NEW - OLD)


@pytest.mark.parametrize("step", [HOUR / 6, HOUR, 11 * HOUR, 29 * HOUR, 70 * HOUR])
@pytest.mark.parametrize("hour", [0, 7, 23])
def test_it_is_found_at_any_hour_however_few_messages_there_are(
    step: dt.timedelta, hour: int
) -> None:
    rows = course(60, START + dt.timedelta(days=30, hours=hour), step)
    first = min(row["message_time"] for row in rows if row["price"] == NEW)
    assert only(found(rows))["changed_at"] == first


def test_the_next_change_ends_the_count_of_the_one_before() -> None:
    first, second = START + dt.timedelta(days=20), START + dt.timedelta(days=40)
    rows = [
        row if row["message_time"] < second else row | {"price": OTHER} for row in course(60, first)
    ]
    one, two = found(rows)
    assert (one["changed_at"], one["messages"]) == (first, 20 * 24)
    assert (two["changed_at"], two["price_before"], two["price"]) == (second, NEW, OTHER)
    assert two["extra_cost"] == 20 * 24 * (OTHER - NEW) < 0


def test_a_price_that_returns_changes_twice() -> None:
    first, second = START + dt.timedelta(days=20), START + dt.timedelta(days=25)
    rows = [
        row if row["message_time"] < second else row | {"price": OLD} for row in course(60, first)
    ]
    assert [(row["changed_at"], row["price"]) for row in found(rows)] == [
        (first, NEW),
        (second, OLD),
    ]


@pytest.mark.parametrize("share", [0.5, 0.6, 0.8, 0.95])
@pytest.mark.parametrize("seed", range(3))
def test_two_routes_at_two_prices_are_no_change(share: float, seed: int) -> None:
    rng = random.Random(f"{share} {seed}")
    rows = [
        row | {"price": OLD if rng.random() < share else NEW} for row in course(60, START, 2 * HOUR)
    ]
    assert found(rows) == []


def test_traffic_that_moves_from_one_route_to_another_in_part_is_no_change() -> None:
    rng = random.Random(4)
    rows = [
        row | {"price": NEW if rng.random() < (0.35 if row["price"] == OLD else 0.7) else OLD}
        for row in course(60, START + dt.timedelta(days=30), HOUR / 6)
    ]
    assert found(rows) == []


def test_what_few_messages_at_two_prices_show_can_be_chance() -> None:
    rows = course(10, START + dt.timedelta(days=7), 12 * HOUR)
    for at in (2, 6, 9):
        rows[at]["price"] = NEW
    rows[17]["price"] = OLD
    assert found(rows) == []


def test_a_change_is_found_beside_a_second_route_that_keeps_its_price() -> None:
    change = START + dt.timedelta(days=30)
    rng = random.Random(1)
    rows = [row if rng.random() < 0.7 else row | {"price": OTHER} for row in course(60, change)]
    row = only(found(rows))
    since = [row for row in rows if row["message_time"] >= row0_at(rows)]
    assert row["changed_at"] == row0_at(rows)
    assert row["messages"] == len(since)
    assert row["extra_cost"] == sum(each["price"] - OLD for each in since)


def row0_at(rows: list[Message]) -> dt.datetime:
    """The first message at the new price."""
    first: dt.datetime = min(row["message_time"] for row in rows if row["price"] == NEW)
    return first


def test_stragglers_at_the_old_price_do_not_move_the_change() -> None:
    change = START + dt.timedelta(days=30)
    rows = course(60, change)
    rows[30 * 24 + 5]["price"] = OLD
    assert only(found(rows))["changed_at"] == change


@pytest.mark.parametrize(("factor", "rows"), [("1.00099", 0), ("1.001", 1), ("0.9989", 1)])
def test_a_change_is_a_thousandth_or_more(factor: str, rows: int) -> None:
    new = (OLD * Decimal(factor)).quantize(Decimal("1e-8"))
    change = START + dt.timedelta(days=30)
    every = [
        row | {"price": new if row["message_time"] >= change else OLD} for row in course(60, change)
    ]
    assert len(found(every)) == rows


def test_networks_and_currencies_change_by_themselves() -> None:
    first, second = START + dt.timedelta(days=30), START + dt.timedelta(days=20)
    rows = [*course(60, first, currency=None), *course(60, second, network_code="26201")]
    rows += course(60, NEVER, currency="GBP")
    assert [(row["network_code"], row["currency"]) for row in found(rows)] == [
        ("26201", "EUR"),
        ("23410", None),
    ]


def test_messages_without_a_network_or_a_price_are_left_out() -> None:
    change = START + dt.timedelta(days=30)
    rows = course(60, change, network_code=None)
    rows += [row | {"price": None} for row in course(60, change)]
    assert found(rows) == []


def test_a_price_that_was_nothing_has_no_share() -> None:
    rows = [
        row | {"price": Decimal(0) if row["price"] == OLD else NEW}
        for row in course(60, START + dt.timedelta(days=30))
    ]
    row = only(found(rows))
    assert (row["price_before"], row["change"]) == (Decimal(0), None)


def test_no_messages_and_a_first_week_have_no_change() -> None:
    assert found([]) == []
    assert found(course(2, NEVER)) == []
    assert found(course(60, START + dt.timedelta(days=30)), since="2026-10-01") == []


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(1, 25), st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0])), min_size=1),
    st.sampled_from([2, 5, 20]),
)
def test_it_is_what_plain_python_finds(
    seed: int, phases: list[tuple[int, float]], rate: int
) -> None:
    rng = random.Random(seed)
    times = [
        (START + dt.timedelta(days=day, seconds=rng.randrange(86400)), share)
        for day, share in enumerate(share for days, share in phases[:4] for _ in range(days))
        for _ in range(rng.randrange(rate))
    ]
    paid = [
        Paid(at, NEW if rng.random() < share else OTHER if rng.random() < 0.1 else OLD)
        for at, share in times
    ]
    rows = found([priced(one.at, one.price) for one in paid])
    assert [
        (row["changed_at"], row["price_before"], row["price"], row["messages"], row["extra_cost"])
        for row in rows
    ] == [(turn.at, turn.old, turn.new, turn.messages, turn.extra) for turn in turns(paid)]


# the verb


def test_days_begin_in_the_time_zone(tmp_path: Path) -> None:
    sent = [dt.datetime(2026, 11, 1, 23, 30) + dt.timedelta(days=day) for day in range(20)]
    data = database(
        tmp_path,
        *(
            receipt(
                f"m{at}", received_at=at, message_timestamp=at, price=NEW if at.day > 11 else OLD
            )
            for at in sent
        ),
    )
    for tz in ("UTC", "Europe/London", "Asia/Kolkata", "America/New_York"):
        (row,) = data.prices(tz=tz).rows()
        assert row[2] == dt.datetime(2026, 11, 12, 23, 30)
    assert "Asia/Kolkata" in data.prices(tz="Asia/Kolkata").sql


def test_the_price_rise_of_the_sample_is_the_only_one() -> None:
    result = dlr.open("tests/data/sample").prices()
    ((network, currency, at, old, new, *_),) = result.rows()
    assert (network, currency, old, new) == (
        "72402",
        "EUR",
        Decimal("0.04316800"),
        Decimal("0.04912775"),
    )
    assert at.date() == dt.date(2026, 11, 8)
    assert result.columns == tuple(load("prices").columns)


@pytest.mark.thorough
def test_as_of_leaves_out_what_came_later() -> None:
    db = dlr.open("tests/data/sample")
    assert len(db.prices(as_of="2026-11-08")) == 0
    assert len(db.prices(as_of=AS_OF, where="country = 'BR'")) == 1
    assert db.prices(since="35d").rows() == db.prices().rows()
