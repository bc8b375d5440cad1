"""The check of ``dlr sql``: one statement that only reads.

It inspects the parse tree (:mod:`dlr_analytics.analysis.sandbox.parse_tree`). As a second barrier
the connection's configuration is locked (:mod:`dlr_analytics.analysis.sandbox.lockdown`).
"""

from __future__ import annotations

import duckdb

from dlr_analytics.analysis.sandbox.files import check_files
from dlr_analytics.analysis.sandbox.parse_tree import (
    allowed_names,
    check_reads_only,
    parse,
    statement_type,
)
from dlr_analytics.analysis.sandbox.pivot import add_pivot_values
from dlr_analytics.errors import RefusedStatement, UsageError

_ONE_QUERY = "give one SELECT, FROM, VALUES, PIVOT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN"


def check_statement(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Check that a text is one statement that only reads.

    Raises
    ------
    UsageError
        If it cannot be parsed.
    RefusedStatement
        If it may do more than read, or is not exactly one statement.

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
        raise RefusedStatement(f"sql: {len(statements)} statements", _ONE_QUERY)
    kind = statement_type(statements[0])
    query = _without_explain(text)
    if kind == duckdb.StatementType.MULTI:
        query = add_pivot_values(connection, query) or ""
        if not query:
            raise RefusedStatement(
                "sql: this PIVOT cannot be checked", "name its values: ON column IN (…)"
            )
    elif kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        name = kind.name if kind else text.split(maxsplit=1)[0].upper()
        raise RefusedStatement(f"sql: {name} does more than read", _ONE_QUERY)
    tree = parse(connection, query)
    if tree is None:
        raise RefusedStatement("sql: the statement cannot be checked", _ONE_QUERY)
    check_reads_only("sql", tree, allowed_names(connection, outside=True))
    check_files(connection, tree)


def first_line(error: duckdb.Error) -> str:
    """The first line of DuckDB's message, without its drawing."""
    return str(error).partition("\n")[0]


def _without_explain(text: str) -> str:
    """The statement after EXPLAIN; the text itself if it is not an EXPLAIN.

    ANALYZE and options are not removed, and are no query: EXPLAIN ANALYZE would run the statement.
    """
    source = text.encode()
    words = [offset for offset, kind in duckdb.tokenize(text) if kind != duckdb.token_type.comment]
    if len(words) > 1 and source[words[0] :].lower().startswith(b"explain"):
        return source[words[1] :].decode()
    return text
