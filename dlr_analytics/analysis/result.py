"""The result of a question: rows, and where they come from.

A result does not depend on the snapshot it was computed from. Its rows are a DuckDB relation in
memory: typed, joinable, and without pyarrow, which is no dependency of the core. Rows that another
engine or a study computed are put into such a relation too, so that all results are one class. A
study that runs several statements has an entry of provenance for each.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlr_analytics.analysis.engines.copy_relation import copy_relation
from dlr_analytics.analysis.engines.typed_relation import typed
from dlr_analytics.analysis.filters import Filters
from dlr_analytics.errors import UnknownName, require

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from dlr_analytics.analysis.presenter import Presenter


@dataclass(frozen=True, slots=True)
class Provenance:
    """One statement that was run for a result.

    Attributes
    ----------
    filters : Filters
        The parsed parameters.
    as_of : datetime
        Naive UTC: outcomes are as of this time.
    sql : str
        The statement as it ran: ``db.sql(sql)`` runs it again, as of the newest receipt.
    span : tuple of datetime, or None
        First and last ``message_time`` (naive UTC) of the selected messages; None where there are
        none, and for a statement of ``db.sql``.
    messages_total : int or None
        The number of selected messages; None for a statement of ``db.sql``.
    """

    filters: Filters
    as_of: dt.datetime
    sql: str
    span: tuple[dt.datetime, dt.datetime] | None = None
    messages_total: int | None = None


@dataclass(frozen=True, repr=False, eq=False)
class Result:
    """Rows and their provenance; receipts that arrive later do not change it.

    Attributes
    ----------
    metric : str
        The metric or study, as on the command line; ``sql`` for a statement of ``db.sql``.
    stored : DuckDBPyRelation
        The rows in memory.
    provenance : tuple of Provenance
        The statements that were run, at least one. ``filters``, ``by``, ``tz``, ``as_of``,
        ``span`` and ``messages_total`` are those of the first.
    own : mapping of str to object
        What a study was asked besides its filters; what charts draw, or call, besides the rows.
    home : callable, optional
        Returns the connection that :attr:`relation` is put on.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> rate = dlr.open("data/sample").delivery_rate(by="country")
    >>> rate.columns[:3]
    ('country', 'messages', 'settled')
    """

    metric: str
    stored: duckdb.DuckDBPyRelation
    provenance: tuple[Provenance, ...]
    presenter: Presenter = field(repr=False)
    own: Mapping[str, Any] = field(default_factory=dict)
    home: Callable[[], duckdb.DuckDBPyConnection] | None = None

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        """The rows as a DuckDB relation, for further SQL.

        It is on the connection of ``db.messages`` and can be joined with it; after new receipts,
        get both again, or use :meth:`Database.pinned`.

        Examples
        --------
        >>> import dlr_analytics as dlr
        >>> db = dlr.open("data/sample")
        >>> rate = db.delivery_rate(by="network_code", where="country = 'GB'")
        >>> joined = db.messages.join(rate.relation, "network_code")
        >>> len(joined) == int(rate["messages"].sum())
        True
        """
        return typed(copy_relation(self.stored, self.home()) if self.home else self.stored)

    @property
    def filters(self) -> Filters:
        """The parsed parameters."""
        return self.provenance[0].filters

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that the rows are grouped by."""
        return self.filters.by

    @property
    def tz(self) -> str:
        """The time zone of the buckets in ``by``."""
        return self.filters.tz

    @property
    def as_of(self) -> dt.datetime:
        """The time (naive UTC) of the outcomes."""
        return self.provenance[0].as_of

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime] | None:
        """First and last ``message_time`` of the selected messages, if any."""
        return self.provenance[0].span

    @property
    def messages_total(self) -> int | None:
        """The number of selected messages; None for a statement of ``db.sql``."""
        return self.provenance[0].messages_total

    @property
    def sql(self) -> str:
        """The statement as it ran; those of a study, one after the other."""
        return ";\n\n".join(entry.sql for entry in self.provenance)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self.stored.columns)

    @property
    def types(self) -> tuple[str, ...]:
        """The SQL types of the columns, in order, like ``DECIMAL(18,8)``."""
        return tuple(str(kind) for kind in self.stored.types)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows as Python values: Decimal, datetime, float, str, list, None."""
        return self.stored.fetchall()

    def head(self, n: int = 5) -> Result:
        """Return the first rows as a result, with the same provenance."""
        return replace(self, stored=self.stored.limit(n))

    def __getitem__(self, name: str) -> pd.Series[Any]:
        """Return a column as a pandas series, in the type of :meth:`df`.

        Raises
        ------
        UnknownName
            If there is no such column.

        Examples
        --------
        >>> import dlr_analytics as dlr
        >>> int(dlr.open("data/sample").delivery_rate(by="country")["messages"].sum())
        30000
        """
        if name not in self.columns:
            raise UnknownName("column", name, self.columns)
        return self.df()[name]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Export the rows to Arrow, for polars, pyarrow, pandas and DuckDB."""
        return self.stored.__arrow_c_stream__(requested_schema)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Iterate over the rows without loading all of them at once."""
        return self.stored.iter_rows()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.stored)

    def df(self) -> pd.DataFrame:
        """Return the rows in pandas; a column's type depends on its SQL type only.

        See :data:`dlr_analytics.analysis.frame.PINS`: money stays Decimal, codes stay text, whole
        numbers are Int64, times are naive datetime64[us].

        Raises
        ------
        MissingTool
            If pandas is not installed.
        """
        require("pandas", "a data frame")
        from dlr_analytics.analysis.frame import frame

        return frame(self.stored)

    def arrow(self) -> pa.Table:
        """Return the rows as an Arrow table; money is decimal.

        Raises
        ------
        MissingTool
            If pyarrow is not installed.
        """
        require("pyarrow", "an Arrow table")
        return self.stored.to_arrow_table()

    def pl(self) -> pl.DataFrame:
        """Return the rows as a polars data frame; money is decimal.

        Raises
        ------
        MissingTool
            If polars or pyarrow is not installed.
        """
        require("polars", "a polars data frame")
        require("pyarrow", "a polars data frame")
        frame: pl.DataFrame = self.stored.pl()
        return frame

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """Write the rows as a workbook of one sheet, with typed cells.

        Numbers are numbers, times are times, and text is always text: a sender that begins with
        an equals sign makes no formula.

        Parameters
        ----------
        path : path
            The file, which ends in ``.xlsx``; an existing one is replaced.

        Raises
        ------
        UsageError
            If the name is another, or there are more rows than a sheet holds.
        """
        self.presenter.excel(self, Path(path))

    def plot(
        self, kind: str | None = None, title: str | None = None, target: float | None = None
    ) -> Any:
        """Draw a plotly figure that suits the metric and its ``by``.

        Parameters
        ----------
        kind : str, optional
            The chart, where the metric has several; by default the one that suits ``by``.
        title : str, optional
            The title; by default the metric and its ``by``.
        target : float, optional
            A target to draw: the seconds of a latency curve.

        Raises
        ------
        UsageError
            If there is no such chart of this result, or it has no target.
        """
        return self.presenter.figure(self, kind, title, target)

    def __dir__(self) -> list[str]:
        """Return the public names."""
        return [name for name in object.__dir__(self) if not name.startswith("_")]

    def __repr__(self) -> str:
        """Return a table for a terminal."""
        return self.presenter.text(self)

    def _repr_html_(self) -> str:
        """Return a table for a notebook."""
        return self.presenter.html(self)
