"""The cached messages of a data directory, as relations on Spark.

The manifest says which files there are, and up to when. Outcomes and the nowcast depend on the
moment: the pipeline's last steps derive them, by the same statements as on DuckDB. A data directory
without receipts, opened with DuckDB, gives the small relations, and the type of every column.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dlr_analytics.analysis.cache import manifest
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.analysis.cache.snapshot import Snapshot, now, take
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.engines.spark import SparkEngine, spark_type
from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.analysis.messages.parameters import (
    INTERNAL,
    PUBLIC,
    DerivationParameters,
    create_parameters,
)
from dlr_analytics.errors import DataError, DataFolderMissing
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, sends
from dlr_analytics.webhook.receipt import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from dlr_analytics.spark.storage import Storage

VALUES: Final = {INTERNAL: ("limits", "flaws"), PUBLIC: ("networks", "err_codes")}
"""The small relations that questions and outcomes read, by namespace."""

_TOP: Final = Path()
"""What names of the layout are relative to here."""


@dataclass(frozen=True, slots=True)
class Cached:
    """Relations of cached messages.

    ``types`` is a snapshot without receipts: it has the same relations on DuckDB.
    """

    storage: Storage
    engine: SparkEngine
    types: Snapshot
    as_of: dt.datetime
    receipt_files: tuple[str, ...]
    send_files: tuple[str, ...]

    def receipts(self) -> DataFrame:
        """The receipts that messages are derived from, each once."""
        return self._read(self.receipt_files, COLUMNS)

    def sends(self) -> DataFrame:
        """The send records that messages are derived from."""
        return self._read(self.send_files, sends.COLUMNS)

    def _read(self, files: Iterable[str], columns: Mapping[str, str]) -> DataFrame:
        schema = ", ".join(f"{name} {spark_type(kind)}" for name, kind in columns.items())
        uris = [self.storage.uri(file) for file in files]
        session = self.engine.session
        if not uris:
            return session.createDataFrame([], schema)
        return session.read.schema(schema).parquet(*uris)


def read_cache(storage: Storage, settings: Settings) -> Cached:
    """Read the manifest, and define the relations.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DataError
        If it has no cached messages that can be used.
    """
    try:
        text = storage.read(str(layout.cache_manifest(layout.messages(_TOP))))
        if text is None and not storage.exists():
            raise DataFolderMissing(f"no folder {storage.root}", "check the name")
        types, basis = _without_receipts(storage, settings)
        known = known_manifest(storage, text, basis)
        newest = [one.newest for one in known.received.values() if one.newest is not None]
        parameters = DerivationParameters(
            min(max(newest, default=now()), now()), currency=settings.currency
        )
        engine = SparkEngine(storage.session)
        _define(engine, storage, types, known, parameters)
    except EngineError as error:
        raise DataError(f"{storage.root}: {error}", "check that this Spark may read it") from error
    files = sorted(path for one in known.received.values() for path, _, _ in one.files)
    return Cached(
        storage,
        engine,
        types,
        parameters.as_of,
        tuple(files),
        tuple(sorted(path for path, _, _ in known.sends)),
    )


def _without_receipts(storage: Storage, settings: Settings) -> tuple[Snapshot, str]:
    """A snapshot of the same networks and settings, and the fingerprint of these."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        for name in (layout.user_networks(_TOP), layout.format_file(_TOP)):
            contents = storage.read(str(name))
            if contents is not None:
                (data / name).write_bytes(contents)
        own = replace(settings, data=data)
        return take(own), fingerprint(own)


def known_manifest(storage: Storage, text: bytes | None, basis: str) -> manifest.Manifest:
    """Parse the manifest of the cache; check that there are all files it names.

    Raises
    ------
    DataError
        If there is none, it is of another release or of other settings, or a file is missing.
    """
    if text is None:
        raise DataError(
            f"{storage.root}: no cached messages, which Spark reads", "run `dlr compact` there"
        )
    try:
        known = manifest.parse(json.loads(text), basis)
    except ValueError:
        known = None
    if known is None:
        raise DataError(
            f"{storage.root}: messages were cached by another release, or with another"
            " networks.csv, DLR_CURRENCY or DLR_CLIENT_REF_TIME",
            "run `dlr compact` with this release, or give the same settings here",
        )
    messages = layout.messages(_TOP)
    named = {str(file) for file in manifest.files_of(known, messages)}
    missing = sorted(named - storage.files(str(messages)))
    if missing:
        raise DataError(
            f"{storage.root}: {len(missing)} of {len(named)} cached files are missing, like"
            f" {missing[0]}",
            "wait until all are published, or run `dlr compact` there",
        )
    return known


def _define(
    engine: SparkEngine,
    storage: Storage,
    types: Snapshot,
    known: manifest.Manifest,
    parameters: DerivationParameters,
) -> None:
    for namespace, names in VALUES.items():
        engine.use(namespace)
        for name in names:
            values = types.connection.sql(f"from {namespace}.{name}")
            columns = dict(zip(values.columns, map(str, values.types), strict=True))
            engine.create_values(name, columns, values.fetchall())
    engine.use(INTERNAL, PUBLIC)
    create_parameters(engine, parameters)
    settled = {day for day, one in known.days.items() if one.is_settled(parameters.mature_before)}
    for name, days in (("settled_facts", settled), ("recent_facts", known.days.keys() - settled)):
        engine.define(name, _facts(engine, storage, types, known, days))
    engine.create_view(
        "message_facts", "select * from settled_facts union all select * from recent_facts"
    )
    engine.create_values(
        "message_totals",
        {"channel": "VARCHAR", "messages": "BIGINT", "first": "TIMESTAMP", "last": "TIMESTAMP"},
        [(name, *total) for one in known.days.values() for name, total in one.totals.items()],
    )
    for step in pipeline.STEPS:
        if step.relation in ("mature_durations", "pending_durations"):
            step.run(engine, parameters)
    pipeline.publish(engine, parameters)


def _facts(
    engine: SparkEngine,
    storage: Storage,
    types: Snapshot,
    known: manifest.Manifest,
    days: Iterable[dt.date],
) -> DataFrame:
    """The facts of the messages of some days."""
    messages = layout.messages(_TOP)
    files = [
        storage.uri(str(layout.cached_messages(messages, day, known.days[day].batch)))
        for day in sorted(days)
    ]
    facts = types.connection.sql(f"from {INTERNAL}.message_facts")
    schema = ", ".join(
        f"`{name}` {spark_type(str(kind))}"
        for name, kind in zip(facts.columns, facts.types, strict=True)
    )
    if not files:
        return engine.session.createDataFrame([], schema)
    return engine.session.read.schema(schema).parquet(*files)
