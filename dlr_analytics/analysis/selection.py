"""The rows that a metric reads, with the values of the user's SQL.

The user's SQL stands in one place: a named query in front of the metric's own, with a row per
message. There it sees what it was checked against, the columns of ``messages``, and no name of the
metric's queries. These see its values in columns whose names they do not use. Only the last select
gives them the names that the user chose.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dlr_analytics.analysis.dimensions import unused
from dlr_analytics.analysis.engines.copy_relation import quoted
from dlr_analytics.analysis.filters import ALL_CHANNELS, UNITS, UNITS_WITH_FLAWS, Filters
from dlr_analytics.analysis.tables.table import Table, joined
from dlr_analytics.store.sql import literal

_MESSAGES: Final = re.compile(r"\bfrom messages\b")
_OUTCOMES: Final = re.compile(r"\bfrom pipeline\.message_outcomes\b")
_FIRST_QUERY: Final = re.compile(r"^(with\s+|(?=select\b))", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Selection:
    """The relations that a statement reads for these filters, and the user's values.

    Attributes
    ----------
    filters : Filters
        Their SQL has passed :mod:`dlr_analytics.analysis.sandbox.condition`.
    by : mapping of str to str
        The columns for the expressions in ``by``, and for columns of the user's tables, by name.
    values : mapping of str to str
        The SQL of these columns.
    where : str
        The column for ``where``.
    tables : tuple of Table
        The user's tables that the SQL uses.

    Examples
    --------
    >>> from dlr_analytics.analysis.filters import parse
    >>> selection = Selection.of(parse({"by": {"dear": "price > 0.05"}}))
    >>> print(selection.placed_in("select by_0 from messages"))
    with messages as not materialized (
        select
            messages.*,
            (price > 0.05) as by_0
        from messages as messages
    )
    select by_0 from messages
    """

    filters: Filters
    by: Mapping[str, str]
    values: Mapping[str, str]
    where: str
    tables: tuple[Table, ...] = ()

    @classmethod
    def of(cls, filters: Filters, tables: Sequence[Table] = ()) -> Selection:
        """Name the columns, unlike any name in ``by``."""
        own = {name: quoted(name) for table in tables for name in table.columns}
        texts = {name: own[name] for name in filters.by if name in own} | dict(filters.expressions)
        prefix = unused("by_", filters.by)
        by = {name: f"{prefix}{place}" for place, name in enumerate(texts)}
        values = {by[name]: text for name, text in texts.items()}
        if filters.where is not None:
            values[f"{prefix}where"] = filters.where
        text = " ".join(values.values())
        used = tuple(table for table in tables if table.is_used(text))
        return cls(filters, by, values, f"{prefix}where", used)

    def conditions(self, *, elsewhere: bool = False) -> list[str]:
        """The conditions on the messages, on those of all other channels if ``elsewhere``."""
        filters = self.filters
        if filters.channel == ALL_CHANNELS:
            conditions = ["false"] if elsewhere else []
        else:
            conditions = [f"channel {'<>' if elsewhere else '='} {literal(filters.channel)}"]
        if filters.since is not None:
            conditions.append(f"message_time >= {moment_literal(filters.since)}")
        if filters.until is not None:
            conditions.append(f"message_time < {moment_literal(filters.until)}")
        if filters.where is not None:
            conditions.append(self.where)
        return conditions

    def placed_in(self, text: str) -> str:
        """Put the relations into a statement that reads messages."""
        messages, outcomes = UNITS[self.filters.unit], UNITS_WITH_FLAWS[self.filters.unit]
        if not self.values:
            text = _MESSAGES.sub(f"from {messages}", text)
            return _OUTCOMES.sub(f"from {outcomes}", text)
        read = {}
        if _MESSAGES.search(text):
            read["messages"] = messages
        if _OUTCOMES.search(text):
            read["message_outcomes"] = outcomes
            text = _OUTCOMES.sub("from message_outcomes", text)
        queries = ", ".join(f"{name} as {self._query(read[name])}" for name in read)
        first = _FIRST_QUERY.search(text)
        if first is None:
            raise ValueError(f"no query in {text!r}")
        more = ", " if first[0] else "\n"
        return f"{text[: first.start()]}with {queries}{more}{text[first.end() :]}"

    def _query(self, relation: str) -> str:
        columns = ["messages.*", *(f"({text}) as {name}" for name, text in self.values.items())]
        lines = ",\n        ".join(columns)
        source = joined(relation, self.tables)
        return f"not materialized (\n    select\n        {lines}\n    from {source}\n)"


def count_statement(filters: Filters, tables: Sequence[Table] = ()) -> str:
    """Return the statement of the selected messages' number, first and last time."""
    selection = Selection.of(replace(filters, by=(), expressions=()), tables)
    selected = " and ".join(["true", *selection.conditions()])
    plain = filters.where is None and filters.unit == "message"
    if plain and filters.since is None and filters.until is None:
        totals = "select coalesce(sum(messages), 0), min(first), max(last)"
        return f"{totals} from pipeline.message_totals where {selected}"
    counts = "select count(*), min(message_time), max(message_time)"
    # message_facts has the same rows as messages and costs a third.
    if plain:
        return f"{counts} from pipeline.message_facts where {selected}"
    return selection.placed_in(f"{counts} from messages where {selected}")


def value_statement(filters: Filters, name: str, tables: Sequence[Table] = ()) -> str:
    """Return a statement that computes only one of the expressions, for each message."""
    text = dict(filters.expressions)[name]
    selection = Selection.of(replace(filters, by=(name,), expressions=((name, text),)), tables)
    selected = " and ".join(["true", *selection.conditions()])
    return selection.placed_in(f"select min({selection.by[name]}) from messages where {selected}")


def moment_literal(moment: dt.datetime) -> str:
    """Return a time (naive UTC) as SQL."""
    return f"timestamp '{moment.isoformat(sep=' ')}'"
