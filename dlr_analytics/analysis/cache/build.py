"""Makes ``measured``: anew from receipts and sends, or as kept where nothing has changed.

Whatever came or changed since names messages, and these are put together anew from all that is
there of them; so the rows are those that all receipts and sends would have given. It is done in
parts of so many receipts, since their sorting cannot be written aside.
"""

from __future__ import annotations

from typing import Final

from dlr_analytics.analysis.cache.invalidation import KEY, OFFSET_KEY, Ground
from dlr_analytics.analysis.cache.manifest import Day
from dlr_analytics.analysis.engines.protocol import Engine
from dlr_analytics.analysis.messages.pipeline import Terms, dated, over, read_client_refs, statement
from dlr_analytics.store import layout
from dlr_analytics.store.sql import from_files

RECEIPTS_AT_ONCE: Final = 1_000_000
"""Of one part: putting them together takes most of a gigabyte."""

VOTE: Final = (*OFFSET_KEY, "on_beat")
"""The columns of ``sql/offsets/scts_votes.sql``, but for the day and the number."""


def put_together(ground: Ground, terms: Terms, order: str = "") -> None:
    """Make ``measured`` and what goes with it, for the pipeline.

    ``order`` is that of the rows made anew, by part: ``order by …``, where it matters.

    Notes
    -----
    Of what is made on the way there remain ``recomputed_facts``, rows not used as kept;
    ``touched`` and ``moved``, the messages of used days whose rows are not; ``vote_changes``, what
    that changes of kept votes; and ``scts_offsets``.
    """
    engine = ground.engine
    ground.touch()
    _hear_again(ground)
    parts = _tell(engine, "anew", ground.opened(), ground.changed_sends(), terms)
    _vote(ground, [f"select * from scts_votes_{part}" for part in parts])
    _learn_offsets(ground)
    ground.move()
    moved = ground.receipts_of("reoffset_messages")
    if moved:
        engine.keep("receipts_reloaded", over("pipeline/receipts_normalized", receipts=moved))
        nothing = f"{ground.opened()} limit 0"
        parts += _tell(
            engine, "reoffset_messages", nothing, ground.sends_of("reoffset_messages"), terms
        )
    _measure(engine, parts, order)
    _show(ground, terms)


def put_votes_together(ground: Ground, condition: str) -> None:
    """Make ``scts_offsets`` alone, of those votes that a condition selects."""
    ground.touch()
    _hear_again(ground)
    heard = over("pipeline/receipts_normalized", receipts=ground.opened())
    ground.engine.keep("receipts_all", f"{heard} union all select * from receipts_reloaded")
    days = "select distinct message_key, current_date as first_seen from receipts_all"
    votes = over(
        "offsets/scts_votes", receipts_normalized="select * from receipts_all", message_days=days
    )
    _vote(ground, [votes], condition)
    _learn_offsets(ground)


def _hear_again(ground: Ground) -> None:
    """Make ``receipts_reloaded`` and ``votes_withdrawn``, the cached votes of stale messages."""
    ground.engine.keep(
        "receipts_reloaded", over("pipeline/receipts_normalized", receipts=ground.closed_receipts())
    )
    before = over(
        "offsets/scts_votes",
        receipts_normalized="select * from receipts_reloaded",
        message_days="select * from stale_messages",
    )
    ground.engine.keep("votes_withdrawn", f"select * replace (-votes as votes) from ({before})")


def _tell(engine: Engine, batch: str, opened: str, sends: str, terms: Terms) -> list[str]:
    """Put messages together, all but what is measured: ``told``, ``shown`` and ``votes`` by part.

    Of ``receipts_reloaded`` (dropped), the receipts that ``opened`` selects, and of ``sends``.

    Returns
    -------
    list of str
        The names of the parts, with which the names of these relations end.
    """
    opened_heard = over("pipeline/receipts_normalized", receipts=opened)
    heard = f"{opened_heard} union all select * from receipts_reloaded"
    counts = f"(select count(*) from ({opened})) + (select count(*) from receipts_reloaded)"
    ((number,),) = engine.rows(f"select 1 + ({counts}) // {RECEIPTS_AT_ONCE}")
    # As tables, of which the engine knows the size: it sorts in a third of the memory then. In
    # order of their lots, so that of the whole each part reads no more than its own.
    engine.keep("receipts_batched", _in_lots(heard, "message_key", number))
    engine.drop("receipts_reloaded")
    engine.keep("sends_batched", _in_lots(sends, KEY, number))
    for lot in range(number):
        engine.view("receipts_normalized", f"select * from receipts_batched where lot = {lot}")
        of_it = f"select * exclude (lot) from sends_batched where lot = {lot}"
        _tell_part(engine, f"{batch}_{lot}", of_it, terms)
    engine.drop("receipts_batched")
    engine.drop("sends_batched")
    return [f"{batch}_{lot}" for lot in range(number)]


