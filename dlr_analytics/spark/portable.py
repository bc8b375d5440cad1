"""The check of users' expressions: what has the same answer on both engines.

Of what DuckDB reads, sqlglot translates much that Spark then answers otherwise, in silence: a
decimal cast to an integer is rounded there and cut here. So only kinds of expressions that both
engines define alike are let through. The tests compare those of their own questions, not each kind.
"""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import exp

from dlr_analytics.analysis.filters import Filters
from dlr_analytics.errors import UsageError

ALIKE: Final = (
    *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple),
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between),
    *(exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In, exp.Case, exp.If, exp.Coalesce, exp.Nullif),
    *(exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs, exp.Greatest, exp.Least, exp.Interval, exp.Var),
    *(exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Left, exp.Substring, exp.SplitPart),
    *(exp.StartsWith, exp.EndsWith, exp.Concat, exp.DPipe, exp.Like, exp.ILike, exp.RegexpLike),
    *(exp.TimestampTrunc, exp.DateTrunc, exp.Hour, exp.ArrayContains, exp.Cast, exp.DataType),
)
"""Kinds of expressions with the same answer."""

TYPES: Final = (
    exp.DataType.Type.DATE,
    exp.DataType.Type.TIMESTAMP,
    exp.DataType.Type.TIMESTAMPNTZ,
    exp.DataType.Type.DOUBLE,
)
"""Types that a cast gives the same value of."""


def must_be_alike(filters: Filters) -> None:
    """Check that what the user wrote in SQL has the same answer on Spark.

    Raises
    ------
    UsageError
        If it may have another.

    Examples
    --------
    >>> must_be_alike(Filters(where="price > 0.05 and split_part(client_ref, '-', 1) = 'news'"))
    >>> must_be_alike(Filters(where="cast(price * 100 as integer) = 3"))
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: where: CAST(price * 100 AS INT) may have another value on
        Spark; use comparisons, CASE and functions of text, or db.messages in Spark's own terms
    """
    for place, text in filters.users_sql:
        for node in sqlglot.parse_one(text, read="duckdb").walk():
            if not _is_alike(node):
                raise UsageError(
                    f"{place}: {_short(node.sql('duckdb'))} may have another value on Spark",
                    "use comparisons, CASE and functions of text, or db.messages in Spark's own"
                    " terms",
                )


def _is_alike(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return node.to.this in TYPES
    if isinstance(node, exp.Like | exp.ILike):
        return "\\" not in node.expression.name  # it escapes there, and is a character here
    return isinstance(node, ALIKE) and type(node) in ALIKE


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
