"""The columns that an exploration selects by: folded dimensions, and others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dlr_analytics.analysis.dimensions import By, parse_by
from dlr_analytics.analysis.engines.copy_relation import quoted
from dlr_analytics.analysis.explore.conditions import Value, must_be_one_value, value_of
from dlr_analytics.analysis.explore.fold import Fold
from dlr_analytics.analysis.query import CYCLES, TIME_BUCKETS, local_time
from dlr_analytics.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from dlr_analytics.analysis.database import Database

DIMENSIONS: Final = ("network_code", "country", "sender", "err_code")
"""What every exploration can be filtered by."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of messages, of registered tables, and the user's expressions.

    Attributes
    ----------
    database : Database
        What is read.
    dimensions : tuple of str
        The names that are folded.
    expressions : mapping of str to str
        The SQL of those that are expressions.
    tz : str
        The time zone of ``hour_of_day`` and ``weekday``.
    """

    database: Database
    dimensions: tuple[str, ...]
    expressions: Mapping[str, str]
    tz: str

    @classmethod
    def of(cls, database: Database, by: By | None, tz: str) -> Columns:
        """Add the names and expressions in ``by`` to the dimensions.

        Raises
        ------
        UsageError
            If one is a bucket of the time axis.
        """
        names, expressions = parse_by(by)
        for name in names:
            if name in TIME_BUCKETS:
                raise UsageError(f"by: {name} is the time axis of the explorer", "leave it out")
        dimensions = tuple(dict.fromkeys([*DIMENSIONS, *names]))
        return cls(database, dimensions, dict(expressions), tz)

    @property
    def by(self) -> list[str | Mapping[str, str]]:
        """The parameter ``by`` of the fold."""
        texts = self.expressions
        return ["hour", *({n: texts[n]} if n in texts else n for n in self.dimensions)]

    def sql(self, name: str) -> str:
        """The SQL over messages of a column, an expression or a bucket."""
        if name in self.expressions:
            return f"({self.expressions[name]})"
        if name in CYCLES:
            return CYCLES[name].format(local=local_time(self.tz))
        return quoted(name) if name in self.database.registered_columns else name

    def values(self, name: str, given: object, folded: Fold) -> tuple[Value, ...]:
        """One value or several of a column, each once.

        Raises
        ------
        UnknownName
            If there is no such column.
        UsageError
            If its values have parts.
        UnreadableValue
            If a value is none of the column.
        """
        kind = self._kind(name, folded)
        one_value = isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable)
        several: Iterable[object] = [given] if one_value else given  # type: ignore[assignment]
        values = [value_of(folded.connection, name, one, kind) for one in several]
        return tuple({one.sql: one for one in values}.values())

    def _kind(self, name: str, folded: Fold) -> str | None:
        """The SQL type of a column; None for one of a registered table."""
        if name in folded.types:
            return folded.types[name]
        own = self.database.registered_columns
        if name in own:
            return None
        messages = self.database.messages
        kinds = dict(zip(messages.columns, map(str, messages.types), strict=True))
        if name not in kinds:
            known = dict.fromkeys([*self.dimensions, *kinds, *own])
            raise UnknownName("column", name, known)
        must_be_one_value(name, kinds[name])
        return kinds[name]
