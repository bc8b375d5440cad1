"""The SQL of ``messages`` against the contract in plain Python, over histories of any kind."""

from __future__ import annotations

import datetime as dt
import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.messages.parameters import DerivationParameters
from tests.support.histories import AS_OF_VALUES, History, histories
from tests.support.oracles import messages
from tests.support.oracles.receipts import key_of
from tests.support.pipelines import after, create_messages, engine, receipt, table
from tests.support.quick import more_in_slow

PATTERN = re.compile(r"t-(?P<epoch>\d+)")

LOCAL = [
    receipt(f"local {i}", network_code="23410", seconds=600 * i, scts=after(600 * i, minutes=59))
    for i in range(-60, 60)
]
"""Enough receipts of one network to learn that its scts is an hour ahead, and to foresee."""


def told(history: History, as_of: dt.datetime | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the SQL says, and what the contract says, by message key."""
    made = engine(history.receipts, history.sends)
    newest = max((r.received_at for r in history.receipts), default=after(days=1))
    moment = as_of or newest
    given_moment = as_of is not None
    create_messages(made, DerivationParameters(moment, given_moment, "EUR", PATTERN))
    rows = {key_of(row["message_id"]): row for row in table(made, "messages")}
    world = messages.World(
        moment,
        given_moment,
        "EUR",
        PATTERN,
        {n["network_code"]: (n["country"], n["network"]) for n in table(made, "networks")},
        {mcc["mcc"]: mcc["country"] for mcc in table(made, "mccs")},
        {key: row["scts_offset_min"] for key, row in rows.items()},
    )
    return rows, messages.messages(history.receipts, history.sends, world)


def agree(history: History, as_of: dt.datetime | None) -> None:
    rows, right = told(history, as_of)
    assert rows.keys() == right.keys()
    for key, row in rows.items():
        assert messages.differences(row, right[key], row) == {}, key


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(AS_OF_VALUES))
def test_every_column_of_every_message_is_what_the_contract_says(
    history: History, as_of: dt.datetime | None
) -> None:
    agree(history, as_of)


@more_in_slow(3, 8)
def test_so_it_is_where_offsets_are_learned_and_the_pending_foreseen(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(receipts=200), st.sampled_from(AS_OF_VALUES))
    def over_histories(history: History, as_of: dt.datetime | None) -> None:
        agree(History((*LOCAL, *history.receipts), history.sends), as_of)

    over_histories()


@more_in_slow(3, 8)
def test_order_and_repetition_of_receipts_change_no_message(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(histories(), st.sampled_from(AS_OF_VALUES), st.randoms())
    def over_histories(history: History, as_of: dt.datetime | None, chance: random.Random) -> None:
        repeated = [*history.receipts, *(r for r in history.receipts if chance.random() < 0.3)]
        chance.shuffle(repeated)
        sends = chance.sample(history.sends, len(history.sends))
        once, _ = told(history, as_of)
        again, _ = told(History(tuple(repeated), tuple(sends)), as_of)
        counts = {"receipts", "duplicates"}
        assert again.keys() == once.keys()
        for key, row in once.items():
            assert messages.differences(again[key], row, row.keys() - counts) == {}, key

    over_histories()


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(AS_OF_VALUES))
def test_so_it_is_over_thousands_of_histories(history: History, as_of: dt.datetime | None) -> None:
    agree(history, as_of)
