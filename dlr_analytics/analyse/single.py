"""One message, told from its own receipts; of all others only what teaches the offset of scts."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analyse import kept, messages, networks, on_duckdb, terms
from dlr_analytics.analyse.engine import Engine
from dlr_analytics.analyse.kept import Held
from dlr_analytics.analyse.messages import statement
from dlr_analytics.analyse.snapshot import Snapshot, newest
from dlr_analytics.analyse.together import KEY, put_votes_together
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, read, sends
from dlr_analytics.store.sql import from_files, from_parquet, literal

_TRIMMED: Final = r"lower(trim({}, e' \t\n\r'))"


def take_single(settings: Settings, message_id: str) -> Snapshot | None:
    """A snapshot as :func:`~dlr_analytics.analyse.snapshot.take` gives, but of one message only.

    Kept messages say on which days its receipts came, so that other days' files stay closed.

    Returns
    -------
    Snapshot or None
        Its ``receipts``, ``sends`` and ``messages`` hold what is of this message. None where that
        is not enough: nothing is kept, the message is pending, or a file does not read.
    """
    known = kept.read(layout.messages(settings.data))
    if not known.received:
        return None
    connection = on_duckdb.connect()
    try:
        with tempfile.TemporaryDirectory(prefix="dlr-") as scratch:
            holdings = read.look(settings.data, Path(scratch))
            held = kept.hold(known, holdings.sealed, layout.receipts(settings.data))
            engine = on_duckdb.OnDuckDB(connection)
            engine.keep("unsealed", read.select(read.Holdings((), holdings.journals)))
            moment = newest(engine, held) or dt.datetime.now(dt.UTC).replace(tzinfo=None)
            pending = _fill(engine, held, settings, message_id, moment)
    except (duckdb.Error, FileNotFoundError):
        pending = True  # vanished or damaged: the long way looks again, or says which
    if pending:
        connection.close()
        return None
    return Snapshot(connection, moment, ())


def _fill(
    engine: on_duckdb.OnDuckDB, held: Held, settings: Settings, message_id: str, moment: dt.datetime
) -> bool:
    """Make the relations of a snapshot; whether the message is pending, which others must tell."""
    folder = layout.messages(settings.data)
    key = _TRIMMED.format(literal(message_id))
    terms.create(engine)
    networks.create(engine.connection, layout.own_networks(settings.data))
    engine.keep("receipts", f"select * from ({_receipts(engine, held, folder, key)})")
    _keep_sends(engine, sends.stored(settings.data), key)

    def together(engine: Engine) -> None:
        engine.keep("collapsed", statement("collapse"))
        networks_of_it = "select network_code from collapsed"
        put_votes_together(engine, held, folder, "unsealed", f"network_code in ({networks_of_it})")

    told = messages.Terms(
        moment, currency=settings.currency, client_ref_time=settings.client_ref_time
    )
    messages.create(engine, told, together)
    return engine.rows("select 1 from messages where outcome = 'pending'") != []


def _receipts(engine: on_duckdb.OnDuckDB, held: Held, folder: Path, key: str) -> str:
    """The statement that selects the message's receipts."""
    files = held.open_files()
    if held.kept.first_seen:
        days = engine.rows(
            "select cast(first_seen_at as date), cast(last_seen_at as date) from "
            + from_files(
                layout.kept_messages(folder, day, one.batch)
                for day, one in held.kept.first_seen.items()
            )
            + f" where message_key = {key}"
        )
        for first, last in days:
            files += [f for day, some in held.closed.items() if first <= day <= last for f in some]
    sealed = f"select * from {from_parquet(files)} union all by name " if files else ""
    return f"select * from ({sealed}select * from unsealed) where {KEY} = {key}"


def _keep_sends(engine: on_duckdb.OnDuckDB, files: list[Path], key: str) -> None:
    if files:
        stored = from_parquet(files, sends.COLUMNS)
        engine.keep("sends", f"select * from {stored} where {KEY} = {key}")
    else:
        engine.offer("sends", sends.COLUMNS, [])
