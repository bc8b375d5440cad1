"""Each receipt exactly once: sealed files, and copies of the journals that are not sealed yet."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.files import existing
from dlr_analytics.store.generations import is_compacted, replaced
from dlr_analytics.store.journal import whole
from dlr_analytics.store.layout import JournalName, parse_day_folder
from dlr_analytics.store.listing import entries, files_below
from dlr_analytics.store.sql import from_lines, from_parquet, no_rows


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is to be read: Parquet files, and files of whole journal lines."""

    sealed: tuple[Path, ...]
    journals: tuple[Path, ...]


def look(
    data: Path,
    scratch: Path,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Holdings:
    """What the data directory holds now, each receipt once, also while sealing goes on.

    Parameters
    ----------
    data : path
        The data directory.
    scratch : path
        A folder for copies of the journals: they may be sealed and removed at any moment.
    since, until : datetime, optional
        Naive UTC; days of ``received_at`` that lie wholly before ``since`` or at or after
        ``until`` are left out.

    Returns
    -------
    Holdings
        A sealed file may vanish later when days are compacted: then look again.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    """
    days = _Days(since, until)
    existing(data)
    # In this order: a journal that is sealed after it was copied shows up among the sealed.
    journals = _copy_journals(data, scratch, days)
    sealed, hidden = _sealed_and_hidden(layout.receipts(data), days, journals)
    seen = hidden.union(sealed) if journals else hidden
    return Holdings(
        tuple(path for path in sealed if path not in hidden) if hidden else tuple(sealed),
        tuple(copy for path, copy in journals.items() if path not in seen),
    )


def select(holdings: Holdings) -> str:
    """The SQL text that reads ``holdings``, with the columns of ``receipts`` in their order.

    Examples
    --------
    >>> print(select(Holdings((Path("a.parquet"),), (Path("b.jsonl"),))))
    select * from read_parquet(['a.parquet'], schema = map {'received_at': ...
    union all by name
    select * from read_json(['b.jsonl'], format = 'newline_delimited', columns = {...})
    """
    tables = []
    if holdings.sealed:
        tables.append(from_parquet(holdings.sealed))
    if holdings.journals:
        tables.append(from_lines(holdings.journals))
    return "\nunion all by name\n".join(f"select * from {table}" for table in tables or [no_rows()])


class _Days:
    """The days of ``received_at`` that a span of time touches."""

    def __init__(self, since: dt.datetime | None, until: dt.datetime | None) -> None:
        self._first = since.date() if since else dt.date.min
        self._last = (until - dt.timedelta(microseconds=1)).date() if until else dt.date.max

    def __contains__(self, day: dt.date | None) -> bool:
        return day is None or self._first <= day <= self._last


def _copy_journals(data: Path, scratch: Path, days: _Days) -> dict[Path, Path]:
    """Copies of the journals' good lines, by the name that the sealed file has or will have."""
    copies = {}
    for path in sorted(layout.journal(data).glob("*")):
        name = JournalName.parse(path.name)
        if name is None or name.day not in days:
            continue
        copy = scratch / name.file
        try:
            with path.open("rb") as lines, copy.open("wb") as good:
                good.writelines(line for line in lines if whole(line))
        except FileNotFoundError:
            continue  # sealed since it was listed
        copies[layout.receipts(data) / name.sealed] = copy
    return copies


def _sealed_and_hidden(
    receipts: Path, days: _Days, journals: Iterable[Path]
) -> tuple[list[Path], frozenset[Path]]:
    while True:
        sealed = _sealed_files(receipts, days)
        try:
            return sealed, _hidden([*sealed, *journals])
        except duckdb.Error:
            if all(path.exists() for path in sealed):
                raise
            # compacted since it was listed


def _hidden(paths: list[Path]) -> frozenset[Path]:
    """What compacted files stand for. Footers are slow to open: only where others stand beside."""
    compacted = [path for path in paths if is_compacted(path)]
    neighbours = Counter(path.parent for path in paths) if compacted else Counter()
    return replaced(path for path in compacted if neighbours[path.parent] > 1)


def _sealed_files(receipts: Path, days: _Days) -> list[Path]:
    """All Parquet files of these days."""
    found: list[str] = []
    for entry in entries(receipts):
        if parse_day_folder(entry.name) in days:
            found += files_below(entry.path, ".parquet") if entry.is_dir() else [entry.path]
    return [Path(path) for path in sorted(found) if path.endswith(".parquet")]
