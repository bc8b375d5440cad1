"""Methods of ``Database`` that Spark does not have: the reason, and another way."""

from __future__ import annotations

from typing import Any, NoReturn

from dlr_analytics.errors import UsageError

_HERE = "open the data directory with dlr_analytics.open() on the machine that has it"


def _unsupported(name: str, reason: str, remedy: str = _HERE) -> Any:
    def method(*_arguments: object, **_parameters: object) -> NoReturn:
        raise UsageError(f"db.{name}() is not offered on Spark: {reason}", remedy)

    method.__name__ = name
    method.__doc__ = f"Raise UsageError: {reason}."
    return method


class Unsupported:
    """Methods that raise :class:`~dlr_analytics.errors.UsageError`."""

    message = _unsupported("message", "it reads unsealed receipts")
    number = _unsupported("number", "it reads unsealed receipts")
    record_sends = _unsupported("record_sends", "it writes, and Spark only reads")
    reconcile = _unsupported("reconcile", "it reads unsealed receipts")
    report = _unsupported("report", "it asks dozens of questions")
    explore = _unsupported("explore", "it holds messages in memory")
    sql = _unsupported(
        "sql", "statements are in DuckDB's dialect", 'call db.register("dlr_"), then spark.sql()'
    )
    watch = _unsupported("watch", "it reads the receipts of the last minutes, which are not cached")
