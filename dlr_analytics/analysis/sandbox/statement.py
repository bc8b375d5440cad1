"""The gate before ``dlr sql``: one statement, and one that only reads.

It decides by the parse tree (:mod:`dlr_analytics.analysis.sandbox.parse_tree`). Behind it stands a
second wall: the connection's configuration is locked
(:mod:`dlr_analytics.analysis.sandbox.lockdown`).
"""

from __future__ import annotations

import duckdb

from dlr_analytics.analysis.sandbox.parse_tree import allowed_names, check_reads_only, parse
from dlr_analytics.analysis.sandbox.pivot import add_pivot_values
from dlr_analytics.errors import RefusedStatement, UsageError

_ALONE = "give one SELECT, FROM, VALUES, PIVOT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN"


def check_statement(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Let a statement pass that only reads.

    Raises
    ------
    UsageError
        If it cannot be parsed.
    RefusedStatement
        If it does more than read, or is more or less than one statement.

    Examples
    --------
    >>> check_statement(duckdb.connect(), "with t as (copy (select 1) to 'f') select 1")
    Traceback (most recent call last):
    dlr_analytics.errors.RefusedStatement: sql: COPY may do more than read; leave it out
    """
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error as error:
        raise UsageError(f"sql: {first_line(error)}") from None
    if len(statements) != 1:
        raise RefusedStatement(f"sql: {len(statements)} statements", _ALONE)
    kind = statements[0].type
    query = _explained(text)
    if kind == duckdb.StatementType.MULTI:
        query = add_pivot_values(connection, query) or ""
        if not query:
            raise RefusedStatement(
                "sql: this PIVOT cannot be looked through", "name its values: ON column IN (…)"
            )
    elif kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise RefusedStatement(f"sql: {kind.name} does more than read", _ALONE)
    tree = parse(connection, query)
    if tree is None:
        raise RefusedStatement("sql: the statement cannot be looked through", _ALONE)
    check_reads_only("sql", tree, allowed_names(connection, outside=True))


def first_line(error: duckdb.Error) -> str:
    """What DuckDB says, without its drawing."""
    return str(error).partition("\n")[0]


def _explained(text: str) -> str:
    """What EXPLAIN is to explain; the text itself where it is no EXPLAIN.

    ANALYZE and options stay in front, and are no query: EXPLAIN ANALYZE would run what it explains.
    """
    source = text.encode()
    words = [offset for offset, kind in duckdb.tokenize(text) if kind != duckdb.token_type.comment]
    if len(words) > 1 and source[words[0] :].lower().startswith(b"explain"):
        return source[words[1] :].decode()
    return text