def _in_lots(rows: str, key: str, number: int) -> str:
    """The statement that sorts rows into so many lots, all of a message into one."""
    if number == 1:
        return f"select *, 0 as lot from ({rows})"
    return f"select *, hash({key}) % {number} as lot from ({rows}) order by lot"


def _tell_part(engine: Engine, part: str, sends: str, terms: Terms) -> None:
    engine.keep("receipts_collapsed", statement("pipeline/receipts_collapsed"))
    engine.keep(
        f"scts_votes_{part}", over("offsets/scts_votes", message_days=dated("receipts_collapsed"))
    )
    engine.keep("sends_collapsed", over("pipeline/sends_collapsed", sends=sends))
    read_client_refs(engine, terms.client_ref_time, "receipts_collapsed", "sends_collapsed")
    engine.keep(f"messages_joined_{part}", statement("pipeline/messages_joined"))
    engine.keep(
        f"receipt_flaws_{part}",
        over("pipeline/receipt_flaws", messages_joined=f"select * from messages_joined_{part}"),
    )
    for made in ("receipts_collapsed", "sends_collapsed", "client_ref_times"):
        engine.drop(made)


def _vote(ground: Ground, votes: list[str], condition: str = "true") -> None:
    """Make ``vote_changes``, votes less what was kept of their messages, and ``scts_votes``."""
    engine = ground.engine
    votes = [*votes, "select * from votes_withdrawn"]
    engine.keep("vote_changes", " union all ".join(votes))
    kept = ground.rows(ground.used, layout.cached_scts_votes)
    listed = f"select * from vote_changes{f' union all by name from {kept}' if kept else ''}"
    engine.keep("scts_votes", summed(f"select * from ({listed}) where {condition}", *VOTE))


def summed(votes: str, *by: str) -> str:
    """The statement that adds up votes, those that are taken back too."""
    columns = ", ".join(by)
    return (
        f"select {columns}, cast(sum(votes) as bigint) as votes from ({votes})"
        f" group by {columns} having sum(votes) <> 0"
    )


def _learn_offsets(ground: Ground) -> None:
    engine, kept = ground.engine, ground.held.kept
    as_kept = not ground.stale and not engine.rows("select 1 from vote_changes limit 1")
    if kept.offsets and as_kept:
        offsets = from_files([layout.cached_scts_offsets(ground.folder, kept.offsets)])
        engine.view("scts_offsets", f"select * from {offsets}")
        return
    engine.keep("scts_claims", statement("offsets/scts_claims"))
    engine.keep("scts_offsets", statement("offsets/scts_offsets"))
    engine.drop("scts_claims")


def _measure(engine: Engine, parts: list[str], order: str) -> None:
    # One table: of many, sorting all their rows holds more memory than it may.
    make = engine.keep
    for part in parts:
        told, shown = f"messages_joined_{part}", f"receipt_flaws_{part}"
        measured = over(
            "pipeline/message_facts",
            messages_joined=f"select * from {told}",
            receipt_flaws=f"select * from {shown}",
        )
        make("recomputed_facts", f"{measured} {order}")
        engine.drop(told)
        engine.drop(shown)
        make = engine.add


def _show(ground: Ground, terms: Terms) -> None:
    """Make ``settled``, ``recent``, ``lasted`` and ``whole`` of what is kept and what was made."""
    engine, mixed, used = ground.engine, ground.mixed(), ground.used
    old = {day for day in used if _is_mature(ground.held.kept.days[day], terms)}
    engine.view("settled_facts", ground.rows_as_kept(old, mixed))
    engine.view("recent_facts", ground.rows_now(used - old, mixed))
    known = old - mixed
    others = ground.rows_now(used - known, mixed)
    lasted = over("pipeline/pending_durations", message_facts=others)
    kept = ground.rows(known, layout.cached_pending_durations)
    if kept:
        lasted = (
            "select network_code, pending_s, cast(sum(messages) as bigint) as messages,"
            " cast(sum(delivered) as bigint) as delivered"
            f" from (({lasted}) union all by name from {kept}) group by all"
        )
    engine.keep("pending_durations", lasted)
    _count(engine, [ground.held.kept.days[day] for day in known], others)


def _count(engine: Engine, days: list[Day], others: str) -> None:
    """Make ``whole``, one row: how many ``messages`` in all, their ``first`` and ``last`` time."""
    times = {"messages": "BIGINT", "first": "TIMESTAMP", "last": "TIMESTAMP"}
    engine.offer("known", times, [(day.messages, day.oldest, day.newest) for day in days])
    counted = f"select count(*), min(message_time), max(message_time) from ({others})"
    engine.keep(
        "message_totals",
        "select cast(sum(messages) as bigint) as messages, min(first) as first, max(last) as last"
        f" from (from known union all {counted})",
    )
    engine.drop("known")


def _is_mature(day: Day, terms: Terms) -> bool:
    return day.timed and day.newest is not None and day.newest < terms.mature_before
