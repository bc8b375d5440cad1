"""Literal receipts in, the rows of ``messages`` out: no files, no clock."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from dlr_analytics.analysis.engines import duckdb
from dlr_analytics.analysis.messages import networks, pipeline, vocabulary_tables
from dlr_analytics.analysis.messages.parameters import INTERNAL, PUBLIC, DerivationParameters
from dlr_analytics.store import sends
from dlr_analytics.store.sends import Send
from dlr_analytics.webhook.receipt import COLUMNS, Receipt

NOON = dt.datetime(2026, 11, 3, 12)
"""When literal receipts come, unless they say otherwise."""

LATER = NOON + dt.timedelta(days=30)
"""A moment at which everything of ``NOON`` is mature."""


def after(seconds: float = 0, **more: float) -> dt.datetime:
    """``NOON`` and so long after it."""
    return NOON + dt.timedelta(seconds=seconds, **more)


def receipt(
    message_id: str = "0A", status: str | None = "delivered", seconds: float = 0, **fields: Any
) -> Receipt:
    """A receipt made and received so many seconds after noon; ``fields`` win."""
    at = after(seconds)
    scts = fields.get("scts")
    given: dict[str, Any] = {
        "received_at": at,
        "message_id": message_id,
        "msisdn": "447700900001",
        "sender": "Acme",
        "network_code": "23410",
        "status": status,
        "err_code": 0,
        "price": Decimal("0.03330000"),
        "scts": None,
        "scts_raw": None if scts is None else f"{scts:%y%m%d%H%M}",
        "message_timestamp": at,
        "api_key": "abcd1234",
        "client_ref": None,
        "problems": (),
        "source": "sms",
        "channel": "sms",
        "raw": "{}",
    }
    return Receipt(**(given | fields))


def engine(receipts: Iterable[Receipt], sent: Iterable[Send] = ()) -> duckdb.DuckDBEngine:
    """An engine that has the inputs of the pipeline."""
    made = duckdb.DuckDBEngine(duckdb.connect())
    vocabulary_tables.create(made)
    networks.create(made, Path("no/networks.csv"))
    made.use(PUBLIC)
    made.create_values("receipts", COLUMNS, [dataclasses.astuple(each) for each in receipts])
    made.create_values("sends", sends.COLUMNS, [dataclasses.astuple(each) for each in sent])
    made.use(INTERNAL, PUBLIC)
    return made


def create_messages(made: duckdb.DuckDBEngine, parameters: DerivationParameters) -> None:
    """Define ``messages`` and what goes with it; internal relations can be named too."""
    pipeline.build(made, parameters)
    made.use(INTERNAL, PUBLIC)


def table(made: duckdb.DuckDBEngine, relation: str) -> list[dict[str, Any]]:
    """All rows of a relation, by column."""
    selected = made.connection.sql(f'from "{relation}"')
    return [dict(zip(selected.columns, row, strict=True)) for row in selected.fetchall()]


def derive(
    receipts: Iterable[Receipt],
    sent: Iterable[Send] = (),
    *,
    as_of: dt.datetime = LATER,
    given: bool = False,
    currency: str = "EUR",
    pattern: str | None = None,
) -> dict[str, dict[str, Any]]:
    """The rows of ``messages`` by ``message_id``."""
    made = engine(receipts, sent)
    ref_time = None if pattern is None else re.compile(pattern)
    create_messages(made, DerivationParameters(as_of, given, currency, ref_time))
    return {row["message_id"]: row for row in table(made, "messages")}


def derive_one(receipts: Sequence[Receipt], *sent: Send, **more: Any) -> dict[str, Any]:
    """The row of the only message there is."""
    (row,) = derive(receipts, sent, **more).values()
    return row
