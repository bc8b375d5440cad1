"""Spark as the engine: what outcomes and questions need, on a session of our own.

A relation is a temporary view of the session, named after its namespace. What is materialized is a
local checkpoint: it lies on the executors' own disks, which Spark empties when the application
ends, and no folder has to be readable for driver and executors alike.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.engines.translation import translate

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TYPES: Final = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "HUGEINT": "bigint",  # sums of counts, which are BIGINT on Spark
    "DOUBLE": "double",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
    "INTERVAL": "interval day to second",
    "VARCHAR[]": "array<string>",
}
"""Spark's names of DuckDB's types; decimals have the same."""

_CALL: Final = re.compile(r"An error occurred while calling .*\n: ([\w.$]+: )?")
_CONDITION: Final = re.compile(r"^\[[\w.]+\]\s*")


@contextmanager
def spark_errors() -> Iterator[None]:
    """Raise Spark's errors as errors of the engine protocol."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise EngineError(_one_line(str(error))) from error


def _one_line(message: str) -> str:
    """The first line of Spark's message, without its class of error.

    Examples
    --------
    >>> _one_line('An error occurred while calling o1.open.\\n: java.io.IOException: No file\\n')
    'No file'
    >>> _one_line("[DIVIDE_BY_ZERO] Division by zero. Use `try_divide`. SQLSTATE: 22012\\n== SQL")
    'Division by zero. Use `try_divide`.'
    """
    text = _CALL.sub("", message.strip())
    first = text.partition("\n")[0].partition(" SQLSTATE:")[0]
    return _CONDITION.sub("", first)


class SparkEngine:
    """Relations on a session of Spark, in the terms of the engine protocol.

    Parameters
    ----------
    session : SparkSession
        Nobody else's: its views and its settings are this engine's.
    """

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self._views: set[tuple[str, str]] = set()
        self._path: tuple[str, ...] = ()

    def use(self, *namespaces: str) -> None:
        """Define new names in the first namespace; look names up in all of them, in order."""
        self._path = namespaces

    def create_values(
        self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Create a small table of values; ``columns`` maps names to DuckDB's types."""
        types = [spark_type(kind) for kind in columns.values()]
        names = ", ".join(
            f"cast(c{place} as {kind}) as `{column}`"
            for place, (column, kind) in enumerate(zip(columns, types, strict=True))
        )
        listed = [f"({', '.join(map(literal, row))})" for row in rows]
        values = ", ".join(listed or [f"({', '.join(['null'] * len(types))})"])
        aliases = ", ".join(f"c{place}" for place in range(len(types)))
        none = "" if listed else " where false"
        text = f"select {names} from values {values} as listed ({aliases}){none}"
        self.define(name, self._run(text))

    def create_view(self, name: str, statement: str) -> None:
        """Create or replace a view: its statement runs whenever it is read."""
        self.define(name, self.frame(statement))

    def create_table(self, name: str, statement: str) -> None:
        """Run a statement once and store its rows."""
        with spark_errors():
            self.define(name, self.frame(statement).localCheckpoint())

    def define(self, name: str, frame: DataFrame) -> None:
        """Create or replace a view of a data frame."""
        namespace = self._path[0]
        with spark_errors():
            frame.createOrReplaceTempView(_view(namespace, name))
        self._views.add((namespace, name))

    def drop_table(self, name: str) -> None:
        """Drop a table."""
        self.session.catalog.dropTempView(_view(self._path[0], name))
        self._views.discard((self._path[0], name))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement, as Python values."""
        with spark_errors():
            return [tuple(row) for row in self.frame(statement).collect()]

    def frame(self, statement: str) -> DataFrame:
        """A statement as a data frame, which runs whenever it is read."""
        return self._run(translate(statement, self._name))

    def _run(self, text: str) -> DataFrame:
        with spark_errors():
            return self.session.sql(text)

    def _name(self, namespace: str, name: str) -> str:
        for each in (namespace,) if namespace else self._path:
            if (each, name) in self._views:
                return _view(each, name)
        raise EngineError(f"there is no relation {name} on Spark")


def _view(namespace: str, name: str) -> str:
    return f"dlr_{namespace}_{name}"


def spark_type(kind: str) -> str:
    """The name on Spark of one of DuckDB's types.

    Examples
    --------
    >>> spark_type("TIMESTAMP"), spark_type("DECIMAL(18,8)")
    ('timestamp_ntz', 'decimal(18,8)')
    """
    return TYPES.get(kind) or kind.lower()


def literal(value: object) -> str:
    """A value as a literal of Spark.

    Examples
    --------
    >>> literal("it's \\\\ so"), literal(None), literal(dt.timedelta(hours=72))
    ("'it\\\\'s \\\\\\\\ so'", 'null', "interval '259200.000000' second")
    """
    if value is None:
        return "null"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if isinstance(value, dt.timedelta):
        return f"interval '{value.total_seconds():.6f}' second"
    if isinstance(value, dt.datetime):
        return f"timestamp_ntz '{value.isoformat(sep=' ')}'"
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    assert isinstance(value, bool | int | Decimal), value
    return str(value).lower()
