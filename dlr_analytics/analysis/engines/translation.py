"""Statements of DuckDB's dialect as statements of Spark, by sqlglot.

The statements of ``sql/`` are written so that both engines give the same answer. Four things are
left to do here, in the tree of the statement: relations get the names of temporary views; times
that Spark returns with a time zone get none; conversions between time zones, which the package
writes in one form only, become Spark's function for it; and functions that have other values there
get DuckDB's (:mod:`dlr_analytics.analysis.engines.spark_functions`).
"""

from __future__ import annotations

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from dlr_analytics.analysis.engines import spark_functions
from dlr_analytics.analysis.engines.protocol import EngineError

Names = Callable[[str, str], str]
"""The view for the namespace (empty if none is written) and the name of a relation."""


def translate(statement: str, names: Names) -> str:
    """Translate a statement, whose relations have these views on Spark.

    Raises
    ------
    EngineError
        If it has no equivalent.

    Examples
    --------
    >>> translate(
    ...     "select date_trunc('day', sent_at) as d from main.sends as s",
    ...     lambda namespace, name: f"{namespace}_{name}",
    ... )
    "SELECT CAST(DATE_TRUNC('DAY', sent_at) AS TIMESTAMP_NTZ) AS d FROM main_sends AS s"
    """
    try:
        tree = sqlglot.parse_one(statement, read="duckdb")
        _rename(tree, names)
        _convert(tree)
        return tree.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False)
    except sqlglot.errors.SqlglotError as error:
        problem = str(error).partition("\n")[0]
        raise EngineError(f"it has no equivalent on Spark: {problem}") from error


def _rename(tree: exp.Expr, names: Names) -> None:
    """Rename the tables that are no named queries; they keep their aliases."""
    tables = {
        id(source): source
        for scope in traverse_scope(tree)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    }
    for table in tables.values():
        renamed = exp.to_table(names(table.db, table.name))
        table.replace(exp.alias_(renamed, table.alias or table.name, table=True))


def _convert(tree: exp.Expr) -> None:
    for query in tree.find_all(exp.CTE):
        query.set("materialized", None)  # a hint of DuckDB's
    for zoned in list(tree.find_all(exp.AtTimeZone)):
        if not isinstance(zoned.parent, exp.AtTimeZone):
            zoned.replace(_in_zone(zoned))
    for cut in reversed(list(tree.find_all(exp.TimestampTrunc, exp.DateTrunc))):  # inner first
        cut.replace(exp.cast(cut.copy(), exp.DataType.Type.TIMESTAMPNTZ))
    for kind, function in spark_functions.FUNCTIONS.items():
        for node in reversed(list(tree.find_all(kind))):
            node.replace(function(node))


def _in_zone(node: exp.AtTimeZone) -> exp.Expr:
    """Convert a UTC time to a local one, in the form of :func:`local_time`."""
    inner = node.this
    if not (isinstance(inner, exp.AtTimeZone) and inner.args["zone"].name == "UTC"):
        raise EngineError(f"it has no equivalent on Spark: {node.sql('duckdb')}")
    local = exp.func("from_utc_timestamp", inner.this, node.args["zone"])
    return exp.cast(local, exp.DataType.Type.TIMESTAMPNTZ)
