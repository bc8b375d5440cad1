"""A relation ``messages`` of literal rows, and the rows of a metric over it."""

from __future__ import annotations

import atexit
import datetime as dt
import itertools
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from dlr_analytics.analysis.cache.snapshot import Snapshot, take
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.filters import Parameters, parse
from dlr_analytics.analysis.query import load
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store.receipts.listing import list_data

Message = dict[str, Any]

AS_OF = dt.datetime(2026, 11, 24)
NOON = dt.datetime(2026, 11, 10, 12)

_FINAL = ("delivered", "failed", "expired", "rejected")
_numbers = itertools.count()


def message(outcome: str = "delivered", **columns: Any) -> Message:
    """A message with this outcome, sent on 10 November at noon; other columns as given."""
    expected = None if outcome == "pending" else float(outcome == "delivered")
    return {
        "message_id": f"m{next(_numbers)}",
        "outcome": outcome,
        "final": outcome in _FINAL,
        "expected": expected,
        "message_time": NOON,
        "currency": "EUR",
        "channel": "sms",
    } | columns


def metric_rows(
    metric: str,
    messages: Iterable[Message],
    **asking: Any,
) -> list[dict[str, Any]]:
    """The rows of a metric over these messages."""
    connection = connection_over(messages)
    columns = connection.table("messages").columns
    rows = connection.sql(load(metric).statement(parse(asking), columns))  # type: ignore[arg-type]
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]


def database_over(messages: Iterable[Message], as_of: dt.datetime = AS_OF) -> Database:
    """A database whose ``messages`` are these; the next one takes their place."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Settings(data=Path(folder)), PRESENTER)
        listing = list_data(Path(folder))
    snapshot = Snapshot(connection_over(messages), as_of, as_of, (), listing)
    database._snapshots = _Fixed(snapshot)  # type: ignore[assignment]
    return database


class _Fixed:
    """Always the same snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def open(self, as_of: dt.datetime | None = None) -> Snapshot:
        return self._snapshot

    def kind_for(self, parameters: Parameters) -> Callable[..., Snapshot]:
        return self.open

    shut = open


def only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The one row there is."""
    (row,) = rows
    return row


def connection_over(messages: Iterable[Message]) -> duckdb.DuckDBPyConnection:
    """A connection whose ``messages`` are these."""
    connection = _empty()
    connection.execute("truncate made_up")
    types = dict(zip(*_schema(connection, "messages"), strict=True))
    messages = list(messages)
    given = sorted({name for row in messages for name in row})
    values = ", ".join(f"unnest(${name}::{types[name]}[]) as {name}" for name in given)
    if messages:
        lists = {name: [row.get(name) for row in messages] for name in given}
        connection.execute(f"insert into made_up by name select {values}", lists)
    return connection


def _schema(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[list[str], list[str]]:
    table = connection.table(name)
    return table.columns, [str(kind) for kind in table.types]


@cache
def _empty() -> duckdb.DuckDBPyConnection:
    """The relations of an empty data directory, taken once."""
    with tempfile.TemporaryDirectory() as folder:
        connection = take(Settings(data=Path(folder)), AS_OF).connection
    connection.execute("create table made_up as from messages")
    for view in ("messages", "pipeline.messages"):
        connection.execute(f"create or replace view {view} as from main.made_up")
    return connection


atexit.register(_empty.cache_clear)  # DuckDB complains of connections that outlive the interpreter
