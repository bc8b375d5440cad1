"""A data directory, opened for queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dlr_analytics.analysis.cache.snapshot import Snapshot, user_error
from dlr_analytics.analysis.cache.snapshots import Snapshots
from dlr_analytics.analysis.calls import exploring, histories, recording, reporting, user_sql
from dlr_analytics.analysis.engines.copy_relation import as_naive_utc, copy_relation, relation_of
from dlr_analytics.analysis.engines.duckdb import connect, engine_errors
from dlr_analytics.analysis.engines.protocol import BrokenFile, EngineError, OutOfMemory
from dlr_analytics.analysis.engines.typed_relation import typed
from dlr_analytics.analysis.filters import Filters, Parameters, parse
from dlr_analytics.analysis.metrics import QUESTIONS, Verbs, must_have_free_names
from dlr_analytics.analysis.other_calls import calls_of, quarantined
from dlr_analytics.analysis.presenter import Presenter
from dlr_analytics.analysis.query import Query
from dlr_analytics.analysis.reconcile import reconcile
from dlr_analytics.analysis.result import Provenance, Result
from dlr_analytics.analysis.sandbox.expressions import check_filters, find_failing
from dlr_analytics.analysis.selection import count_statement
from dlr_analytics.analysis.tables.register import register
from dlr_analytics.analysis.tables.table import Table, Tables
from dlr_analytics.errors import UnknownName, UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.store.spill import spill_folder

if TYPE_CHECKING:
    import duckdb

Rows = TypeVar("Rows")


class Database(Verbs):
    """A data directory, of this machine or in a bucket, opened for queries.

    Each call reads what is stored at that moment. Only ``record_sends`` writes. Relations read
    files whenever they are run, and fail once those were compacted: get or materialize them again.

    Parameters
    ----------
    settings : Settings
        ``data`` is the directory, or a ``BucketPath``.
    presenter : Presenter
        Renders the results.
    tables : Tables, optional
        Tables that are registered from the start.
    pinned : bool
        Whether all calls read the state of the first.

    Raises
    ------
    DataFolderMissing, BucketError
        If the directory does not exist, or the bucket cannot be read.

    Examples
    --------
    >>> import dlr_analytics as dlr
    >>> db = dlr.open("data/sample")
    >>> db.networks.filter("network_code = '23410'").project("country").fetchall()
    [('GB',)]
    """

    record_sends = recording.record_sends
    message = histories.message
    number = histories.number
    reconcile = reconcile
    quarantined = quarantined
    register = register
    sql = user_sql.sql
    report = reporting.report
    explore = exploring.explore
    _count_other_calls = calls_of

    def __init__(
        self,
        settings: Settings,
        presenter: Presenter,
        tables: Tables | None = None,
        *,
        pinned: bool = False,
    ) -> None:
        self._settings = settings
        self._tables = tables.copy() if tables else Tables()
        self._snapshots = Snapshots(settings, self._tables, pinned=pinned)
        self._pinned = pinned
        self._presenter = presenter
        # Results are copied here, so that they keep no snapshot in memory.
        self._results = connect(spill=spill_folder(settings.data))
        self._results.execute("set preserve_insertion_order = true")

    def __repr__(self) -> str:
        """Name the data directory."""
        return f"Database({str(self.data)!r})"

    def __dir__(self) -> list[str]:
        """Return the public names."""
        return [name for name in object.__dir__(self) if not name.startswith("_")]

    @property
    def receipts(self) -> duckdb.DuckDBPyRelation:
        """Every receipt once, sealed or not."""
        return self._relation("receipts")

    @property
    def messages(self) -> duckdb.DuckDBPyRelation:
        """One row per message part, as of the newest receipt."""
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
        """Meaning and remedy of each err-code."""
        return self._relation("err_codes")

    def pinned(self) -> Database:
        """Return a database on which all calls read the state at the first one.

        Examples
        --------
        >>> import dlr_analytics as dlr
        >>> db = dlr.open("data/sample").pinned()
        >>> db.delivery_rate().as_of == db.cost().as_of
        True
        """
        if self._pinned:
            return self
        return Database(self._settings, self._presenter, self._tables, pinned=True)

    def with_settings(self, settings: Settings) -> Database:
        """Return a database with other settings and the same registered tables."""
        return Database(settings, self._presenter, self._tables)

    @property
    def registered_columns(self) -> tuple[str, ...]:
        """The columns of the registered tables that ``by`` and ``where`` may use."""
        return tuple(name for table in self._tables.all for name in table.columns)

    @property
    def registered_tables(self) -> tuple[Table, ...]:
        """The registered tables, in the order of their registration."""
        return self._tables.all

    def ask(self, metric: str, parameters: Parameters) -> Result:
        """Compute a metric or a study by its name on the command line.

        Raises
        ------
        UnknownName
            If there is no such metric, keyword or column.
        UnreadableValue
            If a date, time or zone cannot be parsed.
        RefusedStatement
            If ``where`` or an expression in ``by`` is not one, or may do more than read.
        UsageError
            If they cannot be evaluated.
        """
        if metric not in QUESTIONS:
            raise UnknownName("metric", metric, QUESTIONS)
        return QUESTIONS[metric].function(self, **parameters)

    def answer(self, query: Query, parameters: Parameters) -> Result:
        """Compute a statement that has the markers of a metric; errors as in :meth:`ask`."""
        rows, provenance = self.compute(
            query, parameters, lambda found: copy_relation(found, self._results)
        )
        return Result(query.metric, rows, (provenance,), self._presenter, home=self._connection)

    def compute(
        self,
        query: Query,
        parameters: Parameters,
        take_rows: Callable[[duckdb.DuckDBPyRelation], Rows],
    ) -> tuple[Rows, Provenance]:
        """Compute a statement as :meth:`answer` does, for another use of its rows.

        ``take_rows`` reads them, and is called again if files were compacted meanwhile.
        """
        filters = parse(parameters, lambda: self._snapshots.kind_for(parameters)().as_of)
        must_have_free_names(query.metric, filters, self.registered_columns)
        tables = self._tables.all
        snapshot = self._snapshots.kind_for(parameters)(filters.as_of)
        try:
            # Files are opened from here on: where one was compacted meanwhile, all is repeated.
            with engine_errors():
                check_filters(snapshot.connection, filters, tables)
                columns = snapshot.connection.table("messages").columns
                text = query.statement(filters, columns, tables)
                total, first, last = snapshot.count(count_statement(filters, tables))
                rows = take_rows(as_naive_utc(snapshot.connection.sql(text)))
        except EngineError as error:
            if self._is_outdated(snapshot):
                return self.compute(query, parameters, take_rows)
            if not isinstance(error, BrokenFile | OutOfMemory):
                find_failing(snapshot.connection, filters, tables)
            raise user_error(self.data, error) from None
        span = None if first is None or last is None else (first, last)
        return rows, Provenance(filters, snapshot.as_of, text, span, total)

    def resolve(self, parameters: Parameters) -> Filters:
        """Parse parameters; ``as_of`` is filled in with that of the data (naive UTC)."""
        snapshot = self._snapshots.kind_for(parameters)
        filters = parse(parameters, lambda: snapshot().as_of)
        return replace(filters, as_of=snapshot(filters.as_of).as_of)

    def derive(
        self,
        metric: str,
        columns: Mapping[str, str],
        rows: Sequence[Sequence[Any]],
        sources: Sequence[Result],
        own: Mapping[str, Any] | None = None,
    ) -> Result:
        """Return rows that a study computed as a result.

        Parameters
        ----------
        metric : str
            The study, as on the command line.
        columns, rows
            SQL types by name, in order, those of ``by`` first, and a value for each in each row.
        sources : sequence of Result
            What the rows were computed from, at least one: theirs is the provenance.
        own : mapping of str to object, optional
            As in :class:`Result`.
        """
        relation = relation_of(columns, rows, self._results)
        provenance = tuple(entry for source in sources for entry in source.provenance)
        return Result(metric, relation, provenance, self._presenter, own or {}, self._connection)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._settings.data

    def is_empty(self) -> bool:
        """Whether there is no receipt."""
        return self._snapshots.is_empty()

    def ahead_of_clock(self) -> int:
        """Number of receipts more than a day ahead of the clock, left out of as of."""
        return self._snapshots.ahead_of_clock()

    def _run(
        self,
        name: str,
        text: str,
        values: dict[str, Any] | None = None,
        snapshot: Snapshot | None = None,
    ) -> Result:
        """Run a statement that was checked, or is our own."""
        snapshot = snapshot or self._snapshots.open()
        try:
            with engine_errors():
                rows = as_naive_utc(snapshot.connection.sql(text, params=values).materialize())
        except EngineError as error:
            if self._is_outdated(snapshot):
                return self._run(name, text, values)
            if values is not None or isinstance(error, OutOfMemory):
                raise user_error(self.data, error) from None
            raise UsageError(f"{name}: {error}", "fix the statement") from None
        provenance = Provenance(Filters(), snapshot.as_of, text)
        return Result(name, rows, (provenance,), self._presenter)

    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self._snapshots.open().connection

    def _is_outdated(self, snapshot: Snapshot) -> bool:
        """Whether files of a snapshot were compacted meanwhile; it is dropped then."""
        if snapshot.listing.files.still_has(snapshot.files):
            return False
        self._snapshots.forget()
        return True

    def _relation(self, name: str) -> duckdb.DuckDBPyRelation:
        with self._presenter.waiting(name):
            snapshot = self._snapshots.open()
        try:
            with engine_errors():
                return typed(snapshot.connection.table(name))
        except EngineError as error:
            if self._is_outdated(snapshot):
                return self._relation(name)
            raise user_error(self.data, error) from None
