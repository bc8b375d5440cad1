"""``decompose``: effects that add up, change their sign with the periods, and are Kitagawa's."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.studies.decompose import COLUMNS
from dlr_analytics.errors import UnknownName, UsageError
from tests.support.message_tables import Message, database_over, message
from tests.support.quick import more_in_slow

NOW = dt.datetime(2026, 11, 10)
BEFORE = dt.datetime(2026, 11, 3)
ASKED = {"since": "2026-11-09", "until": "2026-11-16"}
SWAPPED = {"since": "2026-11-02", "until": "2026-11-09", "against": "2026-11-09/2026-11-16"}

Row = dict[str, Any]


def parted(messages: list[Message], *arguments: Any, **asking: Any) -> list[Row]:
    result = database_over(messages).decompose(*arguments, **(ASKED | asking))
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows()]


def sent(now: bool, outcome: str = "delivered", **columns: Any) -> Message:
    return message(outcome, message_time=NOW if now else BEFORE, **columns)


PRICES = st.decimals("0.00000001", "10", places=8)

WORLDS = st.lists(
    st.builds(
        lambda now, outcome, country, price, copies: [
            sent(now, outcome, country=country, price=price) for _ in range(copies)
        ],
        st.booleans(),
        st.sampled_from(["delivered", "failed"]),
        st.sampled_from(["GB", "DE", "FR", None]),
        PRICES,
        st.sampled_from([1, 2, 3, 17]),
    ),
    max_size=20,
).map(lambda piles: [each for pile in piles for each in pile])


def value(each: Message, figure: str) -> Fraction:
    return Fraction(each["expected"] if figure == "delivery_rate" else each["price"])


def mean(messages: list[Message], figure: str) -> Fraction:
    return sum((value(each, figure) for each in messages), Fraction(0)) / len(messages)


def kitagawa(messages: list[Message], figure: str) -> dict[Any, tuple[Fraction, Fraction]]:
    """Mix and rate effect of each country, in fractions."""
    halves: tuple[dict[Any, list[Message]], ...] = (defaultdict(list), defaultdict(list))
    for each in messages:
        halves[each["message_time"] == NOW][each["country"]].append(each)
    totals = [list(itertools.chain(*halves[now].values())) for now in (0, 1)]
    middle = (mean(totals[0], figure) + mean(totals[1], figure)) / 2
    found = {}
    for name in halves[0] | halves[1]:
        v, w = (Fraction(len(halves[now].get(name, [])), len(totals[now])) for now in (0, 1))
        p, q = (mean(halves[now].get(name) or halves[1 - now][name], figure) for now in (0, 1))
        found[name] = (w - v) * ((p + q) / 2 - middle), (v + w) / 2 * (q - p)
    return found


def have_both(messages: list[Message]) -> bool:
    return len({each["message_time"] for each in messages}) == 2


TOLERANCE = {"delivery_rate": 1e-12, "cost_per_message": 1e-9}


@pytest.mark.parametrize("figure", TOLERANCE)
@more_in_slow(8, 25)
def test_the_effects_are_kitagawa_s_and_add_up_to_the_difference(
    examples: int, figure: str
) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(messages=WORLDS)
    def over_worlds(messages: list[Message]) -> None:
        assume(have_both(messages))
        rows = parted(messages, figure, by="country")
        expected = kitagawa(messages, figure)
        assert {row["country"] for row in rows} == expected.keys()
        for row in rows:
            mix, rate = expected[row["country"]]
            assert row["mix_effect"] == pytest.approx(float(mix), abs=TOLERANCE[figure])
            assert row["rate_effect"] == pytest.approx(float(rate), abs=TOLERANCE[figure])
            assert row["effect"] == row["mix_effect"] + row["rate_effect"]
        of = [
            mean([each for each in messages if each["message_time"] == at], figure)
            for at in (BEFORE, NOW)
        ]
        assert sum(row["effect"] for row in rows) == pytest.approx(
            float(of[1] - of[0]), abs=TOLERANCE[figure]
        )
        effects = [abs(row["effect"]) for row in rows]
        assert effects == sorted(effects, reverse=True)

    over_worlds()


@pytest.mark.thorough
@pytest.mark.parametrize("figure", TOLERANCE)
@more_in_slow(5, 15)
def test_exchanging_the_periods_changes_only_the_signs(examples: int, figure: str) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(messages=WORLDS)
    def over_worlds(messages: list[Message]) -> None:
        assume(have_both(messages))
        there, back = (
            {row["country"]: row for row in parted(messages, figure, by="country", **asked)}
            for asked in (ASKED, SWAPPED)
        )
        for name, row in there.items():
            for effect in ("mix_effect", "rate_effect", "effect"):
                assert row[effect] == -back[name][effect]
            for column in ("messages", "share", "value"):
                assert row[column] == back[name][f"{column}_before"]

    over_worlds()


def test_the_order_in_which_groups_come_changes_no_effect() -> None:
    """Sums of doubles depend on their order, which is not the same each time."""
    chance = random.Random(1)
    for _ in range(10):
        messages = [
            sent(
                place % 2 == 0,
                country=chance.choice(["GB", "DE", "FR", "ES", "IT", "NL", "US", None]),
                price=Decimal(chance.randrange(10**9)) / 10**8,
            )
            for place in range(400)
        ]
        there, back = (
            {
                row["country"]: row["effect"]
                for row in parted(messages, "cost_per_message", by="country", **asked)
            }
            for asked in (ASKED, SWAPPED)
        )
        assert back == {country: -effect for country, effect in there.items()}


def test_a_new_and_a_vanished_group_have_only_mix() -> None:
    messages = [sent(now=False, country="DE"), sent(now=False, outcome="failed", country="FR")]
    messages += [sent(now=True, country="DE"), sent(now=True, country="GB")]
    rows = {row["country"]: row for row in parted(messages, by="country")}
    assert [(rows[name]["rate_effect"], rows[name]["mix_effect"]) for name in ("GB", "FR")] == [
        (0, 0.125),
        (0, 0.375),
    ]
    assert (rows["GB"]["messages_before"], rows["GB"]["value_before"]) == (0, None)
    assert (rows["FR"]["messages"], rows["FR"]["share"], rows["FR"]["value"]) == (0, 0, None)


def test_one_group_has_only_its_own_rate() -> None:
    messages = [sent(now=False), sent(now=True), sent(now=True, outcome="failed")]
    (row,) = parted(messages)
    assert (row["mix_effect"], row["rate_effect"], row["effect"]) == (0, -0.5, -0.5)
    assert tuple(row) == tuple(COLUMNS)


def test_where_all_groups_are_new_all_is_mix() -> None:
    messages = [sent(now=False, country="DE"), sent(now=True, outcome="failed", country="GB")]
    rows = parted(messages, by="country")
    assert [row["rate_effect"] for row in rows] == [0, 0]
    assert sum(row["effect"] for row in rows) == -1


@settings(max_examples=10, deadline=None)
@given(PRICES, st.integers(1, 30), st.integers(1, 30))
def test_equal_prices_have_no_rate_effect_at_all(price: Decimal, before: int, now: int) -> None:
    messages = [sent(at, price=price) for at, n in ((False, before), (True, now)) for _ in range(n)]
    assert parted(messages, "cost_per_message")[0]["rate_effect"] == 0


def test_messages_without_a_price_are_left_out() -> None:
    one = Decimal(1)
    messages = [sent(now=at, price=price) for at in (False, True) for price in (one, None)]
    messages.append(sent(now=True, country="FR"))
    (row,) = parted(messages, "cost_per_message", by="country")
    assert (row["messages_before"], row["messages"], row["share"]) == (1, 1, 1)


def test_pending_messages_count_as_they_are_expected_to_end() -> None:
    messages = [sent(now=False), sent(now=True, outcome="pending", expected=0.75)]
    assert parted(messages)[0]["effect"] == -0.25


# what is no question


def test_pending_messages_without_an_estimate_are_an_error() -> None:
    messages = [sent(now=False), sent(now=True, outcome="pending"), sent(now=True)]
    with pytest.raises(UsageError, match="1 pending messages have no estimate yet"):
        parted(messages)
    priced = [each | {"price": Decimal(1)} for each in messages]
    assert len(parted(priced, "cost_per_message")) == 1


@pytest.mark.parametrize("now", [False, True])
def test_a_period_without_messages_is_named(now: bool) -> None:
    empty = "2026-11-02 00:00 to 2026-11-09" if now else "2026-11-09 00:00 to 2026-11-16"
    with pytest.raises(UsageError, match=f"no messages from {empty}"):
        parted([sent(now)])


def test_a_period_without_prices_is_one_without_messages() -> None:
    messages = [sent(now=False, price=Decimal(1)), sent(now=True)]
    with pytest.raises(UsageError, match="no messages from 2026-11-09"):
        parted(messages, "cost_per_message")


@pytest.mark.parametrize("against", ["2026-11-09/2026-11-16", "2026-11-01/2026-11-10"])
def test_periods_that_overlap_are_an_error(against: str) -> None:
    with pytest.raises(UsageError, match="overlap"):
        parted([sent(now=True)], against=against)


def test_a_period_may_be_against_a_later_or_a_longer_one() -> None:
    messages = [sent(now=False), sent(now=True), sent(now=True, outcome="failed")]
    (row,) = parted(
        messages, since="2026-11-02", until="2026-11-09", against=(NOW.date(), "2027-01-01")
    )
    assert row["effect"] == 0.5


def test_several_currencies_are_an_error_unless_they_are_groups() -> None:
    messages = [
        sent(now, price=Decimal(1), currency=c) for now, c in ((False, "EUR"), (True, "USD"))
    ]
    with pytest.raises(UsageError, match="prices are in EUR and USD"):
        parted(messages, "cost_per_message")
    assert len(parted(messages, "cost_per_message", by="currency")) == 2


def test_an_unknown_figure_and_a_unit_are_errors() -> None:
    with pytest.raises(UnknownName, match="unknown figure 'latency'; there are: delivery_rate"):
        parted([], "latency")
    with pytest.raises(UnknownName, match="unknown keyword 'unit'"):
        parted([], unit="sms")
