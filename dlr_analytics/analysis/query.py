"""The statement of a metric: its columns, and its text with filters and ``by``.

A file runs as it stands: all messages, one row. Its markers are comments. Each is replaced by text
that is made here, from names that were checked against the columns and from parsed times:

=================================== =========================================================
``/* buckets, */``                  ``… as day,``: the time buckets in ``by``
``/* filters */``                   ``and …``: channel, since, until and where
``/* other channels */``            the same, of all channels but the one asked for
``/* besides, */``                  the columns of ``by`` that are not columns of the metric
``/* by, */``                       the columns of ``by``; on a line of the last select, with the
                                    names of the user's expressions
``/* in order, */``                 the same with ``nulls last``
``/* without by */ … /* end */``    removed if there is a ``by``: makes the row of no messages
``/* with a, b */``                 these files of ``sql/metrics/`` as named queries
``/* a.by, */``                     the columns of ``by``, of the relation a
``/* a.by = b.by */``               ``and …``: the columns of ``by`` are the same in a and b
``/* set name */ … /* end */``      the text of :meth:`Query.with_values` under that name
``from messages``                   ``from pipeline.sms`` if the unit is sms
``from pipeline.message_outcomes``  ``from pipeline.sms_outcomes``, likewise
=================================== =========================================================

In the last select each column stands on the line whose comment explains it; a column that is in
``by`` too is removed there. Where the user wrote SQL, its values are columns of ``messages`` and of
``pipeline.message_outcomes`` (:mod:`dlr_analytics.analysis.selection`): ``by_0`` … for expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from dlr_analytics.analysis.dimensions import must_be_free
from dlr_analytics.analysis.engines.copy_relation import quoted
from dlr_analytics.analysis.filters import Filters
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.selection import Selection
from dlr_analytics.analysis.tables.table import Table
from dlr_analytics.errors import UnknownName

TIME_BUCKETS: Final = {
    "hour": "date_trunc('hour', {local})",
    "day": "cast(date_trunc('day', {local}) as date)",
    "week": "cast(date_trunc('week', {local}) as date)",
    "month": "cast(date_trunc('month', {local}) as date)",
}
"""Periods of ``message_time``, for ``by``: of local time where ``tz`` is not UTC."""

CYCLES: Final = {
    "hour_of_day": "cast(hour({local}) as smallint)",
    "weekday": "cast(case date_trunc('day', {local})"
    + "".join(
        f" when date_trunc('week', {{local}}) + interval '{days} days' then {days + 1}"
        for days in range(7)
    )
    + " end as smallint)",
}
"""Places in a day and a week, likewise: 0 to 23, and 1 (Monday) to 7 (Sunday)."""

BUCKETS: Final = TIME_BUCKETS | CYCLES
"""All buckets of ``message_time``."""

_MARKER: Final = re.compile(
    r"/\* (?P<place>filters|other channels) \*/|/\* (?P<list>buckets|besides|by|in order), \*/\s*"
    r"|/\* (?P<of>\w+)\.by, \*/\s*|/\* (?P<left>\w+)\.by = (?P<right>\w+)\.by \*/"
)
_PARTS: Final = re.compile(r"/\* with (?P<names>\w+(, \w+)*) \*/")
_SET: Final = re.compile(r"/\* set \w+ \*/\s*(.*?)\s*/\* end \*/", re.DOTALL)
_WITHOUT_BY: Final = re.compile(r"/\* without by \*/.*?/\* end \*/", re.DOTALL)
_BLOCK_ENDS: Final = re.compile(r"/\* (without by|set \w+|end) \*/ ?")
_COLUMN: Final = re.compile(r"^ .*?(\w+),? -- (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """The statement of a metric.

    Examples
    --------
    >>> load("cost").columns["cost"]
    'sum of price, exact; NULL where nothing is priced'
    """

    metric: str
    text: str

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """The meaning of each column, in order, after those of ``by``."""
        return dict(_COLUMN.findall(self._last_select))

    @property
    def sentence(self) -> str:
        """The first line: what the metric computes."""
        return self.text.partition("\n")[0].removeprefix("-- ")

    def with_values(self, **texts: str) -> Query:
        """Return the query with these texts in place of its ``/* set name */`` blocks.

        The texts are trusted SQL, made from parsed values. A block that is not named keeps what
        the file holds.

        Examples
        --------
        >>> query = Query("example", "select\\n    /* set n */ 1 /* end */ as n -- a number")
        >>> query.with_values(n="2").text.splitlines()[-1]
        '    2 as n -- a number'
        """
        text = self.text
        for name, value in texts.items():
            block = re.compile(rf"/\* set {name} \*/.*?/\* end \*/", re.DOTALL)
            text, found = block.subn(lambda _, value=value: value, text)  # type: ignore[misc]
            if not found:
                raise ValueError(f"{self.metric} has no block {name!r}")
        return Query(self.metric, text)

    def statement(
        self, filters: Filters, known: Iterable[str], tables: Sequence[Table] = ()
    ) -> str:
        """Return the statement for these filters, ready to run.

        Parameters
        ----------
        filters : Filters
            Their SQL has passed :mod:`dlr_analytics.analysis.sandbox.condition`.
        known : iterable of str
            The columns of ``messages``.
        tables : sequence of Table
            The user's tables.

        Raises
        ------
        UnknownName
            If a name in ``by`` is neither a column nor a bucket.
        UsageError
            If the name of an expression is that of a column or a bucket.
        """
        self._check_names(filters, list(known), tables)
        selection = Selection.of(filters, tables)
        columns = {name: selection.by.get(name, name) for name in filters.by}
        places = self._places(selection, columns)
        text = self.text.removesuffix(self._last_select) + self._select_besides(filters.by)
        text = _SET.sub(r"\1", text)
        if filters.by:
            text = _WITHOUT_BY.sub("", text)
        last = text.rindex("\nselect\n")

        def fill(marker: re.Match[str]) -> str:
            if marker["left"]:
                return _same(columns.values(), marker["left"], marker["right"])
            if marker["of"] or marker["list"] == "by":
                relation = f"{marker['of']}." if marker["of"] else ""
                named = _is_line(marker, last)
                return _listed(
                    f"{relation}{column} as {quoted(name)}"
                    if named and column != name
                    else f"{relation}{column}"
                    for name, column in columns.items()
                )
            return places[marker["place"] or marker["list"]]

        return selection.placed_in(_BLOCK_ENDS.sub("", _MARKER.sub(fill, text)))

    def _check_names(self, filters: Filters, known: list[str], tables: Sequence[Table]) -> None:
        expressions = dict(filters.expressions)
        own = [name for table in tables for name in table.columns]
        for name in filters.by:
            if name not in {*expressions, *BUCKETS, *known, *own}:
                raise UnknownName("column", name, [*BUCKETS, *known, *own])
        for table in tables:
            must_be_free("by", expressions, table.columns, f"the table {table.name}")
        must_be_free("by", set(own).intersection(filters.by), self.columns, self.metric)
        must_be_free("by", expressions, BUCKETS, "the time of messages")
        must_be_free("by", expressions, known, "messages")
        must_be_free("by", expressions, self.columns, self.metric)

    @property
    def _last_select(self) -> str:
        return self.text[self.text.rindex("\nselect\n") :]

    def _select_besides(self, by: tuple[str, ...]) -> str:
        lines = self._last_select.split("\n")
        return "\n".join(line for line in lines if not _defines(line, by))

    def _places(self, selection: Selection, columns: Mapping[str, str]) -> dict[str, str]:
        besides = [column for name, column in columns.items() if name not in self.columns]
        return {
            "filters": _all(selection.conditions()),
            "other channels": _all(selection.conditions(elsewhere=True)),
            "buckets": _listed(
                f"{bucket} as {name}" for name, bucket in _buckets(selection.filters)
            ),
            "besides": _listed(besides),
            "in order": _listed(
                f"{name if column == name else quoted(name)} nulls last"
                for name, column in columns.items()
            ),
        }


def load(metric: str) -> Query:
    """Load the statement of a metric from its file, and the parts that it names."""
    text = statement(f"metrics/{metric.replace('-', '_')}")
    marker = _PARTS.search(text)
    if marker is None:
        return Query(metric, text)
    names = marker["names"].split(", ")
    for name in names:  # as it stands, the file reads the views of the same names
        text = text.replace(f"pipeline.{name}", name)
    return Query(metric, text.replace(marker[0], _with(names)))


def _with(names: Iterable[str]) -> str:
    parts = (f"{name} as (\n{statement(f'metrics/{name}')})" for name in names)
    return f"with {', '.join(parts)}"


def _same(names: Iterable[str], left: str, right: str) -> str:
    """A condition that rows of two relations are of the same group; NULL equals NULL."""
    return " ".join(f"and {left}.{name} is not distinct from {right}.{name}" for name in names)


def local_time(tz: str, moment: str = "message_time") -> str:
    """Return the expression of a naive UTC time in a zone; its name has been parsed.

    Examples
    --------
    >>> local_time("UTC"), local_time("Europe/London")
    ('message_time', "message_time at time zone 'UTC' at time zone 'Europe/London'")
    """
    return moment if tz == "UTC" else f"{moment} at time zone 'UTC' at time zone '{tz}'"


def _is_line(marker: re.Match[str], after: int) -> bool:
    """Whether a marker begins its line, after this place in the text."""
    return marker.start() > after and marker.string[: marker.start()].split("\n")[-1].isspace()


def _defines(line: str, by: tuple[str, ...]) -> bool:
    column = _COLUMN.match(line)
    return column is not None and column[1] in by


def _listed(names: Iterable[str]) -> str:
    return "".join(f"{name}, " for name in names)


def _buckets(filters: Filters) -> list[tuple[str, str]]:
    local = local_time(filters.tz)
    return [(name, BUCKETS[name].format(local=local)) for name in filters.by if name in BUCKETS]


def _all(conditions: Iterable[str]) -> str:
    return "".join(f"and {condition}\n    " for condition in conditions).rstrip()
