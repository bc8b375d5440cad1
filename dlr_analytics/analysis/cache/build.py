"""Builds ``messages`` from the cache and from what has changed since.

The steps are those of :mod:`dlr_analytics.analysis.messages.pipeline`, over the receipts and send
records of stale messages only; the result is the same as of all receipts and send records, row by
row, whatever arrived in which order. In turn:

1. find the stale messages, and reload their cached receipts (namespace ``reload``);
2. withdraw their cached votes on offsets: the same statement gives the votes of the receipts that
   were cached, which are counted negatively;
3. collapse new and reloaded receipts together (namespace ``new``);
4. sum the cached votes, the withdrawn and the new ones, and learn the offsets again near the hours
   whose votes have changed (:mod:`.offsets`);
5. find the messages whose offset has changed, and derive them too (namespace ``reoffset``);
6. combine: cached facts except the outdated ones, and the recomputed facts. Days on which every
   message is mature have no pending ones; their durations and totals are cached too.

The writer of the cache does 1 to 5 and stores the result; a query does all six.
"""

from __future__ import annotations

import datetime as dt

from dlr_analytics.analysis.cache.inventory import AS_OF_ALL, Inventory
from dlr_analytics.analysis.cache.manifest import CachedDay, CachedFile
from dlr_analytics.analysis.cache.offsets import find_changed, relearn
from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.analysis.messages.parameters import (
    INTERNAL,
    PUBLIC,
    DerivationParameters,
    create_parameters,
)
from dlr_analytics.analysis.messages.pipeline import (
    Stage,
    collapse,
    create_facts,
    run,
    split,
    statement,
    union,
)
from dlr_analytics.store import layout


def build(inventory: Inventory, parameters: DerivationParameters) -> None:
    """Derive ``messages`` from the cache where it is valid, else from receipts."""
    recompute(inventory, parameters)
    _combine(inventory, parameters)
    pipeline.publish(inventory.engine, parameters)


def recompute(inventory: Inventory, parameters: DerivationParameters, order: str = "") -> None:
    """Derive what is not cached, or not any more.

    Creates ``recomputed_facts``; ``stale_messages`` and ``reoffset_messages``, whose cached facts
    are replaced; ``scts_offsets``; and ``vote_changes``, what has to be added to the cached votes.
    ``order`` is an ``order by`` clause for the facts of each batch.
    """
    engine = inventory.engine
    engine.use(INTERNAL, PUBLIC)
    create_parameters(engine, parameters)
    inventory.find_stale_messages()
    _reload(inventory)
    batches = _collapse_new(inventory, parameters)
    _learn_offsets(inventory, batches, parameters)
    inventory.find_reoffset_messages()
    batches += _collapse_reoffset(inventory, parameters)
    create_facts(engine, batches, "recomputed_facts", order)


def _reload(inventory: Inventory) -> None:
    """Create ``votes_withdrawn`` and ``receipts_normalized`` of cached receipts."""
    engine = inventory.engine
    receipts = inventory.reloaded_receipts()
    engine.use("reload", INTERNAL, PUBLIC)
    # All votes were cached: those of receipts after the moment of the query are withdrawn too.
    forever = f"select * replace (timestamp '{AS_OF_ALL}' as as_of) from {INTERNAL}.parameters"
    engine.create_view("parameters", forever)
    engine.create_view("receipts", receipts)
    engine.create_table("receipts_normalized", statement("pipeline/receipts_normalized"))
    engine.create_view("message_days", "select message_key, first_seen from stale_messages")
    engine.use(INTERNAL, "reload", PUBLIC)
    votes = statement("offsets/scts_votes_by_day")
    withdrawn = f"select * replace (-votes as votes) from ({votes})"
    engine.create_table("votes_withdrawn", withdrawn)


def _collapse_new(inventory: Inventory, parameters: DerivationParameters) -> list[str]:
    """Collapse new and reloaded receipts, and drop those that were reloaded."""
    engine = inventory.engine
    receipts, sends = inventory.new_receipts(), inventory.reloaded_sends()
    engine.use("new", INTERNAL, PUBLIC)
    engine.create_view("receipts", receipts)
    engine.create_view("sends", sends)
    new = f"select * from ({statement('pipeline/receipts_normalized')})"
    reloaded = (
        "select reloaded.* from reload.receipts_normalized as reloaded cross join parameters"
        " where reloaded.received_at <= parameters.as_of"
    )
    engine.create_view("receipts_normalized", f"{new} union all {reloaded}")
    ((count,),) = engine.rows(
        "select (select count(*) from receipts) + (select count(*) from reload.receipts_normalized)"
    )
    batches = split(engine, "new", count)
    engine.drop_namespace("reload")
    collapse(engine, batches, parameters)
    engine.drop_namespace("new")
    return batches


