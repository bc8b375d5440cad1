"""The time of the oldest message, without deriving all messages.

The manifest has the first ``message_time`` of each cached day. Of files that are not cached, the
receipts and send records with the earliest times are candidates: no ``message_time`` is before all
times of its message. Their messages are derived, from all of their records. If the earliest of
these is later than the last candidate, others may be older: then there are ten times as many
candidates. A time in ``client_ref`` may be before all others, so where the user's setting names a
pattern, all messages that are not cached are candidates.

A record that is not cached may also give the oldest cached message a later time. If there is one,
nothing is taken from the manifest.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dlr_analytics.analysis.cache import manifest
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.analysis.cache.places import lister
from dlr_analytics.analysis.cache.snapshot import now, user_error
from dlr_analytics.analysis.cache.sources import create_inputs
from dlr_analytics.analysis.cache.state import CacheState, compare
from dlr_analytics.analysis.engines.duckdb import DuckDBEngine, connect, engine_errors
from dlr_analytics.analysis.engines.protocol import Engine, EngineError
from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.analysis.messages.parameters import (
    INTERNAL,
    KEY,
    PUBLIC,
    DerivationParameters,
)
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts import read
from dlr_analytics.store.receipts.files import Files
from dlr_analytics.store.receipts.listing import FileVanished
from dlr_analytics.store.sends import sends_table
from dlr_analytics.store.spill import scratch_folder, spill_folder

_NAMESPACE: Final = "oldest"
_CANDIDATES: Final = 1_000
_ALL: Final = 2**62


def oldest_message(settings: Settings) -> dt.datetime | None:
    """The ``message_time`` of the oldest message, naive UTC; None without messages.

    Parameters
    ----------
    settings : Settings
        Its ``data``, ``currency``, ``client_ref_time`` and ``memory`` count.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    DamagedFile
        If a file cannot be read.
    BucketError
        If it is in a bucket that cannot be read.

    Examples
    --------
    >>> oldest_message(Settings(data=Path("data/sample")))
    datetime.datetime(2026, 10, 20, 0, 0, 6, 302000)
    """
    while True:
        with scratch_folder(settings.data) as scratch, contextlib.suppress(FileVanished):
            return _oldest(settings, scratch)


def _oldest(settings: Settings, scratch: Path) -> dt.datetime | None:
    listing = lister(settings.data)()
    files = listing.files
    receipts = read.open_listing(listing, scratch)
    known = manifest.read(layout.messages(settings.data), fingerprint(settings, files), files)
    state = compare(known, listing, receipts.sealed)
    if state.changed or not state.manifest.days:  # without days, send records alone are in none
        state = compare(manifest.Manifest(), listing, receipts.sealed)
    cached = _oldest_cached(state)
    if cached and _may_move(settings, state, receipts, cached, files):
        state, cached = compare(manifest.Manifest(), listing, receipts.sealed), None
    number = _ALL if settings.client_ref_time else _CANDIDATES
    while True:
        try:
            last, count, derived = _try(settings, state, receipts, number, cached, files)
        except EngineError as error:
            if files.still_has((*receipts.sealed, *listing.paths(listing.sends))):
                raise user_error(settings.data, error) from None
            raise FileVanished from error
        if count < number or (derived is not None and last is not None and derived <= last):
            return min(filter(None, (cached, derived)), default=None)
        number *= 10


def _oldest_cached(state: CacheState) -> dt.datetime | None:
    """The first ``message_time`` of the cached days."""
    totals = (total for day in state.manifest.days.values() for total in day.totals.values())
    return min((total.first for total in totals if total.first), default=None)


def _may_move(
    settings: Settings,
    state: CacheState,
    receipts: read.ReceiptFiles,
    cached: dt.datetime,
    files: Files,
) -> bool:
    """Whether a record that is not joined yet is of the oldest cached message."""
    new = read.ReceiptFiles(tuple(state.new_files()), receipts.journals)
    joined_until = dt.datetime.combine(state.manifest.sends_until, dt.time())
    late = [p for p, span in state.cached_sends.items() if span.last and span.last >= joined_until]
    if not (new.sealed or new.journals or state.new_sends or late):
        return False
    messages = layout.messages(settings.data)
    of_day = [
        layout.cached_messages(messages, first_seen, day.batch)
        for first_seen, day in state.manifest.days.items()
        if any(total.first == cached for total in day.totals.values())
    ]
    with _engine(settings, files) as engine:
        records = (
            f"select {KEY} as message_key from ({read.select_receipts(new)})"
            f" union all select {KEY} from {sends_table([*state.new_sends, *late])}"
        )
        found = engine.rows(
            f"select 1 from {engine.cached(of_day)} where message_time = timestamp '{cached}'"
            f" and message_key in (select message_key from ({records})) limit 1"
        )
        return bool(found)


def _try(
    settings: Settings,
    state: CacheState,
    receipts: read.ReceiptFiles,
    number: int,
    before: dt.datetime | None,
    files: Files,
) -> tuple[dt.datetime | None, int, dt.datetime | None]:
    """The last of so many candidates, their number, and the oldest of their messages."""
    with _engine(settings, files) as engine:
        last, count = _create_candidates(engine, state, receipts, number, before)
        return last, count, _derive(engine, settings, state, receipts) if count else None


@contextlib.contextmanager
def _engine(settings: Settings, files: Files) -> Iterator[DuckDBEngine]:
    """An engine with the inputs of the pipeline, which ``files`` reads."""
    connection = connect(settings.memory, spill_folder(settings.data))
    with contextlib.closing(connection), engine_errors():
        files.attach(connection)
        engine = DuckDBEngine(connection)
        create_inputs(engine, settings, files)
        yield engine


def _create_candidates(
    engine: Engine,
    state: CacheState,
    receipts: read.ReceiptFiles,
    number: int,
    before: dt.datetime | None,
) -> tuple[dt.datetime | None, int]:
    """Create the table of the earliest times; return the last one, and their number."""
    engine.use(_NAMESPACE, INTERNAL, PUBLIC)
    new = read.ReceiptFiles(tuple(state.new_files()), receipts.journals)
    engine.create_view("receipts", read.select_receipts(new))
    engine.create_view("sends", f"select * from {sends_table(state.new_sends)}")
    earlier = f" and moment < timestamp '{before}'" if before and number < _ALL else ""
    engine.create_table(
        "candidates",
        f"select {KEY} as message_key, moment from ({pipeline.statement('pipeline/moments')})"
        f" where message_id is not null{earlier} order by moment limit {number}",
    )
    ((last, count),) = engine.rows("select max(moment), count(*) from candidates")
    return last, count


def _derive(
    engine: Engine, settings: Settings, state: CacheState, receipts: read.ReceiptFiles
) -> dt.datetime | None:
    """The earliest ``message_time`` of the candidates' messages."""
    engine.use(PUBLIC)
    wanted = f"{KEY} in (select message_key from {_NAMESPACE}.candidates)"
    sent = sends_table([*state.cached_sends, *state.new_sends])
    engine.create_table(
        "receipts", f"select * from ({read.select_receipts(receipts)}) where {wanted}"
    )
    engine.create_table("sends", f"select * from {sent} where {wanted}")
    parameters = DerivationParameters(
        now(), currency=settings.currency, client_ref_time=settings.client_ref_time
    )
    pipeline.build(engine, parameters)
    ((oldest,),) = engine.rows("select min(message_time) from messages")
    return oldest  # type: ignore[no-any-return]
