"""Keeps the messages of closed days, so that no question puts them together again.

The new folder of messages is made beside the old one, of links to what stays, and takes its place
in one step. A reader finds one or the other, or misses a file, and looks again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.analyse import kept, on_duckdb, terms
from dlr_analytics.analyse.kept import FirstSeen, Held, Kept, Received
from dlr_analytics.analyse.messages import Terms, ask
from dlr_analytics.analyse.together import Split, over, split
from dlr_analytics.store import layout
from dlr_analytics.store.duck import reason
from dlr_analytics.store.files import (
    REAL,
    Calls,
    alone,
    existing,
    make_folder,
    place,
    take_place,
)
from dlr_analytics.store.read import look
from dlr_analytics.store.sql import from_parquet, literal, no_rows

BYTES_AT_ONCE: Final = 128 * 2**20
"""Of receipts, some three million: what is put together at once."""

RECEIPTS_AT_ONCE: Final = 1_000_000
"""Of one part of these messages: its sorting takes a gigabyte, which cannot be written aside."""

MEMORY: Final = "4GiB"
"""What all of it may take; of the rest more is written aside."""

EVER: Final = dt.datetime(9999, 12, 31)
"""As of when messages are kept: with all receipts there are."""

_TOLD_OF_SCTS: Final = (
    "message_key, status, err_code, scts_raw, network_code, told_at, told_hour, reading,"
    " scts_quarter, on_beat"
)
"""The columns of ``heard`` that ``queries/scts_votes.sql`` reads."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Received days that were gone through, and a sentence where they could not be counted in."""

    days: list[dt.date]
    finding: str = ""


def due(data: Path, closed: Iterable[dt.date]) -> list[list[dt.date]]:
    """The closed days that kept messages do not rest on, or not any more, in lots.

    What a killed run left is removed.

    Raises
    ------
    DataFolderMissing
        If there is no data directory.
    """
    with alone(layout.compact_lock(existing(data))):
        shutil.rmtree(_workplace(data), ignore_errors=True)
        held = _held(data)
    lots: list[list[dt.date]] = []
    room = 0
    for day in (day for day in closed if day in held.open):
        size = sum(path.stat().st_size for path in held.open[day])
        if not lots or size > room:
            lots.append([])
            room = BYTES_AT_ONCE
        lots[-1].append(day)
        room -= size
    return lots or ([sorted(held.changed)] if held.changed else [])


def keep(data: Path, lots: Iterable[list[dt.date]], calls: Calls = REAL) -> Iterator[Counted]:
    """Count the receipts of closed days into the kept messages, one lot after the other.

    Yields
    ------
    Counted
        For each lot, in turn; where it has a finding, what was kept is as it was.
    """
    for lot in lots:
        try:
            with alone(layout.compact_lock(data)):
                _count_in(data, lot, calls)
            yield Counted(lot)
        except (OSError, duckdb.Error) as error:
            yield Counted(lot, f"messages of {lot[0]} to {lot[-1]}: not kept: {reason(error)}")


def _count_in(data: Path, lot: list[dt.date], calls: Calls) -> None:
    workplace = _workplace(data)
    if workplace.exists():
        shutil.rmtree(workplace)
    aside = workplace / "new"
    make_folder(aside, calls)
    connection = on_duckdb.connect(temp_directory=str(workplace / "spill"), memory_limit=MEMORY)
    with contextlib.closing(connection):
        _Batch(on_duckdb.OnDuckDB(connection), data, aside, calls).write(lot)
    make_folder(layout.messages(data), calls)
    take_place(aside, layout.messages(data), calls)
    shutil.rmtree(workplace)


