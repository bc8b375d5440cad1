"""Rows that the engines are compared on, and what compares them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from dlr_analytics.analysis.engines.spark import SparkEngine, spark_type

COLUMNS: Final = {
    "place": "INTEGER",
    "sender": "VARCHAR",
    "other": "VARCHAR",
    "small": "SMALLINT",
    "whole": "INTEGER",
    "large": "BIGINT",
    "extreme": "BIGINT",
    "price": "DECIMAL(18,8)",
    "rate": "DOUBLE",
    "final": "BOOLEAN",
    "moment": "TIMESTAMP",
    "problems": "VARCHAR[]",
}
"""Columns of each type that ``messages`` has. Sums of all but ``extreme`` overflow nowhere."""

_VALUES: Final[tuple[tuple[Any, ...], ...]] = (
    (
        *("", "a", "ABC-def-9", None, "Straße", "İstanbul", "ΑΣ", "ΑΣ ΑΣΑ", "😀x", "e\u0301"),
        *(" pad ", "\u00a0nb\u3000", "\ttab\n", "100%", "a_b", "a\\b", "it's", "a.b", "a\nb"),
        *("a\r\n", "a\r", "ŉ ǅ ﬁ ᾳ ẞ", "a--b-", "a\u2028b", "(a+b)*[c]^$|?{2}", "2026-11-01", "A"),
        *("\x0b", "-", "é", "Ä-ö"),
    ),
    ("b", "-", None, "", "ß", "i", "σ", "ς", "😀", " ", "%", "_", "\\", "'", ".", "a", "A", "ABC"),
    (0, 1, -1, None, 2, 5, 10, 60, -100, 100, 99, 7),
    (0, 1, -1, 2, None, 1_000_000, -1_000_000, 61, 60, 59, 5),
    (1, None, 0, -1, 10**12, -(10**12), 2, 3, 5, 61, 86_400, 7, 60),
    (2**63 - 1, -(2**63) + 1, 0, None, 1, 2**53 + 1, -1),
    tuple(
        text and Decimal(text)
        for text in (
            *("0", "0.5", "-0.5", None, "2.5", "-2.5", "1.5", "0.00000001", "-0.00000001", "0.1"),
            *("0.2", "0.3", "0.0333", "10", "12345.678", "0.05", "1", "0.15", "0.25", "0.125"),
        )
    ),
    (
        *(0.0, 0.5, -0.5, None, 2.5, math.nan, math.inf, -math.inf, -0.0, 0.1, 0.1 + 0.2, 1e-300),
        *(123456789.123, 1e16, 1e22, 7.0, 0.05, 1.0, -2.5, 1e308, -1e308),
    ),
    (True, False, None, True, False),
    tuple(
        text and dt.datetime.fromisoformat(text)
        for text in (
            *("1970-01-01", "2026-10-25 00:59:59.999999", "2026-03-29 01:00", None, "2026-01-31"),
            *("2026-12-31 23:59:59.999999", "2027-01-01", "1969-12-31 23:59:59.999999"),
            *("2024-02-29 12:00", "2000-01-01", "1900-01-01", "1899-12-31 23:00", "2026-10-31"),
            *("2026-10-25 01:30", "2026-11-02 13:05:07", "2020-12-31", "2021-01-03", "2026-05-31"),
            *("2262-04-11 23:47:16", "2026-11-01 00:00:00.000001", "2026-03-29 02:30"),
            *("2025-12-29", "2026-11-01 10:00:00.5"),
        )
    ),
    ([], ["a"], ["price_unknown", None], None, [None], ["Ä", "ä"], ["", ""], ["a", "a"], ["b"]),
)
"""By column: nulls, .5, letters of several bytes, the epoch, ends of years and of summer time."""


def rows_on_duckdb() -> duckdb.DuckDBPyConnection:
    """A connection of DuckDB that has the rows as ``messages``."""
    connection = duckdb.connect()
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"create table messages ({columns})")
    rows = [(place, *(values[place % len(values)] for values in _VALUES)) for place in range(80)]
    marks = ", ".join("?" * len(COLUMNS))
    connection.executemany(f"insert into messages values ({marks})", rows)
    return connection


class BothEngines:
    """The rows as ``messages`` on DuckDB and on Spark, read from the same Parquet file."""

    def __init__(self, folder: Path, session: Any) -> None:
        self.connection = rows_on_duckdb()
        self.engine = SparkEngine(session)
        self.engine.use("main")
        self.read(folder / "rows.parquet", "messages", COLUMNS)

    def read(self, file: Path, name: str, columns: dict[str, str]) -> None:
        """Write a relation of DuckDB, and make it one of Spark."""
        self.connection.execute(f"copy {name} to '{file}' (format parquet)")
        schema = ", ".join(f"{column} {spark_type(kind)}" for column, kind in columns.items())
        self.engine.define(name, self.engine.session.read.schema(schema).parquet(str(file)))

    def differing(self, expressions: Iterable[str]) -> list[tuple[str, int, Any, Any]]:
        """The values that differ: expression, row, what DuckDB has, and what Spark has."""
        expressions = list(expressions)
        values = ", ".join(f"({text}) as v{at}" for at, text in enumerate(expressions))
        text = f"select {values} from messages order by place"
        here, there = self.connection.execute(text).fetchall(), self.engine.rows(text)
        assert len(here) == len(there) == 80
        return [
            (expressions[at], place, one, other)
            for place, rows in enumerate(zip(here, there, strict=True))
            for at, (one, other) in enumerate(zip(*rows, strict=True))
            if not same(one, other)
        ]


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal; doubles may differ in the last bits."""
    if one is None or other is None:
        return one is other
    if isinstance(one, float) or isinstance(other, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or math.isclose(one, other, rel_tol=1e-12)
    return bool(one == other)
