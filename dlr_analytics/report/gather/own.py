"""The user's own dimensions: their SQL, and their values with most messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.dimensions import unused
from dlr_analytics.analysis.engines.copy_relation import quoted
from dlr_analytics.analysis.query import BUCKETS, load, local_time
from dlr_analytics.report.gather.metrics import parameters_of
from dlr_analytics.report.request import Request
from dlr_analytics.store.sql import literal

MOST_VALUES: Final = 20
"""How many values of a dimension have a row each, and can be named by a finding."""


@dataclass(frozen=True, slots=True)
class OwnDimension:
    """A dimension of the user's own: name, SQL, and values with most messages."""

    name: str
    sql: str
    values: tuple[str, ...]

    @property
    def expression(self) -> str:
        """SQL for the value of a message as text: NULL for less frequent values too."""
        text = f"cast({self.sql} as varchar)"
        values = ", ".join(map(literal, self.values))
        return f"case when {text} in ({values}) then {text} end" if values else "null::varchar"


def own_dimensions(
    database: Database, since: datetime, until: datetime, asked: Request
) -> tuple[OwnDimension, ...]:
    """Find the values of own dimensions, from ``since`` to before ``until``."""
    expressions = dict(asked.expressions)
    return tuple(
        OwnDimension(
            name, sql_of(name, expressions, asked.tz), _values(database, since, until, asked, name)
        )
        for name in asked.by
    )


def sql_of(name: str, expressions: Mapping[str, str], tz: str) -> str:
    """Return the SQL of a dimension: an expression, a bucket, or a column.

    Examples
    --------
    >>> sql_of("campaign", {"campaign": "left(client_ref, 3)"}, "UTC"), sql_of("tier", {}, "UTC")
    ('(left(client_ref, 3))', '"tier"')
    """
    if name in expressions:
        return f"({expressions[name]})"
    if name in BUCKETS:
        return f"({BUCKETS[name].format(local=local_time(tz))})"
    return quoted(name)


def by_expressions(
    own: Sequence[OwnDimension], database: Database
) -> tuple[Mapping[str, str], ...]:
    """Return expressions for ``by``, under names that nothing else has."""
    prefix = unused("own_", database.registered_columns)
    return tuple({f"{prefix}{place}": each.expression} for place, each in enumerate(own))


def _values(
    database: Database, since: datetime, until: datetime, asked: Request, name: str
) -> tuple[str, ...]:
    """The values with most messages, as text."""
    expressions = dict(asked.expressions)
    by = {name: expressions[name]} if name in expressions else name
    rows, _ = database.compute(
        load("busiest-values"),
        parameters_of(asked, since, until, [by]),
        lambda found: found.project("cast(#1 as varchar)").fetchall(),
    )
    # A finding writes its value in a shell command, whose arguments cannot contain a NUL.
    found = (value for (value,) in rows if value is not None and "\0" not in value)
    return tuple(found)[:MOST_VALUES]
