"""Copy relations between connections, and convert their times to naive UTC."""

from __future__ import annotations

import itertools
from typing import Final

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
    rows = relation.fetchall()
    lists = zip(*rows, strict=True) if rows else ((),) * len(relation.columns)
    values = {f"c{place}": list(column) for place, column in enumerate(lists)}
    columns = zip(values, relation.columns, relation.types, strict=True)
    unnested = [f'unnest(${value}::{kind}[]) as "{name}"' for value, name, kind in columns]
    return onto.sql(f"select {', '.join(unnested)}", params=values).materialize()


def as_naive_utc(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Convert times with a zone to naive UTC; the zone of the connection is UTC."""
    if not any(str(kind) == ZONED for kind in relation.types):
        return relation
    columns = zip(relation.columns, relation.types, strict=True)
    return relation.project(", ".join(itertools.starmap(_naive, enumerate(columns, 1))))


def _naive(place: int, column: tuple[str, object]) -> str:
    name, kind = column
    quoted = name.replace('"', '""')
    return f'#{place}::timestamp as "{quoted}"' if str(kind) == ZONED else f"#{place}"
