"""Copy relations between connections, and convert their times to naive UTC."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb

ZONED: Final = "TIMESTAMP WITH TIME ZONE"


def copy_relation(
    relation: duckdb.DuckDBPyRelation, onto: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """Copy a relation into the memory of another connection, in types and order.

    Examples
    --------
    >>> rows = duckdb.sql("select 1::smallint as n, 'x' as code union all select 2, null")
    >>> copy_relation(rows, duckdb.connect()).fetchall()
    [(1, 'x'), (2, None)]
    """
    kinds = zip(relation.columns, map(str, relation.types), strict=True)
    return _filled(list(kinds), relation.fetchall(), onto)


def relation_of(
    columns: Mapping[str, str], rows: Sequence[Sequence[Any]], onto: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """Put rows of Python values into the memory of a connection.

    Parameters
    ----------
    columns : mapping of str to str
        SQL types by name, in order.
    rows : sequence of rows
        A value for each column.
    onto : DuckDBPyConnection
        Preserves insertion order.

    Examples
    --------
    >>> relation_of({"n": "SMALLINT", "p": "DOUBLE"}, [(1, 0.5)], duckdb.connect()).fetchall()
    [(1, 0.5)]
    """
    return _filled(list(columns.items()), rows, onto)


def _filled(
    columns: list[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    onto: duckdb.DuckDBPyConnection,
) -> duckdb.DuckDBPyRelation:
    lists = zip(*rows, strict=True) if rows else ((),) * len(columns)
    values = {f"c{place}": list(column) for place, column in enumerate(lists)}
    unnested = [
        f"unnest(${value}::{kind}[]) as {quoted(name)}"
        for value, (name, kind) in zip(values, columns, strict=True)
    ]
    return onto.sql(f"select {', '.join(unnested)}", params=values).materialize()


def as_naive_utc(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Convert times with a zone to naive UTC; the zone of the connection is UTC."""
    if not any(str(kind) == ZONED for kind in relation.types):
        return relation
    columns = zip(relation.columns, relation.types, strict=True)
    return relation.project(", ".join(itertools.starmap(_naive, enumerate(columns, 1))))


def _naive(place: int, column: tuple[str, object]) -> str:
    name, kind = column
    return f"#{place}::timestamp as {quoted(name)}" if str(kind) == ZONED else f"#{place}"


def quoted(name: str) -> str:
    """A name as an identifier of SQL.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'
