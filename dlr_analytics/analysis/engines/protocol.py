"""The engine protocol: what the pipeline and the cache require of a SQL engine.

The statements of ``sql/`` are written in DuckDB's dialect, within what also runs on Spark through
sqlglot. They name their inputs by fixed names. A **namespace** is where a name is defined: the same
statement runs over all receipts, or over one batch of them, depending on the namespaces in use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from dlr_analytics.store.receipts.files import Files


class EngineError(Exception):
    """A statement failed. ``__cause__`` is the engine's own error."""


class OutOfMemory(EngineError):
    """A statement needs more memory than the engine may use."""


class UnreadableFile(EngineError):
    """A file is missing or damaged, or a value is not of the type that is asked for."""


class BrokenFile(UnreadableFile):
    """A file is missing or damaged; no other statement would help."""


class Listing(Protocol):
    """The files that there are at one moment, by path, with their signatures.

    :class:`dlr_analytics.store.receipts.listing.Listing` lists a data directory.
    """

    @property
    def data(self) -> Path:
        """What paths are relative to."""

    @property
    def sealed(self) -> Mapping[str, tuple[int, int]]:
        """Parquet files of receipts: their size in bytes and time of change (ns)."""

    @property
    def sends(self) -> Mapping[str, tuple[int, int]]:
        """Parquet files of send records, likewise."""

    @property
    def files(self) -> Files:
        """How they are read."""

    def paths(self, names: Iterable[str]) -> list[Path]:
        """The paths of listed files, sorted by name."""


class Sources(Protocol):
    """Files, as table expressions to select from."""

    def receipts(self, files: Iterable[Path]) -> str:
        """Parquet files of receipts, whatever columns they have."""

    def cached(self, files: Iterable[Path]) -> str:
        """Parquet files of the cache, of the same columns, and ``file_row_number``."""

    def csv(self, file: Path, columns: Iterable[str]) -> str:
        """A CSV file with a header; all columns are text."""


class Namespaces(Protocol):
    """Where names are defined and looked up."""

    def use(self, *namespaces: str) -> None:
        """Define new names in the first namespace; look names up in all of them, in order.

        A namespace that does not exist is created.
        """

    def drop_namespace(self, namespace: str) -> None:
        """Drop a namespace, which is not in use, and everything that is defined in it."""


class Relations(Protocol):
    """Named relations: tables of values, views and materialized tables."""

    def create_values(
        self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Create a small table of values; ``columns`` maps names to SQL types."""

    def create_view(self, name: str, statement: str) -> None:
        """Create or replace a view: its statement runs whenever it is read."""

    def create_table(self, name: str, statement: str) -> None:
        """Run a statement once and store its rows."""

    def drop_table(self, name: str) -> None:
        """Drop a table."""


class Rows(Protocol):
    """Results that leave the engine."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement, as Python values."""


class Definitions(Relations, Rows, Protocol):
    """What outcomes need of an engine: Spark's has no more."""

    def use(self, *namespaces: str) -> None:
        """Define new names in the first namespace; look names up in all of them, in order."""


class Engine(Sources, Namespaces, Definitions, Protocol):
    """A SQL engine. Every method raises :class:`EngineError` where a statement fails."""

    def append(self, name: str, statement: str) -> None:
        """Run a statement and append its rows to a table, by the position of the columns."""

    def write_parquet(self, statement: str, file: Path) -> None:
        """Write the rows of a statement to a Parquet file."""
