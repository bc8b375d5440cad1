"""From DuckDB to pandas with pinned types: they follow from the SQL types, never from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    import duckdb

PINS: Final = {
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
    "VARCHAR": "str",
    "DATE": "datetime64[s]",
    "TIMESTAMP": "datetime64[us]",
}
"""pandas types by SQL type. Every other type, DECIMAL first, is a column of Python objects."""


def frame(relation: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """The rows of a relation as a data frame.

    Returns
    -------
    DataFrame
        A column each, NULL as pandas' missing value of its type, None among objects.

    Examples
    --------
    >>> import duckdb
    >>> rows = duckdb.sql("select 1 as n, 0.5::decimal(18, 8) as price, null::varchar as code")
    >>> frame(rows).dtypes.astype(str).to_dict()
    {'n': 'Int64', 'price': 'object', 'code': 'str'}
    """
    columns: pd.DataFrame = relation.df()
    kept = [
        columns.iloc[:, place].astype(_pin(kind)) if str(kind) in PINS else _values(relation, place)
        for place, kind in enumerate(relation.types)
    ]
    return pd.concat(kept, axis=1, keys=relation.columns) if kept else columns


def _pin(kind: object) -> Any:
    return PINS[str(kind)]


def _values(relation: duckdb.DuckDBPyRelation, place: int) -> pd.Series[Any]:
    """A column as Python values: .df() makes floats of decimals, and arrays of lists."""
    values = [value for (value,) in relation.project(f"#{place + 1}").fetchall()]
    return pd.Series(values, dtype="object")
