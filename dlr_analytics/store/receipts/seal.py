"""Sealing: journals become Parquet, in a child process of the receiver.

``python -m dlr_analytics.store.receipts.seal DATA`` seals every journal without a writer: those
that a running receiver has closed, and those that a dead one left. Values are typed already; DuckDB
only converts them. For each journal:

1. Lock it without waiting. A writer holds the lock of its open journals, and the kernel releases it
   when the writer dies, so a lock that can be taken means that nobody writes any more. Two sealers
   exclude each other the same way.
2. Sort the lines into good, damaged (checksum fails) and torn (a last line without its end). Torn
   lines were never acknowledged and are dropped; damaged ones go to the quarantine.
3. Write the good lines to Parquet in ``staging/`` and sync it; then, under the shared lock of
   ``receipts/``, rename it to the name that derives from the journal's.
4. Write the damaged lines to the quarantine file that has the journal's name. Remove the journal.

A crash at any point leaves the journal, and sealing it again changes nothing: its receipts are
sealed if the file of that name exists, or a compacted file replaces it. That is checked again under
the lock, since a compaction may happen in between.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb

from dlr_analytics.errors import DlrError, StoreError
from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.connection import connect, error_reason
from dlr_analytics.store.format import format_of
from dlr_analytics.store.journal.codec import Scan, is_intact, scan
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.locks import shared_lock, try_lock
from dlr_analytics.store.parquet.write import write_parquet
from dlr_analytics.store.receipts.generations import replaced_files
from dlr_analytics.store.spill import scratch_folder
from dlr_analytics.store.sql import from_lines
from dlr_analytics.webhook.receipt import COLUMNS


def seal_all(data: Path, calls: SystemCalls = REAL) -> list[str]:
    """Seal every journal that no writer has open.

    Returns
    -------
    list of str
        Findings: one for each damaged line and each journal that cannot be sealed.
    """
    findings: list[str] = []
    for path in sorted(layout.journal(data).glob("*")):
        name = JournalName.parse(path.name)
        if name is not None:
            try:
                findings += seal(data, name, calls)
            except (OSError, StoreError, duckdb.Error) as error:
                findings.append(f"{path}: not sealed, stays as it is: {error_reason(error)}")
    return findings


def seal(data: Path, name: JournalName, calls: SystemCalls = REAL) -> list[str]:
    """Convert one journal to its Parquet file, unless a writer has it open.

    Sealing again changes nothing: the Parquet file's name derives from the journal's.

    Returns
    -------
    list of str
        A finding for each damaged line; these lines are in the quarantine then.

    Raises
    ------
    OSError, duckdb.Error
        The journal stays.
    """
    journal = layout.journal(data) / name.file
    with try_lock(journal) as locked:
        if not locked:
            return []
        with journal.open("rb") as lines:
            found = scan(lines)
        if found.good and not _is_sealed(data, name):
            _publish(data, name, _write_staged(data, name, found, calls), calls)
        if found.damaged:
            _quarantine_damaged(data, name, found, calls)
        calls.unlink(journal)
    target = layout.quarantine(data) / name.damaged.file
    return [f"{journal}: line {number} is damaged, now in {target}" for number, _ in found.damaged]


def _is_sealed(data: Path, name: JournalName) -> bool:
    """Whether these receipts are in Parquet, sealed or compacted."""
    sealed = layout.receipts(data) / name.sealed
    return sealed.exists() or sealed in replaced_files(sealed.parent.glob("*.parquet"))


def _write_staged(data: Path, name: JournalName, found: Scan, calls: SystemCalls) -> Path:
    """Write the good lines as Parquet, not under ``receipts`` yet."""
    make_folder(layout.staging(data), calls)
    staged = layout.staging(data) / f"{name.file}.parquet"
    journal = layout.journal(data) / name.file
    if not found.damaged and not found.torn:
        _write_parquet(data, journal, staged)
        return staged
    good = staged.with_suffix(".good")
    with journal.open("rb") as lines, good.open("wb") as copy:
        copy.writelines(line for line in lines if is_intact(line))
    _write_parquet(data, good, staged)
    good.unlink()
    return staged


def _write_parquet(data: Path, lines: Path, staged: Path) -> None:
    with scratch_folder(data) as spill, connect(spill, threads="1") as connection:
        query = f"select {', '.join(COLUMNS)} from {from_lines([lines])} order by received_at"
        write_parquet(connection, query, staged)


def _publish(data: Path, name: JournalName, staged: Path, calls: SystemCalls) -> None:
    with shared_lock(layout.lock(data)):
        # Checked again under the lock: a compaction may have happened in between.
        if _is_sealed(data, name):
            calls.unlink(staged)
        else:
            atomic_rename(staged, layout.receipts(data) / name.sealed, calls)


def _quarantine_damaged(data: Path, name: JournalName, found: Scan, calls: SystemCalls) -> None:
    """Write the damaged lines to the quarantine file that has the journal's name."""
    make_folder(layout.staging(data), calls)
    modified_at = (layout.journal(data) / name.file).stat().st_mtime
    staged = layout.staging(data) / name.damaged.file
    entries = [quarantine.damaged(line, modified_at) for _, line in found.damaged]
    staged.write_bytes(b"".join(map(quarantine.encode, entries)))
    atomic_rename(staged, layout.quarantine(data) / name.damaged.file, calls)


def main(data: Path) -> int:
    """Seal; print each finding as a line on stderr, and return 1 if there is one.

    A data directory of a newer release stays as it is, and 2 is returned.
    """
    try:
        format_of(data)
    except DlrError as error:
        print(f"dlr: {error}", file=sys.stderr)
        return 2
    os.nice(10)
    findings = seal_all(data)
    for finding in findings:
        print("dlr:", " ".join(finding.split()), file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
