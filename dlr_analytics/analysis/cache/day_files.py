"""The files of a cached day: which rows each has.

The facts of its messages are for all readers. The others are narrow extracts, so that a question
about millions of messages reads little: hashes of keys to find the days of new receipts, the
receipts that are likely to be needed again, votes on offsets, and how long messages were pending.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from dlr_analytics.analysis.cache.inventory import OUTDATED, Inventory
from dlr_analytics.analysis.cache.manifest import CachedFile
from dlr_analytics.analysis.messages.parameters import INTERNAL, KEY_HASH, PUBLIC, key_of
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.store import layout


def collect_open_receipts(
    inventory: Inventory, days: Collection[dt.date], patched: set[dt.date]
) -> None:
    """Create ``open_receipts``: those of messages without a final status.

    Of messages first seen on some days, of which ``patched`` have stale or re-offset ones. The
    columns are those of receipts, and ``first_seen``.
    """
    engine = inventory.engine
    usable = inventory.usable_days.intersection(days)
    facts = inventory.current_facts(usable, patched)
    engine.create_table(
        "open_messages", f"select message_key, first_seen from ({facts}) where not final"
    )
    found = (
        inventory.new_receipts(),
        inventory.reloaded_receipts(),
        inventory.receipts_of("reoffset_messages"),
        inventory.open_receipts(usable, f"not in (select message_key from {OUTDATED})"),
    )
    receipts = " union all by name ".join(filter(None, found))
    engine.create_table(
        "open_receipts",
        f"select receipts.*, open_messages.first_seen from ({receipts}) as receipts"
        " inner join open_messages"
        f" on open_messages.message_key = {key_of('receipts.message_id')}",
    )
    engine.drop_table("open_messages")


def write_day(
    inventory: Inventory,
    day: dt.date,
    patched: set[dt.date],
    write: Callable[[CachedFile, dt.date, str], None],
) -> None:
    """Write the files of a day.

    ``write`` is given the function that names a file, the day, and the statement of its rows.
    """
    engine = inventory.engine
    current = inventory.current_facts(inventory.usable_days & {day}, patched)
    facts = f"select * from ({current}) where first_seen = date '{day}'"
    write(layout.cached_messages, day, f"{facts} order by message_key")
    receipts = f"select * exclude (first_seen) from open_receipts where first_seen = date '{day}'"
    write(layout.cached_open_receipts, day, f"{receipts} order by received_at")
    write(layout.cached_scts_votes, day, _votes(inventory, day))
    engine.use("day", INTERNAL, PUBLIC)
    engine.create_view("message_facts", facts)
    engine.create_table("mature_durations", statement("pipeline/mature_durations"))
    write(
        layout.cached_keys_and_durations,
        day,
        f"select {KEY_HASH} as key_hash, mature_durations.* exclude (message_key)"
        " from message_facts left join mature_durations using (message_key)"
        " order by channel, network_code, pending_us",
    )
    write(layout.cached_pending_durations, day, statement("pipeline/pending_durations"))
    engine.use(INTERNAL, PUBLIC)
    engine.drop_namespace("day")


def _votes(inventory: Inventory, day: dt.date) -> str:
    """The statement of the votes of a day's messages, cached ones and changes."""
    votes = f"select * from vote_changes where first_seen = date '{day}'"
    if day in inventory.usable_days:
        votes += f" union all by name select * from {inventory.votes([day])}"
    return (
        f"select * replace (cast(sum(votes) as bigint) as votes) from ({votes})"
        " group by all having sum(votes) <> 0"
    )
