"""Messages and receipts by the hundred thousand, and the rows of ``watch`` over them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from dlr_analytics.analysis.filters import Filters
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.query import Query

MONDAY: Final = dt.datetime(2026, 10, 5)
"""When a world begins: midnight, so that cells of time can be counted from it."""

Row = dict[str, Any]

_COLUMNS: Final = {
    "message_key": "varchar",
    "message_id": "varchar",
    "network_code": "varchar",
    "network": "varchar",
    "country": "varchar",
    "sender": "varchar",
    "message_time": "timestamp",
    "final_at": "timestamp",
    "outcome": "varchar",
    "err_code": "smallint",
    "push_latency_s": "bigint",
    "receipts": "bigint",
    "sent_at_source": "varchar",
}
"""The columns that the statements of ``watch`` read; what a frame lacks is NULL."""


def at(cells: npt.NDArray[np.float64], cell_s: int) -> pd.Series[Any]:
    """Naive UTC of so many cells after the beginning."""
    seconds = (cells * cell_s * 1e6).astype("timedelta64[us]")
    return pd.Series(np.datetime64(MONDAY, "us") + seconds)


def spread(
    counts: npt.NDArray[Any], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The row, and a moment within its cell, of each of so many messages a row and cell."""
    rows, cells = np.indices(counts.shape)
    number = counts.astype(int).ravel()
    moments = np.repeat(cells.ravel(), number) + rng.uniform(0.001, 0.999, number.sum())
    return np.repeat(rows.ravel(), number), moments


def connection(messages: pd.DataFrame, received: pd.Series[Any] | None = None) -> Any:
    """A connection with these messages, and a receipt of each at ``received``."""
    made = duckdb.connect()
    made.execute("create schema pipeline")
    made.register("given", messages)
    columns = [
        f"cast({name if name in messages.columns else 'null'} as {kind}) as {name}"
        for name, kind in _COLUMNS.items()
    ]
    made.execute(f"create table messages as select {', '.join(columns)} from given")
    made.execute("create view pipeline.message_outcomes as from messages")
    if received is not None:
        made.register("arrived", messages[["message_id"]].assign(received_at=received))
        made.execute("create table receipts as from arrived")
    return made


def ask(made: Any, name: str, as_of: dt.datetime) -> list[Row]:
    """The rows of a statement of ``sql/watch`` at a moment."""
    parameters = f"select timestamp '{as_of}' as as_of"
    made.execute(f"create or replace table pipeline.parameters as {parameters}")
    query = Query("watch", statement(f"watch/{name}"))
    rows = made.sql(query.statement(Filters(channel="all"), ()))
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
