"""The SQL of ``quality`` against plain Python, over histories of any kind."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlr_analytics.analyse import messages
from dlr_analytics.analyse.asking import read
from dlr_analytics.analyse.query import load
from tests.analyse import oracle
from tests.analyse.histories import History, histories
from tests.analyse.oracle_quality import flaws, quality
from tests.analyse.tell import after, create, engine, table
from tests.analyse.test_messages_oracle import MOMENTS


def agree(history: History, as_of: dt.datetime | None) -> None:
    """Each message has the flaws that it should, and the metric sums them up."""
    made = engine(history.receipts, history.sends)
    newest = max((r.received_at for r in history.receipts), default=after(days=1))
    moment = as_of or newest
    create(made, messages.Terms(moment, as_of is not None))
    rows = {oracle.key_of(row["message_id"]): row for row in table(made, "messages")}
    told = {
        (row["message_key"], flaw): (row["shown"] or "").split().count(flaw) or None
        for row in table(made, "outcomes")
        for flaw in row["flaws"].split()
    }
    right = flaws(rows, history.receipts, history.sends, moment)
    assert told == right
    for by in (None, "network_code", "outcome"):
        text = load("quality").statement(
            read({"by": by}), made.connection.table("messages").columns
        )
        answer = made.connection.sql(text)
        summed = [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
        assert summed == quality(rows, right, by)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(MOMENTS))
def test_every_message_has_the_flaws_that_it_should_and_quality_sums_them_up(
    history: History, as_of: dt.datetime | None
) -> None:
    agree(history, as_of)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(MOMENTS))
def test_so_it_is_over_thousands_of_histories(history: History, as_of: dt.datetime | None) -> None:
    agree(history, as_of)