def _collapse_reoffset(inventory: Inventory, parameters: DerivationParameters) -> list[str]:
    """Collapse the receipts of messages whose offset has changed, if there are any."""
    engine = inventory.engine
    engine.use(INTERNAL, PUBLIC)
    receipts = inventory.receipts_of("reoffset_messages")
    sends = inventory.sends_of("reoffset_messages")
    if not receipts:
        return []
    engine.use("reoffset", INTERNAL, PUBLIC)
    engine.create_view("receipts", receipts)
    engine.create_view("sends", sends)
    engine.create_table("receipts_normalized", statement("pipeline/receipts_normalized"))
    ((count,),) = engine.rows("select count(*) from receipts_normalized")
    batches = collapse(engine, split(engine, "reoffset", count), parameters)
    engine.drop_namespace("reoffset")
    return batches


def _learn_offsets(
    inventory: Inventory, batches: list[str], parameters: DerivationParameters
) -> None:
    """Create ``vote_changes``, ``scts_offsets`` of all votes, ``changed_offsets``."""
    engine, manifest = inventory.engine, inventory.state.manifest
    engine.use(INTERNAL, PUBLIC)
    changes = union("scts_votes_by_day", batches)
    engine.create_table("vote_changes", f"{changes} union all select * from votes_withdrawn")
    engine.drop_table("votes_withdrawn")
    votes = "select * from vote_changes"
    if cached := inventory.votes(inventory.usable_days):
        votes += f" union all by name select * from {cached}"
    if manifest.offsets and not inventory.stale_days:
        relearn(engine, parameters, votes, inventory.offsets())
        return
    engine.create_view("scts_votes_by_day", votes)
    run(Stage.OFFSETS, engine, parameters)
    find_changed(
        engine, "scts_offsets", inventory.offsets() if manifest.offsets else "scts_offsets"
    )


def _combine(inventory: Inventory, parameters: DerivationParameters) -> None:
    """Combine cached and recomputed facts, durations and totals of all messages."""
    engine, usable = inventory.engine, inventory.usable_days
    patched = inventory.patched_days()
    cached = inventory.state.manifest.days
    settled = {day for day in usable if cached[day].is_settled(parameters.mature_before)}
    engine.create_view("settled_facts", inventory.cached_facts(settled, patched))
    engine.create_view("recent_facts", inventory.current_facts(usable - settled, patched))
    engine.create_view(
        "message_facts", "select * from settled_facts union all select * from recent_facts"
    )
    counted = settled - patched
    rest = inventory.current_facts(usable - counted, patched)
    engine.use("rest", INTERNAL, PUBLIC)
    engine.create_view("message_facts", rest)
    run(Stage.TOTALS, engine, parameters)
    engine.use(INTERNAL, PUBLIC)
    _add_cached_durations(inventory, rest, counted)
    _add_cached_totals(inventory, [cached[day] for day in counted])
    engine.drop_namespace("rest")


def _add_cached_durations(inventory: Inventory, rest: str, days: set[dt.date]) -> None:
    """Create both relations of durations: cached ones, and those of all other facts."""

    def with_cached(rows: str, columns: str, name: CachedFile) -> str:
        found = f"select {columns} from {rows}"
        if cached := inventory.rows(days, name):
            found += f" union all select {columns} from {cached}"
        return found

    engine = inventory.engine
    # Not a view of rest.mature_durations, since that namespace is dropped.
    exact = with_cached(
        f"(with message_facts as ({rest}) {statement('pipeline/mature_durations')})",
        "channel, network_code, pending_us, delivered",
        layout.cached_keys_and_durations,
    )
    engine.create_view("mature_durations", exact)
    counted = with_cached(
        "rest.pending_durations",
        "channel, network_code, pending_s, messages, delivered",
        layout.cached_pending_durations,
    )
    engine.create_table(
        "pending_durations",
        "select channel, network_code, pending_s, cast(sum(messages) as bigint) as messages,"
        f" cast(sum(delivered) as bigint) as delivered from ({counted}) group by all",
    )


def _add_cached_totals(inventory: Inventory, days: list[CachedDay]) -> None:
    engine = inventory.engine
    columns = {
        "channel": "VARCHAR",
        "messages": "BIGINT",
        "first": "TIMESTAMP",
        "last": "TIMESTAMP",
    }
    totals = [(name, *total) for day in days for name, total in day.totals.items()]
    engine.create_values("cached_totals", columns, totals)
    engine.create_table(
        "message_totals",
        "select channel, cast(sum(messages) as bigint) as messages, min(first) as first,"
        " max(last) as last"
        " from (select * from cached_totals union all select * from rest.message_totals)"
        " group by channel",
    )
    engine.drop_table("cached_totals")
