"""DuckDB as the engine: in memory, UTC, and never reaching for the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb


def connect(**config: str) -> duckdb.DuckDBPyConnection:
    """A fresh connection in memory; ``config`` is DuckDB's.

    DuckDB would otherwise download extensions that a statement seems to want.

    Examples
    --------
    >>> connect().sql("select current_setting('TimeZone')").fetchall()
    [('UTC',)]
    """
    offline = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    connection = duckdb.connect(config={**offline, **config})
    connection.execute("set TimeZone = 'UTC'")
    # Receipts are read more than once, and ten thousand footers take a second.
    connection.execute("set parquet_metadata_cache = true")
    return connection


@dataclass(frozen=True, slots=True)
class OnDuckDB:
    """The calls of :class:`~dlr_analytics.analyse.engine.Engine` on a connection.

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
        """Give a statement a name."""
        self.connection.execute(f'create view "{name}" as {statement}')

    def keep(self, name: str, statement: str) -> None:
        """Run a statement and keep its rows."""
        self.connection.execute(f'create table "{name}" as {statement}')

    def drop(self, name: str) -> None:
        """Forget a kept relation."""
        self.connection.execute(f'drop table "{name}"')

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        return self.connection.execute(statement).fetchall()
