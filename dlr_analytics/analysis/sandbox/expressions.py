"""Checks of the SQL in filters, and which of it fails when it runs."""

from __future__ import annotations

from collections.abc import Sequence

from dlr_analytics.analysis.engines.duckdb import Connection, engine_errors
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.filters import Filters
from dlr_analytics.analysis.sandbox.condition import check_condition, check_expression
from dlr_analytics.analysis.selection import count_statement, value_statement
from dlr_analytics.analysis.tables.table import Table, joined
from dlr_analytics.errors import UsageError


def check_filters(connection: Connection, filters: Filters, tables: Sequence[Table]) -> None:
    """Check ``where`` and the expressions in ``by``.

    Raises
    ------
    RefusedStatement
        If one is refused.
    """
    source = joined("messages", tables)
    if filters.where is not None:
        check_condition(connection, filters.where, source)
    for name, text in filters.expressions:
        check_expression(connection, f"by: {name}", text, source)


def find_failing(connection: Connection, filters: Filters, tables: Sequence[Table]) -> None:
    """Find out what of the user's SQL makes a statement fail.

    Raises
    ------
    UsageError
        If any does; it names which.
    """
    if filters.where is not None:
        _try(
            "where",
            "fix the condition; text is in single quotes, as in country = 'GB'",
            connection,
            count_statement(filters, tables),
        )
    for name, _ in filters.expressions:
        _try(
            f"by: {name}", "fix the expression", connection, value_statement(filters, name, tables)
        )


def _try(subject: str, remedy: str, connection: Connection, text: str) -> None:
    try:
        with engine_errors():
            connection.sql(text).fetchall()
    except EngineError as error:
        raise UsageError(f"{subject}: {error}", remedy) from None
