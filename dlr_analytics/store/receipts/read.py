"""Consistent reads: each receipt exactly once, during sealing and compaction.

A receipt is in a journal, then in a sealed file, then in a compacted one, and for moments in two of
them. Readers take no lock; the names make the state of every file decidable:

- Journals are listed before sealed files, so that a journal sealed in between is seen as sealed, at
  worst twice. A journal whose sealed file is listed, or replaced by a compacted file, is skipped.
- Files that a compacted file of their day replaces are skipped. Footers are slow to open, so they
  are opened only where a compacted file has others beside it.
- Journals are copied up to the size that was listed, intact lines only: the original may be sealed
  and removed at any moment, and its last line may still be incomplete.
- A file that vanishes between listing and opening means that the listing is out of date:
  FileVanished is raised and everything is listed again. If nothing has vanished, an error is a
  damaged file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import is_intact
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.receipts.files import Files
from dlr_analytics.store.receipts.generations import is_compacted, replaced_files
from dlr_analytics.store.receipts.listing import FileVanished, Listing, list_data
from dlr_analytics.store.sql import from_lines, from_parquet, no_rows


@dataclass(frozen=True, slots=True)
class ReceiptFiles:
    """Files that hold each receipt once: Parquet files, and copies of journals."""

    sealed: tuple[Path, ...]
    journals: tuple[Path, ...]


def open_receipts(data: Path, scratch: Path) -> ReceiptFiles:
    """List the files that hold each receipt of a data directory once.

    Parameters
    ----------
    data : path
        The data directory.
    scratch : path
        A folder for copies of the journals.

    Returns
    -------
    ReceiptFiles
        A sealed file may vanish later, when its day is compacted: then call this again.

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
    """Choose the files of a listing that hold each receipt once.

    ``scratch`` is as for :func:`open_receipts`.

    Raises
    ------
    FileVanished
        A listed file has been sealed or compacted since.
    """
    journals = _copy_journals(listing, scratch)
    sealed = listing.paths(listing.sealed)
    try:
        replaced = _replaced([*sealed, *journals], listing.files)
    except duckdb.Error as error:
        if listing.files.still_has(sealed):
            raise
        raise FileVanished from error
    in_parquet = replaced.union(sealed) if journals else replaced
    return ReceiptFiles(
        tuple(path for path in sealed if path not in replaced) if replaced else tuple(sealed),
        tuple(copy for path, copy in journals.items() if path not in in_parquet),
    )


def select_receipts(files: ReceiptFiles) -> str:
    """SQL text that selects the receipts, with the columns of ``receipts`` in order.

    Examples
    --------
    >>> print(select_receipts(ReceiptFiles((Path("a.parquet"),), (Path("b.jsonl"),))))
    select * from read_parquet(['a.parquet'], schema = map {'received_at': ...
    union all by name
    select * from read_json(['b.jsonl'], format = 'newline_delimited', columns = {...})
    """
    tables = []
    if files.sealed:
        tables.append(from_parquet(files.sealed))
    if files.journals:
        tables.append(from_lines(files.journals))
    return "\nunion all by name\n".join(f"select * from {table}" for table in tables or [no_rows()])


def _copy_journals(listing: Listing, scratch: Path) -> dict[Path, Path]:
    """Copy the journals' intact lines; the copies by the path of the sealed file."""
    copies = {}
    for path in listing.paths(listing.journals):
        name = JournalName.parse(path.name)
        if name is None:
            continue
        copy, sealed = scratch / name.file, layout.receipts(listing.data) / name.sealed
        try:
            with path.open("rb") as file, copy.open("wb") as intact:
                lines = _lines(file, listing.journals[str(path)][0])
                intact.writelines(line for line in lines if is_intact(line))
        except FileNotFoundError:
            if str(sealed) in listing.sealed:
                continue
            raise FileVanished from None
        copies[sealed] = copy
    return copies


def _lines(journal: BinaryIO, size: int) -> Iterator[bytes]:
    """The lines of its first ``size`` bytes: one listing always has the same receipts."""
    for line in journal:
        size -= len(line)
        if size < 0:
            return
        yield line


def _replaced(paths: list[Path], files: Files) -> frozenset[Path]:
    """Files that compacted ones replace; opens footers only where others exist."""
    compacted = [path for path in paths if is_compacted(path)]
    neighbours = Counter(path.parent for path in paths) if compacted else Counter()
    return replaced_files((path for path in compacted if neighbours[path.parent] > 1), files)
