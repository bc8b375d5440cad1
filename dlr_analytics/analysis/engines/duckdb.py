"""DuckDB as the engine: in memory, UTC, and never reaching for the network."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dlr_analytics.store.connection import connect as connect_store


def connect(memory: int | None = None, aside: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A fresh connection in memory.

    Parameters
    ----------
    memory : int, optional
        How many bytes it may take; by default four fifths of the machine's.
    aside : path, optional
        A folder for what is more than that, made when it is needed and removed at the end; by
        default one in the system's folder for temporary files.

    Examples
    --------
    >>> connect().sql("select current_setting('TimeZone')").fetchall()
    [('UTC',)]
    """
    aside = aside or Path(tempfile.gettempdir(), f"dlr-{secrets.token_hex(8)}")
    # An eighth is for Python, and for what DuckDB does not count.
    limit = {} if memory is None else {"memory_limit": f"{memory - memory // 8}B"}
    connection = connect_store(temp_directory=str(aside), **limit)
    connection.execute("set TimeZone = 'UTC'")
    # Keeping the order of files takes twice the time and memory, and no statement relies on it.
    connection.execute("set preserve_insertion_order = false")
    # Of files with a given schema DuckDB expects one row, and would hash all receipts to join them
    # with seven statuses; the smaller side of our joins is on the right.
    connection.execute("set disabled_optimizers = 'build_side_probe_side'")
    # A database in memory has nothing to gain from checkpoints, which take a tenth of the time.
    connection.execute("set checkpoint_threshold = '1TB'")
    # Receipts are read more than once, and ten thousand footers take a second.
    connection.execute("set parquet_metadata_cache = true")
    return connection


@dataclass(frozen=True, slots=True)
class OnDuckDB:
    """The calls of :class:`~dlr_analytics.analysis.engines.protocol.Engine` on a connection.

    Examples
    --------
    >>> engine = OnDuckDB(connect())
    >>> engine.offer("prices", {"price": "DECIMAL(18,8)"}, [["0.0333"], ["0.0512"]])
    >>> engine.keep("total", "select sum(price) as price from prices")
    >>> engine.rows("from total")
    [(Decimal('0.08450000'),)]
    """

    connection: duckdb.DuckDBPyConnection

    def offer(
        self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Make a table of values."""
        values = list(zip(*rows, strict=True)) or [()] * len(columns)
        lists = {f"c{i}": list(column) for i, column in enumerate(values)}
        selected = ", ".join(
            f'unnest($c{i}::{type_}[]) as "{column}"'
            for i, (column, type_) in enumerate(columns.items())
        )
        self.connection.execute(f'create table "{name}" as select {selected}', lists)

    def view(self, name: str, statement: str) -> None:
        """Give a statement a name, in place of another."""
        self.connection.execute(f'create or replace view "{name}" as {statement}')

    def keep(self, name: str, statement: str) -> None:
        """Run a statement and keep its rows."""
        self.connection.execute(f'create table "{name}" as {statement}')

    def add(self, name: str, statement: str) -> None:
        """Run a statement and add its rows to a kept relation, column by column."""
        self.connection.execute(f'insert into "{name}" {statement}')

    def drop(self, name: str) -> None:
        """Forget a kept relation."""
        self.connection.execute(f'drop table "{name}"')

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        return self.connection.execute(statement).fetchall()
