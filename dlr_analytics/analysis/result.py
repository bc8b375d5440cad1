"""What a question gave: kept as it was computed, shown as rows, pandas, DuckDB or a chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dlr_analytics.analysis.filters import Filters

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


class Presenter(Protocol):
    """Shows results to people; handed in, since analysis knows nothing of charts and pages."""

    def html(self, result: Result) -> str:
        """A table for a notebook."""
        ...

    def text(self, result: Result) -> str:
        """A table for a terminal."""
        ...

    def figure(self, result: Result) -> Any:
        """The plotly figure that fits the metric and its ``by``."""
        ...


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """Rows with the question they answer. It keeps what it computed, whatever arrives later.

    Attributes
    ----------
    metric : str
        Its name as on the command line; ``sql`` for a statement of one's own.
    filters : Filters
        What was asked, read.
    as_of : datetime
        The moment, naive UTC, as of which outcomes were told.
    span : tuple of datetime, or None
        The first and the last ``message_time`` (naive UTC) among the messages asked about; None
        where there are none, and for a statement of one's own.
    messages_total : int or None
        How many messages were asked about; None for a statement of one's own.
    sql : str
        The statement that ran, as it stands: ``db.sql(result.sql)`` runs it again, as of the newest
        receipt.
    relation : DuckDBPyRelation
        The rows as a DuckDB relation, held in memory, to go on in SQL.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> rate = dlr.open("data/sample").delivery_rate(by="country")
    >>> rate.columns[:3]
    ('country', 'messages', 'settled')
    """

    metric: str
    filters: Filters
    as_of: dt.datetime
    span: tuple[dt.datetime, dt.datetime] | None
    messages_total: int | None
    sql: str
    relation: duckdb.DuckDBPyRelation
    presenter: Presenter = field(repr=False)

    @property
    def by(self) -> tuple[str, ...]:
        """The columns whose combinations the rows stand for."""
        return self.filters.by

    @property
    def tz(self) -> str:
        """The time zone of the buckets in ``by``."""
        return self.filters.tz

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.relation.columns)

    @property
    def types(self) -> tuple[str, ...]:
        """SQL types of the columns, in order, like ``DECIMAL(18,8)``."""
        return tuple(str(kind) for kind in self.relation.types)

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as Python values: Decimal, datetime, date, float, int, str, list, None."""
        return self.relation.fetchall()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """The rows, some at a time."""
        return self.relation.iter_rows()

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.relation)

    def df(self) -> pd.DataFrame:
        """The rows in pandas, each column's type given by its SQL type, never by the data.

        See :data:`dlr_analytics.analysis.frame.PINS`: money stays Decimal, codes stay text, whole
        numbers are Int64, times are naive datetime64[us].
        """
        from dlr_analytics.analysis.frame import frame

        return frame(self.relation)

    def plot(self) -> Any:
        """A plotly figure: the chart that fits the metric and its ``by``."""
        return self.presenter.figure(self)

    def __repr__(self) -> str:
        """A table for a terminal."""
        return self.presenter.text(self)

    def _repr_html_(self) -> str:
        """A table for a notebook."""
        return self.presenter.html(self)
