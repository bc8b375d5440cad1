"""What one run removes, written down before the first file changes.

A run that is killed between two files leaves a data directory in which the selection may be another
one: the send record that made a message old is gone, its receipts are not; the receipt that named
the number is gone, another of the message is not. So the keys of all selected messages, and the
date or the numbers, are synced to ``staging/erasure-….parquet`` first and removed last. Every later
run joins them to its own selection, and ``dlr compact`` finishes them too.

Only its owner can read such a file, since it may hold the numbers that are being removed. It is no
list of forgotten numbers: it ends with the run.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.connection import connect
from dlr_analytics.store.parquet.checksum import check_sums
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.sql import DEFAULT_OPTIONS, from_files

KEY: Final = "lower(trim(cast(message_id as varchar), e' \\t\\n\\r'))"
"""SQL expression of what identifies a message."""

Track = Callable[[Iterable[Path]], Iterable[Path]]
"""Shows the progress over files or folders."""

KEYS_TABLE: Final = "erased"
"""Table with the column ``key``: the messages that are removed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is removed, besides the messages whose keys are in ``files``.

    Quarantine lines that arrived before ``before``, and so receipts that are of no message; numbers
    as E.164 digits, and hashes of numbers.
    """

    files: tuple[Path, ...] = ()
    before: dt.date | None = None
    numbers: frozenset[str] = frozenset()
    hashes: frozenset[str] = frozenset()

    @property
    def forgets(self) -> bool:
        """Whether a number is removed, not only what is old."""
        return bool(self.numbers or self.hashes)


def write_plan(
    connection: duckdb.DuckDBPyConnection, data: Path, plan: Plan, calls: SystemCalls = REAL
) -> None:
    """Write a plan, synced, with the keys in the table :data:`KEYS_TABLE`.

    Raises
    ------
    OSError, duckdb.Error
        There is no plan then.
    """
    values = [("before", str(plan.before))] if plan.before else []
    values += [("number", number) for number in sorted(plan.numbers)]
    values += [("hash", digest) for digest in sorted(plan.hashes)]
    connection.execute("create or replace temp table plan_values (kind varchar, value varchar)")
    if values:
        connection.executemany("insert into plan_values values ($1, $2)", values)
    final = layout.erasure_plan(data, "forget" if plan.forgets else "prune", secrets.token_hex(8))
    staged = final.with_suffix(".draft")
    make_folder(final.parent, calls)
    query = f"from plan_values union all select 'key', key from {KEYS_TABLE}"
    staged.touch(0o600)
    # Not by way of a temporary file, which would have the rights that the umask gives.
    write_parquet(connection, query, staged, [*DEFAULT_OPTIONS, "use_tmp_file false"])
    atomic_rename(staged, final, calls, secret=True)


def unfinished(data: Path) -> Plan:
    """Read what killed runs began; without files if there is nothing.

    Raises
    ------
    DamagedFile
        One of them has changed since it was written.
    """
    files = layout.erasure_plans(data)
    if not files:
        return Plan()
    check_sums(files)
    with connect() as connection:
        rows = connection.execute(
            f"select distinct kind, value from {from_files(files)} where kind <> 'key'"
        ).fetchall()
    dates = [dt.date.fromisoformat(value) for kind, value in rows if kind == "before"]
    return Plan(
        tuple(files),
        max(dates, default=None),
        frozenset(value for kind, value in rows if kind == "number"),
        frozenset(value for kind, value in rows if kind == "hash"),
    )


def select_keys(files: Iterable[Path]) -> str:
    """SQL text that selects the keys of plans.

    Examples
    --------
    >>> select_keys([])
    'select null::varchar as key where false'
    """
    files = list(files)
    if not files:
        return "select null::varchar as key where false"
    return f"select distinct value as key from {from_files(files)} where kind = 'key'"


def remove_plan(plan: Plan, calls: SystemCalls = REAL) -> None:
    """Remove a plan that has been carried out."""
    for path in plan.files:
        calls.unlink(path)
    for folder in {path.parent for path in plan.files}:
        calls.sync_folder(folder)
