"""A data directory to ask questions of."""

from __future__ import annotations

from typing import Any

import duckdb

from dlr_analytics.analyse import metrics
from dlr_analytics.analyse.asking import Asked, Asking, read
from dlr_analytics.analyse.gate import admit, first_line
from dlr_analytics.analyse.on_duckdb import connect
from dlr_analytics.analyse.query import chosen, load
from dlr_analytics.analyse.result import Presenter, Result
from dlr_analytics.analyse.snapshots import Snapshots
from dlr_analytics.analyse.where import must_be_condition
from dlr_analytics.errors import DataFolderMissing, UnknownName, UsageError
from dlr_analytics.settings import Settings


class Database:
    """A data directory, read-only. Each call sees what is stored when it is called.

    Parameters
    ----------
    settings : Settings
        Its ``data`` is the directory.
    presenter : Presenter
        Shows the results.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> db.networks.filter("network_code = '23410'").project("country").fetchall()
    [('GB',)]
    """

    delivery_rate = metrics.delivery_rate
    latency = metrics.latency
    cost = metrics.cost
    errors = metrics.errors

    def __init__(self, settings: Settings, presenter: Presenter) -> None:
        if not settings.data.is_dir():
            raise DataFolderMissing(
                f"no folder {settings.data}", "check --data, or receive into it first"
            )
        self._settings = settings
        self._snapshots = Snapshots(settings)
        self._presenter = presenter
        # Results live here, so that they hold no snapshot in memory, and can be joined.
        self._results = connect()

    @property
    def receipts(self) -> duckdb.DuckDBPyRelation:
        """Every receipt, sealed or not, once."""
        return self._relation("receipts")

    @property
    def messages(self) -> duckdb.DuckDBPyRelation:
        """One row a message part, as of the newest receipt."""
        return self._relation("messages")

    @property
    def sends(self) -> duckdb.DuckDBPyRelation:
        """Send times."""
        return self._relation("sends")

    @property
    def networks(self) -> duckdb.DuckDBPyRelation:
        """Country and operator of each network code."""
        return self._relation("networks")

    @property
    def err_codes(self) -> duckdb.DuckDBPyRelation:
        """What each err-code means, and what to do about it."""
        return self._relation("err_codes")

    def held(self) -> Database:
        """The same directory as its first call will find it, for figures that must agree.

        Examples
        --------
        >>> import dlr_analytics as dlr
        >>> db = dlr.open("data/sample").held()
        >>> sum(row[1] for row in db.errors().rows()) >= 0
        True
        """
        held = Database(self._settings, self._presenter)
        held._snapshots = Snapshots(self._settings, held=True)
        return held

    def ask(self, metric: str, asking: Asking) -> Result:
        """The answer of a metric, by its name on the command line.

        Raises
        ------
        UnknownName
            For a metric or a column that there is not.
        UnreadableValue
            For a date, time or zone that cannot be read.
        RefusedStatement
            If ``where`` is not one expression, or does more than read.
        UsageError
            If ``where`` cannot be evaluated.
        """
        if metric not in metrics.METRICS:
            raise UnknownName("metric", metric, metrics.METRICS)
        asked, query = read(asking), load(metric)
        if asked.where is None:
            snapshot = self._snapshots.open(asked.as_of)
        else:
            snapshot = self._snapshots.shut(asked.as_of)
            must_be_condition(snapshot.connection, asked.where)
        statement = query.statement(asked, snapshot.connection.table("messages").columns)
        try:
            ((total, first, last),) = snapshot.connection.sql(chosen(asked)).fetchall()
            answer = _carried(snapshot.connection.sql(statement), self._results)
        except duckdb.Error as error:
            if asked.where is None:
                raise
            raise UsageError(f"where: {first_line(error)}", "mend the condition") from None
        return Result(
            metric=metric,
            asking=asked,
            as_of=snapshot.as_of,
            span=(first, last) if total else None,
            messages_total=total,
            sql=statement,
            relation=answer,
            presenter=self._presenter,
        )

    def sql(self, text: str) -> Result:
        """The rows of one statement that only reads, over the relations of this database.

        The user's own files may be read too. Times with a zone come out as naive UTC.

        Raises
        ------
        RefusedStatement
            If it does more than read.
        UsageError
            If it cannot be parsed or carried out.

        Examples
        --------
        >>> import dlr_analytics as dlr
        >>> dlr.open("data/sample").sql("from err_codes where err_code = 3").rows()
        [(3, 'Absent subscriber, permanent', 'permanent', 'Stop sending to the number.')]
        """
        snapshot = self._snapshots.open()
        admit(snapshot.connection, text)
        try:
            rows = _naive(snapshot.connection.sql(text)).materialize()
        except duckdb.Error as error:
            raise UsageError(f"sql: {first_line(error)}", "mend the statement") from None
        return Result(
            metric="sql",
            asking=Asked(),
            as_of=snapshot.as_of,
            span=None,
            messages_total=None,
            sql=text,
            relation=rows,
            presenter=self._presenter,
        )

    def _relation(self, name: str) -> duckdb.DuckDBPyRelation:
        return self._snapshots.open().connection.table(name)


def _carried(
    relation: duckdb.DuckDBPyRelation, onto: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """The rows of a relation on another connection, types and order as they were."""
    rows = relation.fetchall()
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    lists = dict(enumerate(columns or [[]] * len(relation.columns)))
    unnested = ", ".join(
        f'unnest($c{place}::{kind}[]) as "{name}"'
        for place, (name, kind) in enumerate(zip(relation.columns, relation.types, strict=True))
    )
    values = {f"c{place}": column for place, column in lists.items()}
    return onto.sql(f"select {unnested}", params=values).materialize()


def _naive(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Times with a zone as naive UTC, as all times are here."""
    kinds = [str(kind) for kind in relation.types]
    if "TIMESTAMP WITH TIME ZONE" not in kinds:
        return relation
    return relation.project(
        ", ".join(
            f'#{place}::timestamp as "{name}"'
            if kind == "TIMESTAMP WITH TIME ZONE"
            else f"#{place}"
            for place, (name, kind) in enumerate(zip(relation.columns, kinds, strict=True), 1)
        )
    )
