"""The check of users' expressions: what has the same answer on both engines.

Of what DuckDB reads, sqlglot translates much that Spark then answers otherwise, in silence: a
decimal cast to an integer is rounded by DuckDB and cut by Spark. So an expression is let through
only if each node of its tree is of a kind that has a rule, and keeps it.
``tests/spark/test_alike.py`` evaluates each kind on both engines, on the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot.errors import SqlglotError

from dlr_analytics.analysis.filters import Filters
from dlr_analytics.errors import UsageError
from dlr_analytics.spark.rules import RULES, Types

if TYPE_CHECKING:
    from sqlglot import exp

    from dlr_analytics.analysis.engines.duckdb import Connection


def must_be_alike(filters: Filters, connection: Connection) -> None:
    """Check that what the user wrote in SQL has the same answer on Spark.

    ``connection`` has the relation ``messages``, with or without rows.

    Raises
    ------
    UsageError
        If it may have another, or if sqlglot cannot read it.
    duckdb.Error
        If it is not valid.

    Examples
    --------
    >>> import duckdb
    >>> connection = duckdb.connect()
    >>> _ = connection.execute("create table messages (price decimal(18, 8), client_ref varchar)")
    >>> where = "price > 0.05 and split_part(client_ref, '-', 1) = 'news'"
    >>> must_be_alike(Filters(where=where), connection)
    >>> must_be_alike(Filters(where="cast(price * 100 as integer) = 3"), connection)
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: where: CAST(price * 100 AS INT) may have another value on
        Spark; use comparisons, CASE and functions of text, or db.messages in Spark's own terms
    """
    for place, text in filters.users_sql:
        refused = _first_refused(text, connection)
        if refused is not None:
            raise UsageError(
                f"{place}: {_short(refused)} may have another value on Spark",
                "use comparisons, CASE and functions of text, or db.messages in Spark's own terms",
            )


def _first_refused(text: str, connection: Connection) -> str | None:
    """The first part that may have another value; None if all have the same.

    Of what DuckDB reads, sqlglot does not read everything: of such a text, this is all of it.
    """
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except SqlglotError:
        return text
    node = _first_without_rule(tree)
    if node is None:
        types = Types(tree, connection)
        node = next((each for each in tree.walk() if not RULES[type(each)](each, types)), None)
    return None if node is None else node.sql("duckdb")


def _first_without_rule(tree: exp.Expr) -> exp.Expr | None:
    return next((node for node in tree.walk() if type(node) not in RULES), None)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
