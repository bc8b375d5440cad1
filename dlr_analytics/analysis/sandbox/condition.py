"""The condition of ``--where``: one boolean expression, and nothing that could do more."""

from __future__ import annotations

import duckdb

from dlr_analytics.analysis.sandbox.parse_tree import allowed_names, check_reads_only, parse
from dlr_analytics.errors import RefusedStatement


def check_condition(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Let an expression pass that can stand in brackets after WHERE.

    It may hold a subquery over the relations of the connection, but no file and no function with
    side effects.

    Raises
    ------
    RefusedStatement
        If it is no expression, more than one, no condition, or does more than read.

    Examples
    --------
    >>> check_condition(duckdb.connect(), "1=1; drop table messages")
    Traceback (most recent call last):
    dlr_analytics.errors.RefusedStatement: where: '1=1; drop table messages' is not one expression;
        give one condition, like country = 'GB'
    """
    # As written first, so that its brackets close each other; then in brackets, so that a comment
    # in it swallows the closing one.
    tree = parse(connection, f"from messages where ({text})")
    if tree is None or not _is_expression(text):
        raise RefusedStatement(
            f"where: {_shown(text)} is not one expression",
            "give one condition, like country = 'GB'",
        )
    check_reads_only("where", tree, allowed_names(connection, outside=False))
    kind = _kind(connection, text)
    if kind not in ("BOOLEAN", None):
        raise RefusedStatement(
            f"where: {_shown(text)} is {kind}, no condition", "give one, like country = 'GB'"
        )


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


def _kind(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    """The SQL type of an expression over the columns of messages; None where it has none."""
    try:
        return str(connection.sql(f"select ({text}) from messages").types[0])
    except duckdb.Error:
        return None  # what is wrong with it is told where it is carried out


def _is_expression(text: str) -> bool:
    try:
        duckdb.SQLExpression(text)
    except duckdb.Error:
        return False
    return True
