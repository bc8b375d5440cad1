"""Each receipt exactly once: sealed files, and copies of the journals that are not sealed yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import is_intact
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.receipts.generations import is_compacted, replaced_files
from dlr_analytics.store.receipts.listing import FileVanished, Listing, list_data
from dlr_analytics.store.sql import from_lines, from_parquet, no_rows


@dataclass(frozen=True, slots=True)
class ReceiptFiles:
    """What is to be read: Parquet files, and files of whole journal lines."""

    sealed: tuple[Path, ...]
    journals: tuple[Path, ...]


def open_receipts(data: Path, scratch: Path) -> ReceiptFiles:
    """What the data directory holds now, each receipt once, also while sealing goes on.

    Parameters
    ----------
    data : path
        The data directory.
    scratch : path
        A folder for copies of the journals: they may be sealed and removed at any moment.

    Returns
    -------
    Holdings
        A sealed file may vanish later when days are compacted: then look again.

    Raises
    ------
    DataFolderMissing
        If there is no such folder.
    """
    while True:
        try:
            return open_listing(list_data(data), scratch)
        except FileVanished:
            continue


def open_listing(listing: Listing, scratch: Path) -> ReceiptFiles:
    """What a data directory holds by a listing of it, each receipt once.

    ``scratch`` as of :func:`look`.

    Raises
    ------
    FileVanished
        What was listed has been sealed or compacted since.
    """
    journals = _copy_journals(listing, scratch)
    sealed = [Path(path) for path in sorted(listing.sealed)]
    try:
        hidden = _hidden([*sealed, *journals])
    except duckdb.Error as error:
        if all(path.exists() for path in sealed):
            raise
        raise FileVanished from error
    seen = hidden.union(sealed) if journals else hidden
    return ReceiptFiles(
        tuple(path for path in sealed if path not in hidden) if hidden else tuple(sealed),
        tuple(copy for path, copy in journals.items() if path not in seen),
    )


def select_receipts(holdings: ReceiptFiles) -> str:
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


def _copy_journals(listing: Listing, scratch: Path) -> dict[Path, Path]:
    """Copies of the journals' good lines, by the name that the sealed file has or will have."""
    copies = {}
    for path in map(Path, sorted(listing.journals)):
        name = JournalName.parse(path.name)
        if name is None:
            continue
        copy, sealed = scratch / name.file, layout.receipts(listing.data) / name.sealed
        try:
            with path.open("rb") as lines, copy.open("wb") as good:
                good.writelines(line for line in lines if is_intact(line))
        except FileNotFoundError:
            if str(sealed) in listing.sealed:
                continue
            raise FileVanished from None
        copies[sealed] = copy
    return copies


def _hidden(paths: list[Path]) -> frozenset[Path]:
    """What compacted files stand for. Footers are slow to open: only where others stand beside."""
    compacted = [path for path in paths if is_compacted(path)]
    neighbours = Counter(path.parent for path in paths) if compacted else Counter()
    return replaced_files(path for path in compacted if neighbours[path.parent] > 1)
