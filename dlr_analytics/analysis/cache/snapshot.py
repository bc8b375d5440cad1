"""A snapshot: the state of a data directory, as relations on a connection.

Receipts that are not sealed are read into memory, since their files may vanish at any moment;
sealed ones are read where they are. Files that are compacted or replaced meanwhile make a read
fail: then the snapshot is taken again, from a new listing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dlr_analytics.analysis.cache import build as cached
from dlr_analytics.analysis.cache import manifest
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.analysis.cache.inventory import AS_OF_ALL, Inventory
from dlr_analytics.analysis.cache.places import lister
from dlr_analytics.analysis.cache.sources import create_inputs, create_sends
from dlr_analytics.analysis.cache.state import CacheState, compare
from dlr_analytics.analysis.engines.duckdb import Connection, DuckDBEngine, connect, engine_errors
from dlr_analytics.analysis.engines.protocol import (
    Engine,
    EngineError,
    OutOfMemory,
    UnreadableFile,
)
from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.analysis.messages.parameters import (
    INTERNAL,
    PUBLIC,
    DerivationParameters,
    create_parameters,
)
from dlr_analytics.analysis.tables.table import Table
from dlr_analytics.errors import DamagedFile, UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.settings.bucket_path import BucketPath
from dlr_analytics.store import layout, sends
from dlr_analytics.store.receipts import read
from dlr_analytics.store.receipts.listing import FileVanished, Listing
from dlr_analytics.store.spill import scratch_folder, spill_folder
from dlr_analytics.vocabulary import AHEAD_HOURS

log = logging.getLogger(__name__)

MANY_FILES: Final = 100
"""More new files than these are read into memory, if they are small."""

LOADED_BYTES: Final = 64 * 2**20
"""Of small files together: some million receipts, half a gigabyte in memory."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Relations as of a moment, on a connection of their own.

    The connection has the five relations of the contract (``receipts``, ``messages``, ``sends``,
    ``networks``, ``err_codes``), and in the namespace ``pipeline`` all others: the vocabulary, the
    one-row ``parameters``, and what :mod:`dlr_analytics.analysis.messages.pipeline` defines.

    ``as_of`` is naive UTC: what was asked for, else ``newest``, the latest ``received_at``, at most
    now; ``newest`` is None where there is no receipt. ``files`` are those that are still read when
    the relations are; ``listing`` is what the data directory had; ``counts`` caches counts of
    messages by statement. ``ahead`` receipts, which are more than a day ahead of the clock, do not
    count for ``newest``; ``tables`` are the user's that the connection has.
    """

    connection: Connection
    as_of: dt.datetime
    newest: dt.datetime | None
    files: tuple[Path, ...]
    listing: Listing
    counts: dict[str, tuple[int, dt.datetime | None, dt.datetime | None]] = field(
        default_factory=dict
    )
    tables: dict[str, Table] = field(default_factory=dict)
    ahead: int = 0

    def count(self, statement: str) -> tuple[int, dt.datetime | None, dt.datetime | None]:
        """The row of a statement that counts messages, cached for reports."""
        if statement not in self.counts:
            ((total, first, last),) = self.connection.sql(statement).fetchall()
            self.counts[statement] = total, first, last
        return self.counts[statement]


def take(
    settings: Settings,
    as_of: dt.datetime | None = None,
    listing: Listing | None = None,
    *,
    derive: bool = True,
) -> Snapshot:
    """Read what the data directory holds now.

    Parameters
    ----------
    settings : Settings
        Its ``data``, ``currency`` and ``client_ref_time`` count.
    as_of : datetime, optional
        Naive UTC: leaves out receipts received after it, and send records after it that have no
        receipt. By default the newest ``received_at``, at most now.
    listing : Listing, optional
        A current listing of the data directory, where there is one already.
    derive : bool
        Whether messages are derived; without them there are only ``receipts`` and the inputs.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a Parquet file cannot be read.
    UsageError
        If it takes more memory than allowed.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> take(Settings(data=folder)).connection.sql("from messages").fetchall()
    []
    """
    while True:
        connection = connect(settings.memory, spill_folder(settings.data))
        try:
            with engine_errors():
                listed = listing or lister(settings.data)()
                listed.files.attach(connection)
                return _fill(connection, settings, as_of, listed, derive=derive)
        except FileVanished:
            connection.close()
            listing = None
        except EngineError as error:
            connection.close()
            raise user_error(settings.data, error) from None
        except BaseException:
            connection.close()
            raise


def user_error(data: Path, error: EngineError) -> Exception:
    """The error to raise when a statement of the package failed."""
    if isinstance(error, OutOfMemory):
        return UsageError("this takes more memory than it may", "give more: DLR_MEMORY, --memory")
    if isinstance(error, UnreadableFile):
        return DamagedFile(f"{data}: {error}", "`dlr verify` names it: restore it, or move it away")
    return error


def _fill(
    connection: Connection,
    settings: Settings,
    as_of: dt.datetime | None,
    listing: Listing,
    *,
    derive: bool,
) -> Snapshot:
    engine = DuckDBEngine(connection)
    create_inputs(engine, settings, listing.files)
    folder = layout.messages(settings.data)
    known = manifest.read(folder, fingerprint(settings, listing.files), listing.files)
    if isinstance(folder, BucketPath) and known == manifest.Manifest():
        _warn_unused(folder, listing)
    with scratch_folder(settings.data) as scratch:
        receipts = read.open_listing(listing, scratch)
        state = compare(known, listing, receipts.sealed)
        sent = [*state.cached_sends, *state.new_sends]
        try:
            state, left = _create_receipts(engine, state, receipts)
            latest, ahead = newest(engine, state)
            moment = as_of or min(latest or now(), now())
            parameters = DerivationParameters(
                moment, as_of is not None, settings.currency, settings.client_ref_time
            )
            if derive:
                _create_messages(engine, state, folder, parameters)
            else:
                create_parameters(engine, parameters)
            files = (*left, *sent, *manifest.files_of(state.manifest, folder))
            return Snapshot(connection, moment, latest, files, listing, ahead=ahead)
        except EngineError as error:
            # The cache is exchanged and files are merged at any moment; a file that is there and
            # cannot be read is damaged.
            used = manifest.files_of(known, folder)
            if not listing.files.still_has((*receipts.sealed, *sent, *used)):
                raise FileVanished from error
            raise


def _warn_unused(folder: Path, listing: Listing) -> None:
    """Log that cached messages in a bucket are not used, so all receipts are read."""
    if listing.files.below(folder):
        log.warning(
            "dlr: the cached messages in %s are not used, so all receipts are read: they are not"
            " published whole, or of another release, or DLR_CURRENCY or DLR_CLIENT_REF_TIME"
            " differs",
            folder,
        )


def _create_messages(
    engine: Engine, state: CacheState, folder: Path, parameters: DerivationParameters
) -> None:
    """Create ``sends`` and ``messages``, from the cache where there is one."""
    engine.use(PUBLIC)
    sent = sends.sends_table([*state.cached_sends, *state.new_sends])
    engine.create_view("sends", f"select * from {sent}")
    engine.use(INTERNAL, PUBLIC)
    if state.manifest == manifest.Manifest():
        pipeline.build(engine, parameters)
        return
    create_sends(engine, state)
    until = parameters.as_of if parameters.as_of_given else AS_OF_ALL
    cached.build(Inventory(engine, state, folder, until), parameters)


def _create_receipts(
    engine: Engine, state: CacheState, receipts: read.ReceiptFiles
) -> tuple[CacheState, list[Path]]:
    """Create ``receipts``: sealed ones where they are, unsealed ones read into memory.

    Opening many small files takes longer than reading them: they are read into memory too, once.

    Returns
    -------
    CacheState, list of path
        ``state`` without, and the files of ``receipts`` without those that are in memory.
    """
    files = state.new_files()
    many = len(files) > MANY_FILES and state.size(files) < LOADED_BYTES
    loaded = tuple(files) if many else ()
    in_memory = read.ReceiptFiles(loaded, receipts.journals)
    engine.create_table("unsealed", read.select_receipts(in_memory))
    left = sorted(set(receipts.sealed).difference(loaded))
    sealed = read.select_receipts(read.ReceiptFiles(tuple(left), ()))
    engine.use(PUBLIC)
    engine.create_view("receipts", f"{sealed} union all by name select * from {INTERNAL}.unsealed")
    engine.use(INTERNAL, PUBLIC)
    return (dataclasses.replace(state, new={}) if many else state), left


def newest(engine: Engine, state: CacheState) -> tuple[dt.datetime | None, int]:
    """The latest ``received_at``, and how many are more than a day ahead of the clock.

    Those do not count as the latest. That of cached days is in the manifest.

    Raises
    ------
    DamagedFile
        If one is infinite, or too early or late to compute with.
    """
    files = state.new_files()
    sealed = f"select received_at from {engine.receipts(files)} union all " if files else ""
    limit = f"timestamp '{now() + dt.timedelta(hours=AHEAD_HOURS)}'"
    beyond = "received_at < timestamp '0001-01-05' or received_at > timestamp '9999-12-27'"
    ((latest, ahead, unusable),) = engine.rows(
        f"select max(received_at) filter (where not ({beyond}) and received_at <= {limit}),"
        f" count(*) filter (where received_at > {limit}),"
        f" coalesce(bool_or({beyond}), false)"
        f" from ({sealed}select received_at from unsealed)"
    )
    if unusable:
        where = state.listing.data
        raise DamagedFile(f"{where}: a received_at beyond all times", "`dlr verify` names its file")
    cached_days = [state.manifest.received[day].newest for day in state.valid]
    return max(filter(None, [latest, *cached_days]), default=None), ahead


def now() -> dt.datetime:
    """This moment, naive UTC: the moment of a query where nothing was received."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
