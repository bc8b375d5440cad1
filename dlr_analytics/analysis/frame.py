"""Conversion from DuckDB to pandas: types depend on SQL types, never on the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from dlr_analytics.analysis.engines.typed_relation import converted

if TYPE_CHECKING:
    import duckdb

PINS: Final[dict[str, Any]] = {
    "BOOLEAN": "boolean",
    "TINYINT": "Int64",
    "SMALLINT": "Int64",
    "INTEGER": "Int64",
    "BIGINT": "Int64",
    "UTINYINT": "Int64",
    "USMALLINT": "Int64",
    "UINTEGER": "Int64",
    "UBIGINT": "UInt64",
    "FLOAT": "float64",
    "DOUBLE": "float64",
    "VARCHAR": pd.StringDtype(na_value=float("nan")),  # what pandas 3 calls str
    "DATE": "datetime64[s]",
    "TIMESTAMP": "datetime64[us]",
}
"""pandas types by SQL type. All others, like DECIMAL, become columns of Python objects."""


def frame(relation: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """Convert the rows of a relation to a data frame.

    Returns
    -------
    DataFrame
        NULL is the missing value of the column's type, None in a column of objects.

    Examples
    --------
    >>> import duckdb
    >>> rows = duckdb.sql("select 1 as n, 0.5::decimal(18, 8) as price, null::varchar as code")
    >>> frame(rows).dtypes.astype(str).to_dict()
    {'n': 'Int64', 'price': 'object', 'code': 'str'}
    """
    columns: pd.DataFrame = converted(relation)
    series = [
        columns.iloc[:, place].astype(_pin(kind)) if str(kind) in PINS else _values(relation, place)
        for place, kind in enumerate(relation.types)
    ]
    return pd.concat(series, axis=1, keys=relation.columns) if series else columns


def _pin(kind: object) -> Any:
    return PINS[str(kind)]


def _values(relation: duckdb.DuckDBPyRelation, place: int) -> pd.Series[Any]:
    """A column as Python values: .df() converts decimals to floats, lists to arrays."""
    values = [value for (value,) in relation.project(f"#{place + 1}").fetchall()]
    return pd.Series(values, dtype="object")
