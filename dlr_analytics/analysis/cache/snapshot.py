"""What is stored at one moment, as relations: the ground that every question stands on."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analysis.cache import manifest
from dlr_analytics.analysis.cache.build import put_together
from dlr_analytics.analysis.cache.fingerprint import basis
from dlr_analytics.analysis.cache.invalidation import Ground, open_sends
from dlr_analytics.analysis.cache.manifest import Held
from dlr_analytics.analysis.engines import duckdb as on_duckdb
from dlr_analytics.analysis.messages import networks, pipeline, vocabulary_tables
from dlr_analytics.errors import DamagedFile, UsageError
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, sends
from dlr_analytics.store.receipts import read
from dlr_analytics.store.receipts.listing import FileVanished, Listing, list_data
from dlr_analytics.store.sql import from_parquet

MANY_FILES: Final = 100
"""More open files than these are read into memory, if they are small."""

LOADED_BYTES: Final = 64 * 2**20
"""Of small files together: some million receipts, half a gigabyte in memory."""

_UNREAD: Final = (duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException)
"""What reading a file raises that is cut, damaged, or has another type of values."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Relations as of a moment, on a connection of their own.

    The connection has ``receipts``, ``sends``, ``networks``, ``mccs``, ``err_codes``,
    ``statuses``, ``aliases``, ``limits``, the one-row ``asked`` (``as_of``, …), ``messages`` with
    the contract's columns, and what goes with it (see :mod:`.messages`).

    ``as_of`` is naive UTC: what was asked for, else ``newest``, the latest ``received_at``, else
    now; there is no ``newest`` where there is no receipt.
    ``files`` are those that these relations still read when they are read; ``listing`` is what the
    data directory had; ``counts`` is what was counted so far, by statement.
    """

    connection: duckdb.DuckDBPyConnection
    as_of: dt.datetime
    newest: dt.datetime | None
    files: tuple[Path, ...]
    listing: Listing
    counts: dict[str, tuple[int, dt.datetime | None, dt.datetime | None]] = field(
        default_factory=dict
    )

    def count(self, statement: str) -> tuple[int, dt.datetime | None, dt.datetime | None]:
        """The row of a statement that counts messages; a report asks many things of the same."""
        if statement not in self.counts:
            ((total, first, last),) = self.connection.sql(statement).fetchall()
            self.counts[statement] = total, first, last
        return self.counts[statement]


def take(
    settings: Settings, as_of: dt.datetime | None = None, listing: Listing | None = None
) -> Snapshot:
    """Read what the data directory holds now.

    Parameters
    ----------
    settings : Settings
        Its ``data``, ``currency`` and ``client_ref_time`` count.
    as_of : datetime, optional
        Naive UTC: leaves out receipts received after it, and send records after it that have no
        receipt. By default the newest ``received_at`` of all, or now where there is none.
    listing : Listing, optional
        Of the data directory, from this moment, where it has been listed already.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a Parquet file does not read back.
    UsageError
        If it takes more memory than it may.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> take(Settings(data=folder)).connection.sql("from messages").fetchall()
    []
    """
    while True:
        connection = on_duckdb.connect(settings.memory)
        try:
            return _fill(connection, settings, as_of, listing or list_data(settings.data))
        except FileVanished:
            connection.close()
            listing = None
        except duckdb.Error as error:
            connection.close()
            raise damaged(settings.data, error) from None
        except BaseException:
            connection.close()
            raise


def damaged(data: Path, error: duckdb.Error) -> Exception:
    """The error to raise where our own statement met one: a file that does not read, or itself."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return UsageError("this takes more memory than it may", "give more: DLR_MEMORY, --memory")
    # Of a damaged page DuckDB raises what its reader does, as an error of no kind.
    unread = type(error) is duckdb.Error
    if not unread and not isinstance(error, _UNREAD):
        return error
    reason = str(error).partition("\n")[0]
    return DamagedFile(f"{data}: {reason}", "`dlr verify` names it: restore it, or move it away")


