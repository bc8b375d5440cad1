"""Receipts put together to messages: anew where they are open, as kept where nothing has changed.

A day of first receipts is used whole or not at all. It is opened again where one of its messages
has a receipt among the open ones, or may have lost one. Whatever is not used is put together from
its receipts, so the rows are those that all receipts would have given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.analyse.engine import Engine
from dlr_analytics.analyse.kept import Held, Kept
from dlr_analytics.analyse.messages import statement
from dlr_analytics.store import layout
from dlr_analytics.store.sql import from_files, from_parquet

KEY: Final = r"lower(trim(message_id, e' \t\n\r'))"
"""What identifies a message, as ``queries/heard.sql`` says it."""


@dataclass(frozen=True, slots=True)
class Split:
    """What is to be put together anew, as a statement, and which days are used as kept."""

    receipts: str
    used: list[dt.date]

    @property
    def heard(self) -> str:
        """The statement of ``heard`` over these receipts only."""
        return over("heard", "receipts", self.receipts)


def split(engine: Engine, held: Held, messages: Path, unsealed: str, until: dt.date) -> Split:
    """Tell what is open from what can be used as it is kept.

    Parameters
    ----------
    engine : Engine
        Gets the relation ``open_keys``: messages that have an open receipt.
    held : Held
        What is kept in the folder ``messages``, and which files of receipts are open.
    unsealed : str
        A relation: receipts that are in no file, all of them open.
    until : date
        Receipts that came on this day or later may not count.
    """
    opened = f"select * from {unsealed}"
    files = held.open_files()
    if files:
        opened += f" union all by name select * from {from_parquet(files)}"
    keys = f"select distinct {KEY} as message_key from ({opened}) where message_id is not null"
    engine.keep("open_keys", keys)
    first_seen = held.kept.first_seen.keys()
    stale = held.reopened(until)
    stale |= _touched(engine, kept_rows(held, messages, layout.kept_messages, first_seen - stale))
    again = held.receipts_of(stale, until)
    if again:
        keys = f"select message_key from {kept_rows(held, messages, layout.kept_messages, stale)}"
        receipts = f"select * from {from_parquet(again)} where {KEY} in ({keys})"
        opened += f" union all by name {receipts}"
    return Split(opened, sorted(first_seen - stale))


def put_together(engine: Engine, held: Held, messages: Path, unsealed: str, until: dt.date) -> None:
    """Make the tables ``collapsed`` and ``scts_votes``, as :func:`split` finds.

    ``engine`` has what ``queries/heard.sql`` reads, but for ``receipts``.
    """
    parts = split(engine, held, messages, unsealed, until)
    collapsed = over("collapse", "heard", parts.heard)
    if parts.used:
        known = kept_rows(held, messages, layout.kept_messages, parts.used)
        collapsed = f"({collapsed}) union all by name from {known}"
    engine.keep("collapsed", collapsed)
    engine.keep("scts_votes", _votes(parts, held, messages))
    engine.drop("open_keys")


def put_votes_together(
    engine: Engine, held: Held, messages: Path, unsealed: str, condition: str
) -> None:
    """Make the table ``scts_votes`` alone, of those votes that a condition selects."""
    parts = split(engine, held, messages, unsealed, dt.date.max)
    votes = f"select * from ({_votes(parts, held, messages)}) where {condition}"
    engine.keep("scts_votes", votes)
    engine.drop("open_keys")


def _votes(parts: Split, held: Held, messages: Path) -> str:
    votes = over("scts_votes", "heard", parts.heard)
    if not parts.used:
        return votes
    known = kept_rows(held, messages, layout.kept_votes, parts.used)
    return (
        "select * exclude (votes), cast(sum(votes) as bigint) as votes"
        f" from (({votes}) union all by name from {known}) group by all"
    )


def over(name: str, relation: str, source: str) -> str:
    """The statement ``name``, that reads what ``source`` selects in place of a relation.

    Examples
    --------
    >>> "from (select 1) as heard" in over("collapse", "heard", "select 1")
    True
    """
    before, read, after = statement(name).partition(f"from {relation}\n")
    assert read, f"{name}.sql does not read {relation}"
    assert f"from {relation}\n" not in after, f"{name}.sql reads {relation} twice"
    return f"{before}from ({source}) as {relation}\n{after}"


def kept_rows(
    held: Held,
    messages: Path,
    name: Callable[[Path, dt.date, str], Path],
    first_seen: Iterable[dt.date],
) -> str:
    """A table of the kept files of these days; empty text where there is no day."""
    paths = [name(messages, day, held.kept.first_seen[day].batch) for day in first_seen]
    return from_files(sorted(paths)) if paths else ""


def files_of(kept: Kept, messages: Path) -> list[Path]:
    """All files that :func:`put_together` may read in the folder ``messages``."""
    return [
        name(messages, day, one.batch)
        for day, one in kept.first_seen.items()
        for name in (layout.kept_messages, layout.kept_votes)
    ]


def _touched(engine: Engine, known: str) -> set[dt.date]:
    """The days of kept messages that have a receipt among the open ones."""
    if not known:
        return set()
    rows = engine.rows(
        f"select distinct cast(first_seen_at as date) from {known}"
        " where message_key in (select message_key from open_keys)"
    )
    return {day for (day,) in rows}
