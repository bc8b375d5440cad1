"""DuckDB as the engine: in memory, in UTC, without access to the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from dlr_analytics.analysis.engines.protocol import (
    BrokenFile,
    EngineError,
    OutOfMemory,
    UnreadableFile,
)
from dlr_analytics.store.connection import connect as connect_store
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.sql import from_files, from_parquet, literal

Connection = duckdb.DuckDBPyConnection
"""A connection, for modules that need no more of DuckDB than its type."""

_PROPOSED: Final = re.compile(r"Candidate bindings: .+|Did you mean .+", re.IGNORECASE)

_RAISED: Final = re.compile(r"Traceback \(most recent call last\):\n(?: .*\n)*[\w.]+: (.+)")

_UNREADABLE: Final = (duckdb.InvalidInputException, duckdb.ConversionException)
"""What reading a file raises that is truncated or has values of another type; a cast, too."""


def connect(memory: int | None = None, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open a connection in memory.

    Parameters
    ----------
    memory : int, optional
        Memory limit in bytes; by default four fifths of the machine's.
    spill : path, optional
        Folder for data beyond the limit (:mod:`dlr_analytics.store.spill`); without one a
        statement that needs more fails.

    Examples
    --------
    >>> connect().sql("select current_setting('TimeZone')").fetchall()
    [('UTC',)]
    """
    # An eighth is left for Python, and for memory that DuckDB does not count.
    limit = {} if memory is None else {"memory_limit": f"{memory - memory // 8}B"}
    connection = connect_store(spill, **limit)
    connection.execute("set TimeZone = 'UTC'")
    # Preserving the order of files takes twice the time and memory; no statement relies on it.
    connection.execute("set preserve_insertion_order = false")
    # For files with a given schema DuckDB estimates one row, and would hash all receipts to join
    # them with seven statuses; in our joins the smaller side is on the right.
    connection.execute("set disabled_optimizers = 'build_side_probe_side'")
    # A database in memory has nothing to gain from checkpoints, which take a tenth of the time.
    connection.execute("set checkpoint_threshold = '1TB'")
    # Receipts are read more than once, and ten thousand footers take a second.
    connection.execute("set parquet_metadata_cache = true")
    return connection


def is_relation(value: object) -> bool:
    """Return whether a value is a relation of DuckDB, on any connection."""
    return isinstance(value, duckdb.DuckDBPyRelation)


def engine_error(error: duckdb.Error) -> EngineError:
    """The error of the engine protocol for one of DuckDB's, with it as the cause.

    Examples
    --------
    >>> engine_error(duckdb.IOException("No files found"))
    BrokenFile('No files found')
    """
    kind = EngineError
    if isinstance(error, duckdb.OutOfMemoryException):
        kind = OutOfMemory
    # A damaged page raises what the Parquet reader does: an error of no particular kind.
    elif type(error) is duckdb.Error or isinstance(error, duckdb.IOException):
        kind = BrokenFile
    elif isinstance(error, _UNREADABLE):
        kind = UnreadableFile
    wrapped = kind(_one_line(str(error)))
    wrapped.__cause__ = error
    return wrapped


def _one_line(message: str) -> str:
    """The first line of DuckDB's message, and the names that it proposes.

    An error of Python, which a bucket's file system raises, is a whole traceback there.

    Examples
    --------
    >>> _one_line('Binder Error: no "netwrk"!\\nCandidate bindings: "network"\\n\\nLINE 1: …')
    'Binder Error: no "netwrk"! Candidate bindings: "network"'
    >>> _one_line('Traceback (most recent call last):\\n  File "x"\\nOSError: no route\\n\\nLINE 1')
    'no route'
    """
    raised = _RAISED.match(message)
    message = raised[1] if raised else message
    first, _, rest = message.partition("\n")
    proposed = _PROPOSED.search(rest)
    return f"{first} {proposed[0]}" if proposed else first


@contextmanager
def engine_errors() -> Iterator[None]:
    """Raise DuckDB's errors as errors of the engine protocol."""
    try:
        yield
    except duckdb.Error as error:
        raise engine_error(error) from error


@dataclass(frozen=True, slots=True)
class DuckDBEngine:
    """The engine protocol on a connection of DuckDB.

    A namespace is a schema, and the namespaces in use are the search path.

    Examples
    --------
    >>> engine = DuckDBEngine(connect())
    >>> engine.create_values("prices", {"price": "DECIMAL(18,8)"}, [["0.0333"], ["0.0512"]])
    >>> engine.create_table("total", "select sum(price) as price from prices")
    >>> engine.rows("from total")
    [(Decimal('0.08450000'),)]
    """

    connection: duckdb.DuckDBPyConnection

    def receipts(self, files: Iterable[Path]) -> str:
        """Parquet files of receipts, whatever columns they have."""
        return from_parquet(files)

    def cached(self, files: Iterable[Path]) -> str:
        """Parquet files of the cache, of the same columns, and ``file_row_number``."""
        return from_files(files)

    def csv(self, file: Path, columns: Iterable[str]) -> str:
        """A CSV file with a header; all columns are text."""
        types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
        options = f"header = true, auto_detect = false, quote = '\"', columns = {{{types}}}"
        return f"read_csv({literal(str(file))}, {options})"

    def use(self, *namespaces: str) -> None:
        """Define new names in the first namespace; look names up in all of them, in order."""
        for namespace in namespaces:
            self._run(f'create schema if not exists "{namespace}"')
        self._run(f"set search_path = {literal(','.join(dict.fromkeys(namespaces)))}")

    def drop_namespace(self, namespace: str) -> None:
        """Drop a namespace, which is not in use, and everything that is defined in it."""
        self._run(f'drop schema "{namespace}" cascade')

    def create_values(
        self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Create a small table of values; ``columns`` maps names to SQL types."""
        values = list(zip(*rows, strict=True)) or [()] * len(columns)
        lists = {f"c{i}": list(column) for i, column in enumerate(values)}
        selected = ", ".join(
            f'unnest($c{i}::{type_}[]) as "{column}"'
            for i, (column, type_) in enumerate(columns.items())
        )
        self._run(f'create table "{name}" as select {selected}', lists)

    def create_view(self, name: str, statement: str) -> None:
        """Create or replace a view: its statement runs whenever it is read."""
        self._run(f'create or replace view "{name}" as {statement}')

    def create_table(self, name: str, statement: str) -> None:
        """Run a statement once and store its rows."""
        self._run(f'create table "{name}" as {statement}')

    def append(self, name: str, statement: str) -> None:
        """Run a statement and append its rows to a table, by the position of the columns."""
        self._run(f'insert into "{name}" {statement}')

    def drop_table(self, name: str) -> None:
        """Drop a table."""
        self._run(f'drop table "{name}"')

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement, as Python values."""
        with engine_errors():
            return self.connection.execute(statement).fetchall()

    def write_parquet(self, statement: str, file: Path) -> None:
        """Write the rows of a statement to a Parquet file."""
        options = "compression zstd", "compression_level 1", "parquet_version v2"
        with engine_errors():
            write_parquet(self.connection, statement, file, options)

    def _run(self, statement: str, values: object = None) -> None:
        with engine_errors():
            self.connection.execute(statement, values)
