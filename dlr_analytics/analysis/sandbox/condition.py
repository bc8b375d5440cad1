"""The check of ``--where``: one boolean expression that only reads."""

from __future__ import annotations

import duckdb

from dlr_analytics.analysis.sandbox.parse_tree import allowed_names, check_reads_only, parse
from dlr_analytics.errors import RefusedStatement


def check_condition(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Check that a text is an expression that is valid in brackets after WHERE.

    It may contain subqueries over the relations of the connection, but no file and no function with
    side effects.

    Raises
    ------
    RefusedStatement
        If it is not one expression, not boolean, or may do more than read.

    Examples
    --------
    >>> check_condition(duckdb.connect(), "1=1; drop table messages")
    Traceback (most recent call last):
    dlr_analytics.errors.RefusedStatement: where: '1=1; drop table messages' is not one expression;
        give one condition, like country = 'GB'
    """
    # Both as an expression by itself, so that its brackets must match, and in brackets, so that a
    # comment at its end would remove the closing one.
    tree = parse(connection, f"from messages where ({text})")
    if tree is None or not _is_expression(text):
        raise RefusedStatement(
            f"where: {_quoted(text)} is not one expression",
            "give one condition, like country = 'GB'",
        )
    check_reads_only("where", tree, allowed_names(connection, outside=False))
    kind = _kind(connection, text)
    if kind not in ("BOOLEAN", None):
        raise RefusedStatement(
            f"where: {_quoted(text)} is {kind}, not a condition", "give one, like country = 'GB'"
        )


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


def _kind(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    """The SQL type of an expression over columns of messages; None if invalid."""
    try:
        return str(connection.sql(f"select ({text}) from messages").types[0])
    except duckdb.Error:
        return None  # the error is reported when it is run


def _is_expression(text: str) -> bool:
    try:
        duckdb.SQLExpression(text)
    except duckdb.Error:
        return False
    return True
