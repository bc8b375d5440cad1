"""Tables among the caller's variables, which ``db.sql`` reads by their names.

DuckDB's own search for variables would let a statement read any object of any frame. Here only
variables of the calling function and its module are offered, only those whose name is a word of the
statement and no relation of the database, and only objects that are tables. Each is a view for as
long as the statement runs; ``where`` and expressions in ``by`` never see one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from dlr_analytics.analysis.engines.copy_relation import copy_relation
from dlr_analytics.analysis.engines.duckdb import Connection, is_relation
from dlr_analytics.analysis.result import Result
from dlr_analytics.analysis.sandbox.parse_tree import allowed_names

_WORD: Final = re.compile(r"[^\W\d]\w*")


def tables_in_scope(text: str, frame: FrameType | None) -> dict[str, Any]:
    """Return the tables among a frame's variables that a statement may name.

    Examples
    --------
    >>> import inspect
    >>> import pandas as pd
    >>> tiers, other, count = pd.DataFrame({"tier": ["gold"]}), pd.DataFrame(), 3
    >>> [*tables_in_scope("select count from tiers", inspect.currentframe())]
    ['tiers']
    """
    if frame is None:
        return {}
    variables: Mapping[str, Any] = {**frame.f_globals, **frame.f_locals}
    words = dict.fromkeys(_WORD.findall(text))
    return {
        name: variables[name] for name in words if name in variables and _is_table(variables[name])
    }


@contextmanager
def as_views(connection: Connection, tables: Mapping[str, Any]) -> Iterator[None]:
    """Offer tables as views of their names, except where a relation has the name."""
    known = allowed_names(connection, outside=True).relations if tables else frozenset()
    made = []
    try:
        for name, table in tables.items():
            if name.lower() in known:
                continue
            rows = table.stored if isinstance(table, Result) else table
            # A relation is read on its own connection only.
            own = copy_relation(rows, connection) if is_relation(rows) else rows
            connection.register(name, own)
            made.append(name)
        yield
    finally:
        for name in made:
            connection.unregister(name)


def _is_table(value: object) -> bool:
    """Whether it is a result, a relation, or a data frame or table of another library."""
    if isinstance(value, type):
        return False
    kind = type(value)
    if isinstance(value, Result) or is_relation(value):
        return True
    return kind.__module__.partition(".")[0] in {"pandas", "polars", "pyarrow"} and (
        kind.__name__ in {"DataFrame", "Table", "RecordBatch"}
    )