@dataclass(frozen=True, slots=True)
class _Batch:
    """One making of the folder ``aside``, in which all new files have one name."""

    engine: on_duckdb.OnDuckDB
    data: Path
    aside: Path
    calls: Calls
    name: str = dataclasses.field(default_factory=lambda: secrets.token_hex(8))

    def write(self, lot: list[dt.date]) -> None:
        """Write what is to be kept once the receipts of ``lot`` are counted in."""
        held = _held(self.data)
        new = {day: told for day in lot if (told := self._received(day, held.open.get(day, [])))}
        opened: dict[dt.date | None, list[Path]] = {day: held.open[day] for day in new}
        terms.create(self.engine)
        ask(self.engine, Terms(EVER))
        messages = layout.messages(self.data)
        parts = split(
            self.engine, dataclasses.replace(held, open=opened), messages, no_rows(), dt.date.max
        )
        self._link(held, messages, parts.used)
        kept.write(
            Kept(
                {day: held.kept.received[day] for day in held.closed} | new,
                {day: held.kept.first_seen[day] for day in parts.used} | self._put_together(parts),
            ),
            self.aside.with_suffix(".draft"),
        )
        place(self.aside.with_suffix(".draft"), layout.kept_list(self.aside), self.calls)

    def _received(self, day: dt.date, files: list[Path]) -> Received | None:
        """What is to be known of a received day; None where it has receipts of another."""
        if not files:
            return None
        seen = kept.marks(files, layout.receipts(self.data))
        ((newest, all_here),) = self.engine.rows(
            "select max(received_at), coalesce(bool_and(cast(received_at as date)"
            f" = date '{day}'), true) from {from_parquet(files)}"
        )
        return Received(seen, newest) if all_here else None

    def _link(self, held: Held, messages: Path, days: list[dt.date]) -> None:
        for day in days:
            for name in (layout.kept_messages, layout.kept_votes):
                file = name(messages, day, held.kept.first_seen[day].batch)
                link = name(self.aside, day, held.kept.first_seen[day].batch)
                make_folder(link.parent, self.calls)
                try:
                    os.link(file, link)
                except OSError:
                    shutil.copyfile(file, link)

    def _put_together(self, parts: Split) -> dict[dt.date, FirstSeen]:
        """Write the messages that are not used as kept, by the day of their first receipt."""
        engine = self.engine
        for number, heard in enumerate(_in_parts(engine, parts)):
            engine.keep("part", over("collapse", "heard", heard))
            engine.keep(
                "part_told",
                f"select cast(first_seen_at as date) as first_seen, {_TOLD_OF_SCTS}"
                f" from (select {_TOLD_OF_SCTS} from ({heard}) where reading is not null)"
                " inner join (select message_key, first_seen_at from part) using (message_key)",
            )
            for part, whole in (("part", "collapsed"), ("part_told", "told_of_scts")):
                how = f"insert into {whole}" if number else f"create table {whole} as"
                engine.connection.execute(f"{how} from {part}")
                engine.drop(part)
        found = engine.rows(
            "select cast(first_seen_at as date) as day, cast(max(last_seen_at) as date)"
            " from collapsed group by day order by day"
        )
        for day, _ in found:
            rows = f"from collapsed where cast(first_seen_at as date) = date '{day}'"
            self._write_file(
                f"{rows} order by message_key", layout.kept_messages(self.aside, day, self.name)
            )
            told = f"select {_TOLD_OF_SCTS} from told_of_scts where first_seen = date '{day}'"
            self._write_file(
                over("scts_votes", "heard", told), layout.kept_votes(self.aside, day, self.name)
            )
        return {day: FirstSeen(self.name, last_seen) for day, last_seen in found}

    def _write_file(self, rows: str, file: Path) -> None:
        draft = self.aside.with_suffix(".draft")
        self.engine.connection.execute(
            f"copy ({rows}) to {literal(str(draft))}"
            " (format parquet, compression zstd, parquet_version v2)"
        )
        place(draft, file, self.calls)


def _in_parts(engine: on_duckdb.OnDuckDB, parts: Split) -> list[str]:
    """Statements of ``heard``, each of some of the messages with all their receipts."""
    ((receipts,),) = engine.rows(f"select count(*) from ({parts.receipts})")
    number = 1 + receipts // RECEIPTS_AT_ONCE
    told = f"select * from ({parts.heard}) where hash(message_key) % {number} ="
    return [f"{told} {part}" for part in range(number)]


def _workplace(data: Path) -> Path:
    return layout.staging(data) / "messages"


def _held(data: Path) -> Held:
    with tempfile.TemporaryDirectory(prefix="dlr-") as scratch:
        sealed = look(data, Path(scratch)).sealed
    return kept.hold(kept.read(layout.messages(data)), sealed, layout.receipts(data))
