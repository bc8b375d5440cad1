"""What is stored at one moment, as relations: the ground that every question stands on."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dlr_analytics.analyse import kept, messages, networks, on_duckdb, terms, together
from dlr_analytics.analyse.kept import Held
from dlr_analytics.errors import DamagedFile
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, read, sends
from dlr_analytics.store.sql import from_parquet


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Relations as of a moment, on a connection of their own.

    The connection has ``receipts``, ``sends``, ``networks``, ``mccs``, ``err_codes``,
    ``statuses``, ``aliases``, ``limits``, the one-row ``asked`` (``as_of``, …), the table
    ``messages`` with the contract's columns, and ``foresight`` (see :mod:`.messages`).

    ``as_of`` is naive UTC: what was asked for, else the newest ``received_at``, else now.
    ``files`` are those that ``receipts`` and ``sends`` still read when they are read.
    """

    connection: duckdb.DuckDBPyConnection
    as_of: dt.datetime
    files: tuple[Path, ...]


def take(settings: Settings, as_of: dt.datetime | None = None) -> Snapshot:
    """Read what the data directory holds now.

    Parameters
    ----------
    settings : Settings
        Its ``data``, ``currency`` and ``client_ref_time`` count.
    as_of : datetime, optional
        Naive UTC: leaves out receipts received after it, and send records after it that have no
        receipt. By default the newest ``received_at`` of all, or now where there is none.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a Parquet file does not read back.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> take(Settings(data=folder)).connection.sql("from messages").fetchall()
    []
    """
    while True:
        connection = on_duckdb.connect()
        try:
            return _fill(connection, settings, as_of)
        except _FileVanished:
            connection.close()  # compacted since it was listed: list again
        except BaseException:
            connection.close()
            raise


class _FileVanished(Exception):
    """A file that was listed is gone."""


def _fill(
    connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: dt.datetime | None
) -> Snapshot:
    engine = on_duckdb.OnDuckDB(connection)
    terms.create(engine)
    networks.create(connection, layout.own_networks(settings.data))
    folder = layout.messages(settings.data)
    kept_now = kept.read(folder)
    sealed = _open_receipts(engine, settings.data)
    listed = sealed + _open_sends(engine, settings.data)
    try:
        held = kept.hold(kept_now, sealed, layout.receipts(settings.data))
        moment = as_of or _newest(engine, held) or dt.datetime.now(dt.UTC).replace(tzinfo=None)
        until = dt.date.max if as_of is None else moment.date()
        messages.create(
            engine,
            messages.Terms(moment, as_of is not None, settings.currency, settings.client_ref_time),
            lambda engine: together.put_together(engine, held, folder, "unsealed", until),
        )
    except FileNotFoundError as error:
        raise _FileVanished from error
    except duckdb.Error as error:
        if not all(path.exists() for path in [*listed, *together.files(held, folder)]):
            raise _FileVanished from error
        if isinstance(error, duckdb.IOException | duckdb.InvalidInputException):
            reason = str(error).partition("\n")[0]
            raise DamagedFile(f"{settings.data}: {reason}", "`dlr verify` names it") from None
        raise
    return Snapshot(connection, moment, tuple(listed))


def _open_receipts(engine: on_duckdb.OnDuckDB, data: Path) -> list[Path]:
    """Make ``receipts``: sealed ones where they lie, unsealed ones read into memory."""
    with tempfile.TemporaryDirectory(prefix="dlr-") as scratch:
        holdings = read.look(data, Path(scratch))
        engine.keep("unsealed", read.select(read.Holdings((), holdings.journals)))
    sealed = read.select(read.Holdings(holdings.sealed, ()))
    engine.view("receipts", f"{sealed} union all by name select * from unsealed")
    return list(holdings.sealed)


def _open_sends(engine: on_duckdb.OnDuckDB, data: Path) -> list[Path]:
    """Make ``sends``."""
    files = sends.stored(data)
    if files:
        engine.view("sends", f"select * from {from_parquet(files, sends.COLUMNS)}")
    else:
        engine.offer("sends", sends.COLUMNS, [])
    return files


def _newest(engine: on_duckdb.OnDuckDB, held: Held) -> dt.datetime | None:
    """The latest ``received_at``; of what is kept it is known without looking."""
    opened = f"select received_at from {from_parquet(held.open)} union all " if held.open else ""
    ((newest,),) = engine.rows(
        f"select max(received_at) from ({opened}select received_at from unsealed)"
    )
    known = [held.kept.received[day].newest for day in held.closed]
    return max(filter(None, [newest, *known]), default=None)
