"""Receipts against exports of the Reports API, as a method of ``Database``.

The rows of the exports are written to a scratch file and read into DuckDB from there, so that a
million of them take no memory in Python. Receipts of the reported messages are collapsed as for
``messages`` (:mod:`dlr_analytics.analysis.messages.pipeline`), but without those that came out of
an export themselves: ``messages`` would count an imported export as proof of its own rows. Send
records are not read at all, since they are no receipts.
"""

from __future__ import annotations

import datetime as dt
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dlr_analytics.analysis.cache.snapshot import user_error
from dlr_analytics.analysis.dimensions import By, parse_by
from dlr_analytics.analysis.engines.duckdb import DuckDBEngine, engine_errors
from dlr_analytics.analysis.engines.protocol import EngineError
from dlr_analytics.analysis.filters import Filters
from dlr_analytics.analysis.messages.parameters import INTERNAL, KEY, PUBLIC
from dlr_analytics.analysis.messages.pipeline import split, statement, union
from dlr_analytics.analysis.query import Query
from dlr_analytics.analysis.result import Provenance, Result
from dlr_analytics.analysis.sandbox.lockdown import lock_configuration
from dlr_analytics.errors import UnknownName, UnreadableValue, UnusableFile
from dlr_analytics.store import sends
from dlr_analytics.store.receipts.staging import spool
from dlr_analytics.store.spill import scratch_folder
from dlr_analytics.store.sql import from_lines
from dlr_analytics.webhook.encoding import replace_surrogates

if TYPE_CHECKING:
    import duckdb

    from dlr_analytics.analysis.database import Database
    from dlr_analytics.importers.reported import Reported
    from dlr_analytics.importers.tally import Tally

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

BY: Final = ("network_code", "day", "currency")
"""What rows can be grouped by, as reported."""

NAMESPACE: Final = "reconcile"

_COLUMNS: Final = {
    "place": "BIGINT",
    "message_id": "VARCHAR",
    "account_id": "VARCHAR",
    "network_code": "VARCHAR",
    "date_received": "TIMESTAMP",
    "date_finalized": "TIMESTAMP",
    "status": "VARCHAR",
    "currency": "VARCHAR",
    "price": "DECIMAL(18,8)",
}

_LINE: Final = "{" + ",".join(f'"{name}":%s' for name in _COLUMNS) + "}\n"

_RECEIPTS_PER_MESSAGE: Final = 3
"""More than a message has on average: for the number of batches."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: its name to print, and what was refused or left out."""

    label: str
    tally: Tally


def reconcile(
    self: Database,
    files: Paths,
    *,
    by: By | None = None,
    list: bool = False,  # noqa: A002 - the option --list
    progress: Callable[[int], object] = lambda _: None,
) -> Result:
    """Compare the receipts with exports of the Reports API; writes nothing.

    A reported message is ``received`` if it has a receipt that came in by itself: rows of an
    export that were imported, and send records, are none. It is ``missing`` if its reported status
    is final and it has no receipt. Statuses are compared where the reported one is final, aliases
    resolved; prices where both are known in one currency. Inbound messages and other channels are
    left out. Of a message that stands twice, the row that ended last counts.

    Parameters
    ----------
    files : path or sequence of paths
        Exports of SMS or MESSAGES, CSV or JSON, plain, gzip or zip.
    by : str or sequence of str, optional
        ``network_code``, ``day`` (of ``date_received``, UTC): a row for each, as reported.
    list : bool
        A row for each difference instead; ``by`` is the order of the rows then.
    progress : callable, optional
        Called with the number of bytes read since its last call.

    Returns
    -------
    Result
        ``own["files"]`` has the refused and left-out lines of each file, ``own["accounts"]`` the
        accounts of the receipts, and ``own["unknown_accounts"]`` those of the exports that are none
        of them.

    Raises
    ------
    UnusableFile
        If a file cannot be read, or is no export.
    UnknownName
        If ``by`` names something else.

    Examples
    --------
    >>> import tempfile
    >>> import dlr_analytics as dlr
    >>> file = Path(tempfile.mkdtemp()) / "export.csv"
    >>> _ = file.write_text("message_id,date_received,status,currency,total_price\\n"
    ...                     "0A,2026-11-24T08:00:00Z,delivered,EUR,0.0333\\n")
    >>> found = dlr.open("data/sample").reconcile(file)
    >>> dict(zip(found.columns, found.rows()[0]))["missing_cost"]
    Decimal('0.03330000')
    """
    filters = Filters(by=_names(by))
    with scratch_folder(self.data) as scratch:
        lines = scratch / "reported.jsonl"
        count, read = _write_rows(_paths(files), lines, progress)
        while True:
            snapshot = self._snapshots.receipts()
            try:
                engine = DuckDBEngine(snapshot.connection)
                _create_compared(engine, lines, count)
                own = {"files": read, **_accounts(engine)}
                text = _differences(filters) if list else _sums(filters)
                rows = _run(engine, text)
                provenance = Provenance(filters, snapshot.as_of, text)
                return Result("reconcile", rows, (provenance,), self._presenter, own)
            except EngineError as error:
                # Files that were compacted meanwhile are listed again.
                if snapshot.listing.files.still_has(snapshot.files):
                    raise user_error(self.data, error) from None


