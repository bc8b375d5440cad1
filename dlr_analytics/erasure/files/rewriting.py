"""Rewriting of single Parquet files, without the rows that are removed."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.erasure.plan import KEY, KEYS_TABLE, Plan, select_keys
from dlr_analytics.erasure.spellings import Finder
from dlr_analytics.erasure.texts import Masks, TextSearch, described, masked_rows
from dlr_analytics.store.journal.codec import is_intact
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.receipts.merge import parquet_options, row_count
from dlr_analytics.store.sql import from_files, from_lines, from_parquet, literal
from dlr_analytics.webhook.receipt import COLUMNS

_COLUMNS: Final = {"message_id": "VARCHAR", "received_at": "TIMESTAMP"}


class Rewriter:
    """Finds Parquet files with rows to remove, and writes them again.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Gets a table of the keys.
    plan : Plan
        What is removed.
    scratch : path
        A private folder for copies of journals.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: Plan, scratch: Path) -> None:
        self._connection = connection
        self._plan = plan
        self._scratch = scratch
        self._finder = Finder(plan.numbers, plan.hashes)
        self._search = TextSearch(connection, self._finder) if plan.forgets else None
        self._masks: dict[Path, Masks] = {}
        connection.execute(
            f"create or replace temp table {KEYS_TABLE} as {select_keys(plan.files)}"
        )

    def affected(self, paths: Iterable[Path]) -> list[Path]:
        """The files that have rows to remove, or values to mask.

        Raises
        ------
        duckdb.Error
            One of them is damaged or has vanished.
        """
        files = {str(path): path for path in paths}
        if not files:
            return []
        source = from_parquet(files.values(), _COLUMNS, file_column="filename")
        rows = self._connection.execute(
            f"select distinct filename from {source} where {self.condition(_COLUMNS)}"
        ).fetchall()
        found = {files[name] for (name,) in rows}
        if self._search is not None:
            masks = self._search.search(files.values())
            self._masks.update(masks)
            found.update(masks)
        return sorted(found)

    def in_journal(self, path: Path, start: int = 0) -> tuple[bool, int]:
        """Whether a journal has rows to remove from an offset on, and where its lines end.

        Raises
        ------
        FileNotFoundError
            It has been sealed.
        """
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            copy = Path(folder) / path.name
            with path.open("rb") as lines, copy.open("wb") as intact:
                lines.seek(start)
                for line in lines:
                    if self._plan.forgets and self._finder.holds(line.decode("utf-8", "replace")):
                        return True, start
                    if line.endswith(b"\n"):  # else it may be being written
                        start += len(line)
                    if is_intact(line):
                        intact.write(line)
            if not copy.stat().st_size:
                return False, start
            ((affected,),) = self._connection.execute(
                f"select count(*) from {from_lines([copy])} where {self.condition(COLUMNS)}"
            ).fetchall()
        return bool(affected), start

    def write(self, path: Path, draft: Path, footer: Mapping[str, str] | None = None) -> str:
        """Write the rows of a file that stay, in their order and with all their columns.

        Returns
        -------
        str
            The checksum of the file ``draft``.
        """
        stays = f"not ({self.condition(described(self._connection, path))})"
        if masks := self._masks.get(path):
            query = masked_rows(self._connection, path, masks, stays)
        else:
            query = f"select * from {from_files([path])} where {stays} order by file_row_number"
        options = parquet_options(row_count([path], self._connection))
        return write_parquet(self._connection, query, draft, options, footer)

    def condition(self, columns: Iterable[str]) -> str:
        """SQL condition, never NULL, of the rows that are removed."""
        return removed_rows(self._plan.before, columns)


def removed_rows(before: dt.date | None, columns: Iterable[str]) -> str:
    """SQL condition, never NULL, of the rows that are removed, over a table's columns.

    Rows of messages in the table of keys; receipts without a message ID that are older than a date.

    Examples
    --------
    >>> removed_rows(None, ["message_id"])
    "coalesce(lower(trim(cast(message_id as varchar), ...)) in (select key from erased), false)"
    """
    names = set(columns)
    if "message_id" not in names:
        return "false"
    gone = f"coalesce({KEY} in (select key from {KEYS_TABLE}), false)"
    if before is None or "received_at" not in names:
        return gone
    day = f"timestamp {literal(str(before))}"
    return f"({gone} or coalesce(message_id is null and received_at < {day}, false))"
