"""A fold: messages counted by hour and combination of dimensions.

All that a delivery rate needs is a sum over messages, ``expected`` and its standard error too: the
rate of any hours and any values is the same whether messages or rows of the fold are added up. So
messages are read once, and each later question reads a table of about a tenth of their number.

The table stands for ``messages`` on a connection of its own, with the local hour as its
``message_time`` and a column ``d0`` … for each dimension. The statement of ``delivery-rate`` runs
over it as it is, only its counts are made by ``explore/unfold.sql``: a rate and its interval are
defined in one place. DuckDB takes as long as numpy to add up all rows (40 ms of CPU for the eight
questions of a view, over 100,000 rows of a million messages), and is given conditions as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.analysis.engines.duckdb import Connection, connect
from dlr_analytics.analysis.explore.conditions import must_be_one_value
from dlr_analytics.analysis.filters import ALL_CHANNELS, Filters, Parameters
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.analysis.query import Query, load
from dlr_analytics.errors import require

if TYPE_CHECKING:
    import duckdb

    from dlr_analytics.analysis.database import Database
    from dlr_analytics.analysis.explore.columns import Columns

Row = dict[str, Any]

_ORDER: Final = "settled - delivered desc, messages desc, value nulls last"


@dataclass(frozen=True, slots=True)
class Fold:
    """Messages by hour and dimension.

    Attributes
    ----------
    connection : Connection
        Its ``messages`` is the fold.
    types : mapping of str to str
        The SQL types of the dimensions, in order.
    as_of : datetime
        The time (naive UTC) of the outcomes.
    span : tuple of datetime, or None
        The local hours from the first to after the last message; None where there is none.
    """

    connection: Connection
    types: Mapping[str, str]
    as_of: dt.datetime
    span: tuple[dt.datetime, dt.datetime] | None

    def column(self, dimension: str) -> str:
        """The column of a dimension."""
        return f"d{list(self.types).index(dimension)}"

    def rates(
        self,
        by: Sequence[str] = (),
        conditions: Iterable[str] = (),
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
    ) -> list[Row]:
        """Rows of ``delivery-rate`` over rows of the fold.

        Parameters
        ----------
        by : sequence of str
            Columns of the fold, or buckets of time.
        conditions : iterable of str
            SQL over columns of the fold, made from checked names and literals.
        since, until : datetime, optional
            Local times, each the beginning of an hour.
        """
        return self._rows(self._statement(by, conditions, since, until))

    def largest(
        self, dimension: str, most: int, first: str, conditions: Iterable[str], **period: Any
    ) -> list[Row]:
        """Rows of the values with the most undelivered messages.

        Their columns are ``value``, ``of_all`` (how many values there are), ``undelivered_of_all``,
        and those of ``delivery-rate``. Rows for which ``first``, a condition on ``value``, holds
        come before all others.
        """
        column = self.column(dimension)
        text = self._statement([column], conditions, **period)
        order = f"coalesce({first}, false) desc, {_ORDER}" if first else _ORDER
        return self._rows(
            f"select {column} as value, count(*) over () as of_all,"
            f" cast(sum(settled - delivered) over () as bigint) as undelivered_of_all,"
            f" * exclude {column} from ({text}) order by {order} limit {most}"
        )

    def names(self, dimension: str, column: str) -> dict[Any, str]:
        """The names that the values of a dimension have in another column of the fold."""
        found = self.connection.sql(
            f"select {self.column(dimension)}, min({column}) from messages"
            f" where {column} is not null group by all"
        )
        return dict(found.fetchall())

    def _statement(
        self,
        by: Sequence[str],
        conditions: Iterable[str],
        since: dt.datetime | None,
        until: dt.datetime | None,
    ) -> str:
        where = " and ".join(f"({one})" for one in conditions) or None
        filters = Filters(tuple(by), since, until, where, channel=ALL_CHANNELS)
        columns = ["message_time", *(f"d{place}" for place in range(len(self.types)))]
        return _unfold().statement(filters, columns)

    def _rows(self, text: str) -> list[Row]:
        found = self.connection.execute(text)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def fold(database: Database, columns: Columns, parameters: Parameters) -> Fold:
    """Fold the messages of a database.

    Parameters
    ----------
    database : Database
        What is read.
    columns : Columns
        What it is folded by, besides the hour.
    parameters : Parameters
        Besides ``by``.

    Raises
    ------
    DlrError
        As :meth:`Database.ask` does.
    """
    require("pyarrow", "the explorer")
    connection = connect()
    dimensions = columns.dimensions
    parameters = {**parameters, "by": columns.by}

    def take(found: duckdb.DuckDBPyRelation) -> dict[str, str]:
        connection.register("folded", found.to_arrow_table())
        named = ["message_time", *(f"d{place}" for place in range(len(dimensions)))]
        # By place: an own dimension may have the name of a column of delivery-rate.
        kept = found.columns[len(named) :]
        listed = [*(f"#{place + 1} as {name}" for place, name in enumerate(named)), *kept]
        connection.execute(
            f"create or replace table messages as select {', '.join(listed)} from folded"
        )
        connection.unregister("folded")
        kinds = [str(kind) for kind in found.types[1 : len(named)]]
        for name, kind in zip(dimensions, kinds, strict=True):
            must_be_one_value(f"by: {name}", kind)
        return dict(zip(dimensions, kinds, strict=True))

    types, provenance = database.compute(_fold(), parameters, take)
    ((first, last),) = connection.sql(
        "select min(message_time), max(message_time) + interval 1 hour from messages"
    ).fetchall()
    return Fold(connection, types, provenance.as_of, None if first is None else (first, last))


@cache
def _fold() -> Query:
    return Query("explore", statement("explore/fold"))


@cache
def _unfold() -> Query:
    return load("delivery-rate").with_values(counted=statement("explore/unfold"))
