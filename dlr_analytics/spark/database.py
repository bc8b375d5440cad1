"""A data directory's cached messages, questioned on Spark.

Each question is stated twice. DuckDB has the same relations without a row: there the user's SQL is
checked as everywhere, and the statement is prepared, which gives the names and types of the
columns. Spark runs its translation; its rows become a relation of DuckDB with these types. So a
result is the same class with the same columns, whatever Spark would have made of a type, and an
invalid question fails before Spark has work to do. Every call sets the user's session as the active
one again.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from dlr_analytics.analysis.dimensions import must_be_name
from dlr_analytics.analysis.engines.copy_relation import as_naive_utc, relation_of
from dlr_analytics.analysis.engines.duckdb import connect, engine_errors
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.engines.spark import spark_errors, spark_type
from dlr_analytics.analysis.filters import Filters, Parameters, parse
from dlr_analytics.analysis.metrics import METRICS, QUESTIONS, Verbs, must_have_free_names
from dlr_analytics.analysis.other_calls import count_other_calls, quality_query
from dlr_analytics.analysis.presenter import Presenter
from dlr_analytics.analysis.query import Query, load
from dlr_analytics.analysis.result import Provenance, Result
from dlr_analytics.analysis.sandbox.expressions import check_filters
from dlr_analytics.analysis.selection import count_statement
from dlr_analytics.analysis.studies.scts_offsets import BY_WEEK
from dlr_analytics.errors import UnknownName, UsageError
from dlr_analytics.spark.cached import Cached
from dlr_analytics.spark.portable import must_be_alike
from dlr_analytics.spark.sessions import active_session_kept
from dlr_analytics.spark.unsupported import Unsupported
from dlr_analytics.store import layout, quarantine

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

RELATIONS: Final = ("messages", "receipts", "sends", "networks", "err_codes")
"""The public relations."""


class SparkDatabase(Unsupported, Verbs):
    """Cached messages, questioned on Spark: metrics, most studies, and data frames.

    Parameters
    ----------
    cached : Cached
        The relations.
    presenter : Presenter
        Renders the results.
    """

    def __init__(self, cached: Cached, presenter: Presenter) -> None:
        self._cached = cached
        self._presenter = presenter
        self._results = connect()
        self._results.execute("set preserve_insertion_order = true")

    def __repr__(self) -> str:
        """Name the data directory."""
        return f"SparkDatabase({self._cached.storage.root!r})"

    def __dir__(self) -> list[str]:
        """Return the public names."""
        return [name for name in object.__dir__(self) if not name.startswith("_")]

    @property
    def as_of(self) -> dt.datetime:
        """Up to when messages are cached (naive UTC): the newest cached receipt."""
        return self._cached.as_of

    @property
    def messages(self) -> DataFrame:
        """One row per message part, as of :attr:`as_of`."""
        return self._relation("messages")

    @property
    def receipts(self) -> DataFrame:
        """The receipts that messages are derived from, each once."""
        return self._relation("receipts")

    @property
    def sends(self) -> DataFrame:
        """The send times that messages are derived from."""
        return self._relation("sends")

    @property
    def networks(self) -> DataFrame:
        """Country and operator of each network code."""
        return self._relation("networks")

    @property
    def err_codes(self) -> DataFrame:
        """Meaning and remedy of each err-code."""
        return self._relation("err_codes")

    def frame(self, metric: str, **parameters: Unpack[Parameters]) -> DataFrame:
        """Return the rows of a metric as a data frame of Spark, computed when it is read.

        Parameters
        ----------
        metric : str
            Its name on the command line, like ``"delivery-rate"``.
        **parameters
            As for the metric.

        Raises
        ------
        UsageError
            If it is a study, which is computed on the driver; and as the metric does.
        """
        if metric not in METRICS:
            if metric in QUESTIONS:
                raise UsageError(
                    f"{metric} is computed in part where Spark's driver runs",
                    f"call db.{metric.replace('-', '_')}(), or choose from {', '.join(METRICS)}",
                )
            raise UnknownName("metric", metric, METRICS)
        if metric == "scts-offsets" and parameters.get("by") is None:
            parameters["by"] = BY_WEEK
        with active_session_kept(self._session):
            query = quality_query(self, parameters) if metric == "quality" else load(metric)
            filters, text, types = self._stated(query, parameters)
            return self._typed(self._frame(metric, filters, text), types)

    def register(self, prefix: str) -> None:
        """Register the five relations as views for ``spark.sql``, in every session.

        Parameters
        ----------
        prefix : str
            With ``"dlr_"`` they are ``global_temp.dlr_messages`` and so on. Existing views of
            these names are replaced.

        Raises
        ------
        UsageError
            If the names would be none.
        """
        names = {name: must_be_name("prefix", f"{prefix}{name}") for name in RELATIONS}
        for name, view in names.items():
            frame = self._relation(name)
            with active_session_kept(self._session), spark_errors():
                frame.createOrReplaceGlobalTempView(view)

    def ask(self, metric: str, parameters: Parameters) -> Result:
        """Compute a metric or a study by its name on the command line."""
        if metric not in QUESTIONS:
            raise UnknownName("metric", metric, QUESTIONS)
        return getattr(self, metric.replace("-", "_"))(**parameters)  # type: ignore[no-any-return]

    def answer(self, query: Query, parameters: Parameters) -> Result:
        """Compute a statement that has the markers of a metric."""
        with active_session_kept(self._session):
            filters, text, types = self._stated(query, parameters)
            counts = self._rows(query.metric, filters, count_statement(filters))
            rows = self._rows(query.metric, filters, text)
        ((total, first, last),) = counts
        span = None if first is None or last is None else (first, last)
        provenance = Provenance(filters, self.as_of, text, span, int(total))
        relation = relation_of(types, rows, self._results)
        return Result(query.metric, relation, (provenance,), self._presenter)

    def resolve(self, parameters: Parameters) -> Filters:
        """Parse parameters; ``as_of`` is filled in with that of the data (naive UTC).

        Raises
        ------
        UsageError
            If ``as_of`` is another.
        """
        filters = parse(parameters, lambda: self.as_of)
        if filters.as_of not in (None, self.as_of):
            earlier = filters.as_of is not None and filters.as_of < self.as_of
            raise UsageError(
                f"as_of: messages are cached as of {self.as_of} UTC, and Spark reads no receipts"
                f" {'to go back' if earlier else 'after it, sealed or not'}",
                "ask as of that moment, or with `dlr query`"
                if earlier
                else "run `dlr compact --open-day` and open again",
            )
        return replace(filters, as_of=self.as_of)

    def derive(
        self,
        metric: str,
        columns: Mapping[str, str],
        rows: Sequence[Sequence[Any]],
        sources: Sequence[Result],
        own: Mapping[str, Any] | None = None,
    ) -> Result:
        """Return rows that a study computed as a result."""
        relation = relation_of(columns, rows, self._results)
        provenance = tuple(entry for source in sources for entry in source.provenance)
        return Result(metric, relation, provenance, self._presenter, own or {})

    def pinned(self) -> SparkDatabase:
        """Return this database: it is as of one moment anyway."""
        return self

    def _count_other_calls(self, filters: Filters) -> int:
        """Count the calls at the receipt URL that were no receipts, in the quarantine."""
        storage = self._cached.storage
        with tempfile.TemporaryDirectory() as folder:
            for name in storage.files(str(layout.quarantine(Path()))):
                copy = Path(folder) / name
                copy.parent.mkdir(exist_ok=True)
                copy.write_bytes(storage.read(name) or b"")
            return count_other_calls(quarantine.entries(Path(folder)), filters)

    @property
    def _session(self) -> Any:
        return self._cached.engine.session

    def _stated(
        self, query: Query, parameters: Parameters
    ) -> tuple[Filters, str, Mapping[str, str]]:
        """Check parameters; return them, the statement, and the types of its columns."""
        filters = parse(parameters, lambda: self.as_of)
        self.resolve(parameters)
        must_have_free_names(query.metric, filters, ())
        connection = self._cached.types.connection
        try:
            with engine_errors():
                check_filters(connection, filters, ())
                must_be_alike(filters, connection)
                text = query.statement(filters, connection.table("messages").columns)
                rows = as_naive_utc(connection.sql(text))
        except EngineError as error:
            raise UsageError(f"{query.metric}: {error}", "fix where or by") from None
        return filters, text, dict(zip(rows.columns, map(str, rows.types), strict=True))

    def _rows(self, metric: str, filters: Filters, text: str) -> list[tuple[Any, ...]]:
        frame = self._frame(metric, filters, text)
        try:
            with spark_errors():
                return [tuple(row) for row in frame.collect()]
        except EngineError as error:
            raise _failed(metric, filters, error) from error

    def _frame(self, metric: str, filters: Filters, text: str) -> DataFrame:
        try:
            return self._cached.engine.frame(text)
        except EngineError as error:
            raise _failed(metric, filters, error) from error

    def _relation(self, name: str) -> DataFrame:
        with active_session_kept(self._session), spark_errors():
            if name in ("receipts", "sends"):
                frame: DataFrame = getattr(self._cached, name)()
                return frame
            found = self._cached.types.connection.table(name)
            types = dict(zip(found.columns, map(str, found.types), strict=True))
            return self._typed(self._cached.engine.frame(f"select * from {name}"), types)

    def _typed(self, frame: DataFrame, types: Mapping[str, str]) -> DataFrame:
        """A data frame with the types that the columns have on DuckDB: times have no zone."""
        with spark_errors():
            return frame.select(
                *(
                    frame[f"`{name}`"].cast(spark_type(kind)).alias(name)
                    for name, kind in types.items()
                )
            )


def _failed(metric: str, filters: Filters, error: EngineError) -> UsageError:
    own = " and ".join(place for place, _ in filters.users_sql)
    remedy = f"fix {own}" if own else "open again if files were replaced since, or see Spark's log"
    return UsageError(f"{metric} failed on Spark: {error}", remedy)
