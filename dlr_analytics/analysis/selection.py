"""The rows that a metric reads, with the values of the user's SQL.

The user's SQL stands in one place: a named query in front of the metric's own, with a row per
message. There it sees what it was checked against, the columns of ``messages``, and no name of the
metric's queries. These see its values in columns whose names they do not use. Only the last select
gives them the names that the user chose.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dlr_analytics.analysis.dimensions import unused
from dlr_analytics.analysis.filters import ALL_CHANNELS, UNITS, UNITS_WITH_FLAWS, Filters
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
        The columns for the expressions in ``by``, by their names.
    where : str
        The column for ``where``.

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
    where: str

    @classmethod
    def of(cls, filters: Filters) -> Selection:
        """Name the columns, unlike any name in ``by``."""
        prefix = unused("by_", filters.by)
        by = {name: f"{prefix}{place}" for place, (name, _) in enumerate(filters.expressions)}
        return cls(filters, by, f"{prefix}where")

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
        if not self.filters.users_sql:
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
        values = [(self.by[name], text) for name, text in self.filters.expressions]
        if self.filters.where is not None:
            values.append((self.where, self.filters.where))
        columns = ["messages.*", *(f"({text}) as {name}" for name, text in values)]
        lines = ",\n        ".join(columns)
        return (
            f"not materialized (\n    select\n        {lines}\n    from {relation} as messages\n)"
        )


def count_statement(filters: Filters) -> str:
    """Return the statement of the selected messages' number, first and last time."""
    selection = Selection.of(replace(filters, by=(), expressions=()))
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


def value_statement(filters: Filters, name: str) -> str:
    """Return a statement that computes only one of the expressions, for each message."""
    text = dict(filters.expressions)[name]
    selection = Selection.of(replace(filters, by=(name,), expressions=((name, text),)))
    selected = " and ".join(["true", *selection.conditions()])
    return selection.placed_in(f"select min({selection.by[name]}) from messages where {selected}")


def moment_literal(moment: dt.datetime) -> str:
    """Return a time (naive UTC) as SQL."""
    return f"timestamp '{moment.isoformat(sep=' ')}'"
