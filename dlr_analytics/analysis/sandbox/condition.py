"""The check of users' expressions, in ``where`` and ``by``: one, which only reads."""

from __future__ import annotations

import re
from typing import Final

import duckdb

from dlr_analytics.analysis.sandbox.parse_tree import allowed_names, check_reads_only, parse
from dlr_analytics.errors import RefusedStatement

_VALUES: Final = re.compile(
    r'("NULL"|BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|HUGEINT|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR'
    r"|BLOB|BIT|UUID|JSON|ENUM\(.*\)|DATE|TIME|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?|INTERVAL)"
    r"(\[\d*\])*",
    re.DOTALL,
)
"""Types of one value, or of a list of such, that a result can hold."""


def check_condition(
    connection: duckdb.DuckDBPyConnection, text: str, source: str = "messages"
) -> None:
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
    _check_one("where", connection, text, source, "give one condition, like country = 'GB'")
    try:
        kind = _type(connection, text, source)
    except duckdb.Error:
        return  # the error is reported when it is run
    if kind != "BOOLEAN":
        raise RefusedStatement(
            f"where: {_quoted(text)} is {kind}, not a condition", "give one, like country = 'GB'"
        )


def check_expression(
    connection: duckdb.DuckDBPyConnection, subject: str, text: str, source: str = "messages"
) -> None:
    """Check that a text is an expression with one value for each message.

    As a condition it may contain subqueries. Aggregates, windows and ``unnest`` have no value for
    a single message.

    Raises
    ------
    RefusedStatement
        If it is not one expression, has no value or several for a message, or may do more than
        read.

    Examples
    --------
    >>> messages = duckdb.connect()
    >>> _ = messages.execute("create table messages (country varchar)")
    >>> check_expression(messages, "by: most", "max(country)")
    Traceback (most recent call last):
    dlr_analytics.errors.RefusedStatement: by: most: Binder Error: WHERE clause cannot contain
        aggregates!; give an expression with one value for each message
    """
    remedy = "give an expression with one value for each message"
    _check_one(subject, connection, text, source, remedy)
    try:
        # In WHERE, DuckDB refuses what is not computed row by row.
        connection.sql(f"select 1 from {source} where (({text})) is null")
        kind = _type(connection, text, source)
    except duckdb.Error as error:
        problem = str(error).partition("\n")[0]
        raise RefusedStatement(f"{subject}: {problem}", remedy) from None
    if not _VALUES.fullmatch(kind):
        raise RefusedStatement(f"{subject}: {_quoted(text)} is {_short(kind)}", remedy)


def _check_one(
    subject: str, connection: duckdb.DuckDBPyConnection, text: str, source: str, remedy: str
) -> None:
    """Check that a text is one expression, which only reads."""
    # Both as an expression by itself, so that its brackets must match, and in brackets, so that a
    # comment at its end would remove the closing one.
    tree = parse(connection, f"from {source} where ({text})")
    if tree is None or not _is_expression(text):
        raise RefusedStatement(f"{subject}: {_quoted(text)} is not one expression", remedy)
    check_reads_only(subject, tree, allowed_names(connection, outside=False))


def _quoted(text: str) -> str:
    return repr(_short(text))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _type(connection: duckdb.DuckDBPyConnection, text: str, source: str) -> str:
    """The SQL type of an expression over columns of messages."""
    kinds = connection.sql(f"select ({text}) from {source}").types
    return str(kinds[0]) if len(kinds) == 1 else f"{len(kinds)} columns"


def _is_expression(text: str) -> bool:
    try:
        duckdb.SQLExpression(text)
    except duckdb.Error:
        return False
    return True