def _fill(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    as_of: dt.datetime | None,
    listing: Listing,
) -> Snapshot:
    engine = on_duckdb.OnDuckDB(connection)
    vocabulary_tables.create(engine)
    networks.create(connection, layout.user_networks(settings.data))
    folder = layout.messages(settings.data)
    known = manifest.read(folder, basis(settings))
    with tempfile.TemporaryDirectory(prefix="dlr-") as scratch:
        holdings = read.open_listing(listing, Path(scratch))
        held = manifest.hold(known, listing, holdings.sealed)
        sent = held.known_sends + held.new_sends
        try:
            held, left = _open_receipts(engine, held, holdings)
            open_sends(engine, held)
            engine.view("sends", f"select * from {sends.sends_table(sent)}")
            latest = newest(engine, held)
            moment = as_of or latest or now()
            _tell(engine, held, settings, moment, given=as_of is not None)
            files = (*left, *sent, *manifest.files_of(held.kept, folder))
            return Snapshot(connection, moment, latest, files, listing)
        except duckdb.Error as error:
            used = manifest.files_of(known, folder)
            if not all(path.exists() for path in (*holdings.sealed, *sent, *used)):
                raise FileVanished from error
            raise


def _tell(
    engine: on_duckdb.OnDuckDB, held: Held, settings: Settings, moment: dt.datetime, *, given: bool
) -> None:
    """Make ``messages`` and what goes with it, as of a moment, ``given`` or that of the data."""
    until = moment.date() if given else dt.date.max
    ground = Ground(engine, held, layout.messages(settings.data), until)
    pipeline.create(
        engine,
        pipeline.Terms(moment, given, settings.currency, settings.client_ref_time),
        partial(put_together, ground),
    )


def _open_receipts(
    engine: on_duckdb.OnDuckDB, held: Held, holdings: read.ReceiptFiles
) -> tuple[Held, list[Path]]:
    """Make ``receipts``: sealed ones where they lie, unsealed ones read into memory.

    Of many small files opening costs more than reading: they are read into memory too, once.

    Returns
    -------
    Held, list of path
        ``held`` without, and the files of ``receipts`` without those that are in memory.
    """
    files = held.open_files()
    many = len(files) > MANY_FILES and sum(path.stat().st_size for path in files) < LOADED_BYTES
    loaded = tuple(files) if many else ()
    engine.keep("unsealed", read.select_receipts(read.ReceiptFiles(loaded, holdings.journals)))
    left = sorted(set(holdings.sealed).difference(loaded))
    sealed = read.select_receipts(read.ReceiptFiles(tuple(left), ()))
    engine.view("receipts", f"{sealed} union all by name select * from unsealed")
    return (dataclasses.replace(held, open={}) if many else held), left


def newest(engine: on_duckdb.OnDuckDB, held: Held) -> dt.datetime | None:
    """The latest ``received_at``; of what is kept it is known without looking.

    Raises
    ------
    DamagedFile
        If one is infinite, or so early or late that nothing can be reckoned from it.
    """
    files = held.open_files()
    opened = f"select received_at from {from_parquet(files)} union all " if files else ""
    beyond = "received_at < timestamp '0001-01-05' or received_at > timestamp '9999-12-27'"
    ((newest, unusable),) = engine.rows(
        f"select max(received_at) filter (where not ({beyond})), coalesce(bool_or({beyond}), false)"
        f" from ({opened}select received_at from unsealed)"
    )
    if unusable:
        where = held.listing.data
        raise DamagedFile(f"{where}: a received_at beyond all times", "`dlr verify` names its file")
    known = [held.kept.received[day].newest for day in held.closed]
    return max(filter(None, [newest, *known]), default=None)


def now() -> dt.datetime:
    """This moment, naive UTC: what nothing received is told as of."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
