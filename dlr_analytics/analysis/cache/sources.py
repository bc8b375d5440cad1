"""The inputs of the pipeline on an engine: vocabulary, networks and send records."""

from __future__ import annotations

import datetime as dt

from dlr_analytics.analysis.cache.state import CacheState
from dlr_analytics.analysis.cache.sums import Check, unchecked
from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages import networks, vocabulary_tables
from dlr_analytics.analysis.messages.parameters import INTERNAL, PUBLIC
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, sends
from dlr_analytics.store.receipts.files import LOCAL, Files


def create_inputs(engine: Engine, settings: Settings, files: Files = LOCAL) -> None:
    """Create the vocabulary's relations, ``networks`` and ``mccs``."""
    vocabulary_tables.create(engine)
    networks.create(engine, layout.user_networks(settings.data), files)
    engine.use(INTERNAL, PUBLIC)


def create_sends(
    engine: Engine, state: CacheState, until: dt.date = dt.date.max, check: Check = unchecked
) -> None:
    """Create ``new_sends``, those that the cache was not derived from.

    They end on the day ``until``, not included. Of a file that is in the manifest the records sent
    from the manifest's ``sends_until`` on are new: they were not due yet when the day was cached.
    ``check`` is called with the files.
    """
    since = dt.datetime.combine(state.manifest.sends_until, dt.time())
    later_files = state.sends_within(
        since, dt.datetime.combine(dt.date.max, dt.time.max), untimed=False
    )
    check([*later_files, *state.new_sends])
    later, new = (
        f"select * from {sends.sends_table(files)}"
        f" where (sent_at is null or sent_at < date '{until}')"
        for files in (later_files, state.new_sends)
    )
    engine.create_view("new_sends", f"{later} and sent_at >= timestamp '{since}' union all {new}")
