"""Receipts by the hundred thousand into ``messages``: frames in, frames out, no files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd

from dlr_analytics.analysis.engines import duckdb as on_duckdb
from dlr_analytics.analysis.filters import ALL_CHANNELS, Filters
from dlr_analytics.analysis.messages import networks, vocabulary_tables
from dlr_analytics.analysis.messages.parameters import PUBLIC, DerivationParameters
from dlr_analytics.analysis.query import load
from dlr_analytics.store import sends
from dlr_analytics.webhook.receipt import COLUMNS
from tests.support.pipelines import create_messages

MADE = {
    "scts_raw": "strftime(scts, '%y%m%d%H%M')",
    "problems": "cast([] as varchar[])",
    "source": "'sms'",
    "raw": "'{}'",
}
"""Columns of receipts that follow from others; what a frame does not have either is NULL."""


def derive(
    receipts: pd.DataFrame, as_of: dt.datetime, sent: pd.DataFrame | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection with ``messages`` as of a moment, and what it rests on.

    Parameters
    ----------
    receipts : DataFrame
        Columns of ``receipts``, as many as matter, times naive UTC.
    as_of : datetime
        Naive UTC.
    sent : DataFrame, optional
        ``message_id`` and ``sent_at``.
    """
    connection = on_duckdb.connect()
    engine = on_duckdb.DuckDBEngine(connection)
    vocabulary_tables.create(engine)
    networks.create(engine, Path("no/networks.csv"))
    engine.use(PUBLIC)
    engine.create_table("receipts", _select(connection, "given_receipts", receipts, COLUMNS, MADE))
    given = pd.DataFrame({"message_id": [], "sent_at": []}) if sent is None else sent
    engine.create_table(
        "sends", _select(connection, "given_sends", given, sends.COLUMNS, {"source": "'sends'"})
    )
    create_messages(engine, DerivationParameters(as_of))
    return connection


def _select(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    frame: pd.DataFrame,
    columns: dict[str, str],
    made: dict[str, str],
) -> str:
    """The statement that gives a frame the columns of a relation."""
    connection.register(name, frame)
    values = {
        column: column if column in frame.columns else made.get(column, "null")
        for column in columns
    }
    typed = (f"cast({values[column]} as {kind}) as {column}" for column, kind in columns.items())
    return f"select {', '.join(typed)} from {name}"


def ask(connection: duckdb.DuckDBPyConnection, metric: str, *by: str) -> str:
    """The statement of a metric over this ``messages``."""
    # Tables made by hand have no channel.
    filters = Filters(by=by, channel=ALL_CHANNELS)
    return load(metric).statement(filters, connection.sql("from messages").columns)
