"""The SQL of ``quality`` against plain Python, over histories of any kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.engines.duckdb import DuckDBEngine
from dlr_analytics.analysis.filters import parse
from dlr_analytics.analysis.messages.parameters import DerivationParameters
from dlr_analytics.analysis.query import load
from tests.support.histories import AS_OF_VALUES, History, histories
from tests.support.oracles.quality import Flaws, flaws, quality
from tests.support.oracles.receipts import key_of
from tests.support.pipelines import after, create_messages, engine, table


def agree(history: History, as_of: dt.datetime | None) -> None:
    """Each message has the flaws that it should, and the metric sums them up."""
    made = engine(history.receipts, history.sends)
    newest = max((r.received_at for r in history.receipts), default=after(days=1))
    moment = as_of or newest
    create_messages(made, DerivationParameters(moment, as_of is not None))
    rows = {key_of(row["message_id"]): row for row in table(made, "messages")}
    result = {
        (row["message_key"], flaw): (row["receipt_flaws"] or "").split().count(flaw) or None
        for row in table(made, "message_outcomes")
        for flaw in row["flaws"].split()
    }
    right = flaws(rows, history.receipts, history.sends, moment)
    assert result == right
    of_sms = {key: row for key, row in rows.items() if row["channel"] == "sms"}
    elsewhere = [row for row in rows.values() if row["channel"] != "sms"]
    for by in (None, "network_code", "outcome"):
        assert asked(made, by, "message") == quality(of_sms, right, by, elsewhere)
    whole = table(made, "sms")
    by_sms = {row["sms_id"]: row for row in whole if row["channel"] == "sms"}
    elsewhere = [row for row in whole if row["channel"] != "sms"]
    together = by_part(right, {key: sms_of(row) for key, row in rows.items()})
    for by in (None, "network_code", "outcome"):
        assert asked(made, by, "sms") == quality(by_sms, together, by, elsewhere)


def asked(made: DuckDBEngine, by: str | None, unit: str) -> list[dict[str, Any]]:
    """The rows of the metric, by column."""
    text = load("quality").statement(
        parse({"by": by, "unit": unit}), made.connection.table("messages").columns
    )
    answer = made.connection.sql(text)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


def sms_of(row: Mapping[str, Any]) -> str:
    """What the parts of an SMS have in common; a part that nothing links is an SMS."""
    return key_of(row["sms_id"] or row["message_id"])


def by_part(found: Flaws, sms: Mapping[str, str]) -> Flaws:
    """The flaws of each SMS: those of any part, in as many receipts as of all parts."""
    summed: Flaws = {}
    for (key, problem), receipts in found.items():
        one = (sms[key], problem)
        before = summed.get(one)
        summed[one] = (before or 0) + (receipts or 0) or None
    return summed


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(AS_OF_VALUES))
def test_every_message_has_the_flaws_that_it_should_and_quality_sums_them_up(
    history: History, as_of: dt.datetime | None
) -> None:
    agree(history, as_of)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from(AS_OF_VALUES))
def test_so_it_is_over_thousands_of_histories(history: History, as_of: dt.datetime | None) -> None:
    agree(history, as_of)
