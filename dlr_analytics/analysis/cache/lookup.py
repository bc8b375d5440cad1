"""One message, told from its own receipts; of all others only what teaches the offset of scts."""

from __future__ import annotations

import datetime as dt
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import duckdb

from dlr_analytics.analysis.cache import manifest
from dlr_analytics.analysis.cache.build import put_votes_together
from dlr_analytics.analysis.cache.fingerprint import basis
from dlr_analytics.analysis.cache.invalidation import KEY, Ground, key_of, open_sends
from dlr_analytics.analysis.cache.manifest import Held
from dlr_analytics.analysis.cache.snapshot import Snapshot, damaged, newest, now
from dlr_analytics.analysis.engines import duckdb as on_duckdb
from dlr_analytics.analysis.messages import networks, pipeline, vocabulary_tables
from dlr_analytics.analysis.messages.pipeline import Terms, over, read_client_refs, statement
from dlr_analytics.errors import DamagedFile
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, sends
from dlr_analytics.store.receipts import read
from dlr_analytics.store.receipts.listing import FileVanished, Listing, list_data
from dlr_analytics.store.sql import from_parquet, literal


def take_single(
    settings: Settings, message_id: str, listing: Listing | None = None
) -> Snapshot | None:
    """A snapshot of one message only.

    Kept messages say on which days its receipts came, so that other days' files stay closed.

    Returns
    -------
    Snapshot or None
        Its ``receipts``, ``sends`` and ``messages`` hold what is of this message. None where that
        is not enough: nothing is kept, the message is pending, or a file does not read.
    """
    known = manifest.read(layout.messages(settings.data), basis(settings))
    if not known.received:
        return None
    connection = on_duckdb.connect(settings.memory)
    with ExitStack() as unless_told:
        unless_told.callback(connection.close)
        try:
            snapshot = _filled(connection, known, settings, message_id, listing)
        except FileVanished:
            return None  # the long way looks again
        except duckdb.Error as error:
            found = damaged(settings.data, error)
            if isinstance(found, DamagedFile):
                return None  # the long way says which
            raise found from None
        if snapshot is not None:
            unless_told.pop_all()
        return snapshot


def _filled(
    connection: duckdb.DuckDBPyConnection,
    known: manifest.Kept,
    settings: Settings,
    message_id: str,
    listing: Listing | None,
) -> Snapshot | None:
    """A snapshot of the message; None where it is pending."""
    listing = listing or list_data(settings.data)
    with tempfile.TemporaryDirectory(prefix="dlr-") as scratch:
        holdings = read.open_listing(listing, Path(scratch))
        held = manifest.hold(known, listing, holdings.sealed)
        engine = on_duckdb.OnDuckDB(connection)
        engine.keep("unsealed", read.select_receipts(read.ReceiptFiles((), holdings.journals)))
        latest = newest(engine, held)
        moment = latest or now()
        if _fill(engine, held, settings, message_id, moment):
            return None
        return Snapshot(connection, moment, latest, (), listing)


def _fill(
    engine: on_duckdb.OnDuckDB, held: Held, settings: Settings, message_id: str, moment: dt.datetime
) -> bool:
    """Make the relations of a snapshot; whether the message is pending, which others must tell."""
    key = key_of(literal(message_id))
    vocabulary_tables.create(engine)
    networks.create(engine.connection, layout.user_networks(settings.data))
    ground = Ground(engine, held, layout.messages(settings.data))
    engine.keep("receipts", f"select * from ({_receipts(ground, key)})")
    open_sends(engine, held)
    logged = sends.sends_table(held.known_sends + held.new_sends)
    engine.keep("sends", f"select * from {logged} where {KEY} = {key}")
    told = Terms(moment, currency=settings.currency, client_ref_time=settings.client_ref_time)
    pipeline.create(engine, told, partial(_measure, ground))
    return engine.rows("select 1 from messages where outcome = 'pending'") != []


def _measure(ground: Ground, asked: Terms) -> None:
    """Make ``settled``, ``recent`` and ``lasted`` of the one message."""
    engine = ground.engine
    engine.view("receipts_normalized", statement("pipeline/receipts_normalized"))
    engine.keep("receipts_collapsed", statement("pipeline/receipts_collapsed"))
    networks_of_it = "select network_code from receipts_collapsed"
    put_votes_together(ground, f"network_code in ({networks_of_it})")
    engine.keep("sends_collapsed", statement("pipeline/sends_collapsed"))
    read_client_refs(engine, asked.client_ref_time, "receipts_collapsed", "sends_collapsed")
    engine.keep("messages_joined", statement("pipeline/messages_joined"))
    engine.keep("receipt_flaws", statement("pipeline/receipt_flaws"))
    engine.keep("recent_facts", statement("pipeline/message_facts"))
    engine.view("settled_facts", "select * from recent_facts where false")
    engine.keep(
        "pending_durations",
        over("pipeline/pending_durations", message_facts="select * from recent_facts"),
    )


def _receipts(ground: Ground, key: str) -> str:
    """The statement that selects the message's receipts."""
    days = ground.held.kept.days
    found = [f"select * from ({ground.opened()}) where {KEY} = {key}"]
    if days:
        spans = ground.engine.rows(
            "select first_seen, cast(last_known_at as date)"
            f" from {ground.rows(days)} where message_key = {key} and receipts > 0"
        )
        closed = ground.closed_files(spans)
        found += [f"select * from {from_parquet(closed)} where {KEY} = {key}"] if closed else []
    return " union all by name ".join(found)
