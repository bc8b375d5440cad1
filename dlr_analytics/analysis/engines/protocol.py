"""What the analysis asks of an engine: a few calls, the same SQL for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol


class Engine(Protocol):
    """Runs the statements of ``sql/`` and keeps what they give under a name.

    Statements are written in DuckDB's dialect, within what also runs on Spark through sqlglot.
    """

    def offer(
        self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Make a relation of values: columns and their SQL types, then the rows."""

    def view(self, name: str, statement: str) -> None:
        """Give a statement a name, in place of another; it runs whenever the name is read."""

    def keep(self, name: str, statement: str) -> None:
        """Run a statement once and keep its rows under a name."""

    def add(self, name: str, statement: str) -> None:
        """Run a statement and add its rows to a kept relation, column by column."""

    def drop(self, name: str) -> None:
        """Forget a relation that :meth:`keep` made."""

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement, as Python values."""
