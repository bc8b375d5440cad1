"""The SQL of the metrics against plain Python, over messages of any kind, asked in any way."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlr_analytics.vocabulary import FINAL_STATUSES
from tests.support import message_tables as made
from tests.support.oracles import messages
from tests.support.oracles.metrics import METRICS, Question, Row, answer

AS_OF = made.AS_OF
MATURE_BEFORE = AS_OF - dt.timedelta(hours=72)
TINY = dt.timedelta(microseconds=1)

OUTCOMES = ("delivered", "open", "expired", "unknown", "failed", "rejected", "delivered", "open")
"""``open``: silent where it is mature, else pending."""
TIMES = (
    *(dt.datetime(2026, 11, 10, 12), dt.datetime(2026, 11, 11)) * 3,
    dt.datetime(2026, 11, 10, 23, 59, 59, 500_000),
    dt.datetime(2026, 11, 1),
    dt.datetime(2026, 10, 31, 18, 29, 59, 999_999),
    dt.datetime(2026, 10, 25, 1, 30),
    MATURE_BEFORE - TINY,
    MATURE_BEFORE,
    AS_OF - dt.timedelta(hours=1),
)
STATES = ("accepted", "none", "buffered", "teleported", "accepted")
WAITS = (*(dt.timedelta(hours=hours) for hours in (71, 0, 72)), dt.timedelta(hours=71) - TINY, None)
NETWORKS = ("23410", "310410", None)
COUNTRIES = ("GB", "DE", None)
PRICES = (None, Decimal("0.03330000"), Decimal("1E-8"), Decimal("9999999999.99999999"), Decimal(-1))
CURRENCIES = ("EUR", "USD", "GBP")
ERR_CODES = (None, 0, 1, 99, 1301, -1)
SECONDS = (None, 0, 1, 10, 30, 31, 60, 61, -40, 259_200)
SOURCES = (None, "sends", "accepted")
SHARES = (None, 0.0, 0.25, 1.0)
COPIES = (1, 2, 10, 50, 90, 100, 199, 200)
WIDTH = 20
"""Bytes of a kind: as many as it has choices."""

CROSSED = (0, 1, 2, 1, 40)
"""How many minutes of the clock began before scts."""

FILTERS = (
    (None, lambda row: True),
    ("country = 'GB'", lambda row: row["country"] == "GB"),
    ("network_code is null or price > 0", lambda row: row["network_code"] is None
        or (row["price"] is not None and row["price"] > 0)),
    ("receipts > 1 and not final", lambda row: row["receipts"] > 1 and not row["final"]),
)  # fmt: skip
BYS = (
    (),
    ("network_code",),
    ("country", "network_code"),
    ("day",),
    ("week", "country"),
    ("month",),
    ("hour_of_day", "country"),
    ("weekday",),
    ("hour", "network_code"),
    ("outcome",),
    ("status", "sent_at_source"),
    ("currency",),
    ("err_code", "country"),
    ("push_latency_s",),
    ("receipts",),
    ("channel", "country"),
)
CHANNELS = ("sms", "sms", "all", "whatsapp", "rcs")
OWN: dict[str, tuple[str, Callable[[Row], Any]]] = {
    "n": ("left(network_code, 2)", lambda row: row["network_code"] and row["network_code"][:2]),
    "p": ("price > 0", lambda row: None if row["price"] is None else row["price"] > 0),
    "select": ("coalesce(country, '-')", lambda row: row["country"] or "-"),
    "by_1": ("hour(message_time)", lambda row: row["message_time"].hour),
    "cell": ("receipts % 2", lambda row: row["receipts"] % 2),
}
"""Expressions whose names the statements use for something else."""

OWN_BYS = (("n",), ("p", "day"), ("country", "select"), ("by_1", "n"), ("cell", "currency", "p"))

PERIODS = tuple(
    (since, until)
    for since, until in itertools.product((None, None, *TIMES), repeat=2)
    if since is None or until is None or since <= until
)
QUESTIONS = st.just(Question()) | st.builds(
    lambda by, period, tz, where, channel: Question(
        by, period[0], period[1], tz, where[0], channel, where[1], OWN
    ),
    st.sampled_from(BYS + OWN_BYS),
    st.sampled_from(PERIODS),
    st.sampled_from(("UTC", "Asia/Kolkata", "America/New_York", "Europe/Berlin")),
    st.sampled_from(FILTERS),
    st.sampled_from(CHANNELS),
)


def copies(row: bytes) -> list[Row]:
    """The messages that a row of bytes stands for: alike, but for when each was sent."""
    picks = iter(row)

    def one(pool: Sequence[Any]) -> Any:
        return pool[next(picks) % len(pool)]

    outcome, at = one(OUTCOMES), one(TIMES)
    if outcome == "open":
        outcome = "silent" if at < MATURE_BEFORE else "pending"
    final = outcome in FINAL_STATUSES
    wait, state = one(WAITS), one(STATES)
    alike = {
        "outcome": outcome,
        "final": final,
        "status": outcome if final or outcome == "unknown" else state,
        "final_at": at + wait if final and wait is not None else None,
        "expected": one(SHARES) if outcome == "pending" else float(outcome == "delivered"),
        "expected_se": one((None, 0.0, 0.1)) if outcome == "pending" else None,
        "network_code": one(NETWORKS),
        "country": one(COUNTRIES),
        "price": one(PRICES),
        "currency": one(CURRENCIES),
        "err_code": one(ERR_CODES),
        "receipts": one((0, 1, 2, 7)),
        "sent_at_source": one(SOURCES),
        "push_latency_s": one(SECONDS),
        "channel": one(("sms", "sms", "whatsapp")),
        "message_time": at,
    }
    measured, crossed, step = one((True, True, False)), one(CROSSED), one((1, 7, 0.25))
    sent = [at - dt.timedelta(seconds=step * n) for n in range(one(COPIES))]
    return [
        {**alike, "sent_at": each, "latency_s": _floored(each, crossed) if measured else None}
        for each in sent
    ]


def _floored(sent: dt.datetime, crossed: int) -> int:
    minute = sent.replace(second=0, microsecond=0) + dt.timedelta(minutes=crossed)
    return messages.floor_seconds(minute, sent) or 0


def kinds(most: int) -> st.SearchStrategy[list[bytes]]:
    """Up to so many kinds of messages."""
    return st.lists(st.binary(min_size=WIDTH, max_size=WIDTH), max_size=most)


def agree(metric: str, drawn: list[bytes], question: Question) -> None:
    rows = [row for each in drawn for row in copies(each)]
    rows = [{**row, "message_id": f"o{number}"} for number, row in enumerate(rows)]
    by = [{name: OWN[name][0]} if name in OWN else name for name in question.by]
    asking: dict[str, Any] = {"by": by, "tz": question.tz, "where": question.where}
    asking["channel"] = question.channel
    for name, moment in (("since", question.since), ("until", question.until)):
        asking[name] = moment and moment.replace(tzinfo=dt.UTC)
    found = made.metric_rows(metric, rows, **asking)
    right = answer(metric, rows, question, AS_OF)
    assert [list(row) for row in found] == [list(row) for row in right]
    for one, other in zip(found, right, strict=True):
        assert messages.differences(one, other, other) == {}


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_what_its_words_say(metric: str) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(kinds(5), QUESTIONS)
    def over_messages(drawn: list[bytes], question: Question) -> None:
        agree(metric, drawn, question)

    over_messages()


@pytest.mark.slow
@pytest.mark.parametrize("metric", METRICS)
def test_so_it_is_over_thousands(metric: str) -> None:
    @settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(kinds(12), QUESTIONS)
    def over_messages(drawn: list[bytes], question: Question) -> None:
        agree(metric, drawn, question)

    over_messages()