def _names(by: By | None) -> tuple[str, ...]:
    names, _ = parse_by(by)
    for name in names:
        if name not in BY:
            raise UnknownName("column", name, BY)
    return names


def _paths(files: Paths) -> list[Path]:
    named = [files] if isinstance(files, str | os.PathLike) else files
    if not named:
        raise UnreadableValue("files: none is named", "name exports of the Reports API")
    return [Path(file) for file in named]


def _write_rows(
    paths: list[Path], lines: Path, progress: Callable[[int], object]
) -> tuple[int, tuple[ReadFile, ...]]:
    """Write what the exports report to a file, and count the rows."""
    # Imported here: calls that read no file start faster without.
    from dlr_analytics.importers.archives import Archive
    from dlr_analytics.importers.reported import read_reported
    from dlr_analytics.importers.tally import Tally, accepted_records
    from dlr_analytics.importers.text_files import check_files, read_texts

    check_files(paths)
    read: list[ReadFile] = []

    def rows() -> Iterator[Reported]:
        for path in paths:
            tally, archive = Tally(), Archive(str(path))
            found = archive.records(read_texts(path, progress), read_reported)
            yield from accepted_records(found, tally)
            if not archive.members and path.is_file() and zipfile.is_zipfile(path):
                raise UnusableFile(f"{path}: an archive without files", "name an export")
            read.append(ReadFile(archive.label, tally))

    return spool(_lines(rows()), lines), tuple(read)


def _lines(rows: Iterable[Reported]) -> Iterator[bytes]:
    """Encode rows as JSON lines, as :func:`json.dumps` would in four times the time."""
    repeated = lru_cache(maxsize=10_000)(_as_json)
    for place, row in enumerate(rows):
        values = (
            _as_json(row.message_id),
            repeated(row.account_id),
            repeated(row.network_code),
            _as_json(row.date_received),
            _as_json(row.date_finalized),
            repeated(row.status),
            repeated(row.currency),
            repeated(row.price),
        )
        yield replace_surrogates(_LINE % (place, *values)).encode()


def _as_json(value: str | dt.datetime | Decimal | None) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, Decimal):
        return f'"{value:f}"'
    return "null" if value is None else f'"{value}"'


def _create_compared(engine: DuckDBEngine, lines: Path, count: int) -> None:
    """Create ``compared`` in the namespace, a row for each reported message."""
    engine.use(NAMESPACE, INTERNAL, PUBLIC)
    engine.create_table("reported_rows", f"select * from {from_lines([lines], _COLUMNS)}")
    engine.create_table("reported_messages", statement("reconcile/reported_messages"))
    engine.create_view("received_receipts", statement("reconcile/received_receipts"))
    reported = f"{KEY} in (select message_key from reported_messages)"
    engine.create_view("receipts", f"select * from received_receipts where {reported}")
    engine.create_view("receipts_normalized", statement("pipeline/receipts_normalized"))
    engine.create_view("sends", f"select * from {sends.sends_table([])}")
    batches = split(engine, NAMESPACE, _RECEIPTS_PER_MESSAGE * count)
    for batch in batches:
        engine.use(batch, INTERNAL, PUBLIC)
        collapsed = statement("pipeline/receipts_collapsed")
        columns = "message_key, status, price, currency"
        engine.create_table("received_messages", f"select {columns} from (\n{collapsed})")
    engine.use(NAMESPACE, INTERNAL, PUBLIC)
    engine.drop_table("receipts_by_batch")
    engine.create_table("received_messages", union("received_messages", batches))
    for batch in batches:
        engine.drop_namespace(batch)
    engine.create_table("compared", statement("reconcile/compared"))


def _accounts(engine: DuckDBEngine) -> dict[str, Any]:
    """The accounts of the receipts, and those of the exports that are none of them."""
    said = engine.rows(
        "select distinct account_id from reported_rows where account_id is not null order by all"
    )
    if not said:
        return {"accounts": (), "unknown_accounts": ()}
    keys = engine.rows(
        "select distinct api_key from received_receipts where api_key is not null order by all"
    )
    known = {key.lower() for (key,) in keys}
    unknown = tuple(account for (account,) in said if known and account.lower() not in known)
    return {"accounts": tuple(key for (key,) in keys), "unknown_accounts": unknown}


def _sums(filters: Filters) -> str:
    return Query("reconcile", statement("reconcile/sums")).statement(filters, BY)


def _differences(filters: Filters) -> str:
    order = "".join(f"{name} nulls last, " for name in filters.by)
    return statement("reconcile/differences").replace("/* in order, */ ", order)


def _run(engine: DuckDBEngine, text: str) -> duckdb.DuckDBPyRelation:
    """Run the last statement, and drop all that it has read."""
    lock_configuration(engine.connection)  # which keeps the order of materialized rows
    with engine_errors():
        rows = engine.connection.sql(text).materialize()
    engine.drop_namespace(NAMESPACE)
    return rows
