"""Journals that nobody writes to any more become Parquet, in a process of their own.

``python -m dlr_analytics.store.receipts.seal DATA`` seals whatever can be sealed: what a receiver
let go of, and what a dead one left behind. DuckDB only moves; the receiver has typed the values.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.connection import connect, error_reason
from dlr_analytics.store.journal.codec import Scan, is_intact, scan
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.locks import shared_lock, try_lock
from dlr_analytics.store.receipts.generations import replaced_files
from dlr_analytics.store.sql import from_lines, to_parquet
from dlr_analytics.webhook.receipt import COLUMNS


def seal_all(data: Path, calls: SystemCalls = REAL) -> list[str]:
    """Seal every journal that no writer has open.

    Returns
    -------
    list of str
        One sentence for each journal that did not go as it should; empty where all is well.
    """
    findings: list[str] = []
    for path in sorted(layout.journal(data).glob("*")):
        name = JournalName.parse(path.name)
        if name is not None:
            try:
                findings += seal(data, name, calls)
            except (OSError, duckdb.Error) as error:
                findings.append(f"{path}: not sealed, stays as it is: {error_reason(error)}")
    return findings


def seal(data: Path, name: JournalName, calls: SystemCalls = REAL) -> list[str]:
    """Turn one journal into its Parquet file, unless a writer has it open.

    Doing it again changes nothing: the Parquet file's name comes from the journal's.

    Returns
    -------
    list of str
        A sentence for each damaged line, which is in the quarantine from then on.

    Raises
    ------
    OSError, duckdb.Error
        The journal stays.
    """
    journal = layout.journal(data) / name.file
    with try_lock(journal) as ours:
        if not ours:
            return []
        with journal.open("rb") as lines:
            found = scan(lines)
        if found.good and not _is_sealed(data, name):
            _place_sealed(data, name, _staged(data, name, found, calls), calls)
        if found.damaged:
            _set_aside(data, name, found, calls)
        calls.unlink(journal)
    aside = layout.quarantine(data) / name.damaged.file
    return [f"{journal}: line {number} is damaged, now in {aside}" for number, _ in found.damaged]


def _is_sealed(data: Path, name: JournalName) -> bool:
    """Whether these receipts are in Parquet, under their own name or in a compacted file."""
    sealed = layout.receipts(data) / name.sealed
    return sealed.exists() or sealed in replaced_files(sealed.parent.glob("*.parquet"))


def _staged(data: Path, name: JournalName, found: Scan, calls: SystemCalls) -> Path:
    """The receipts as Parquet, not under ``receipts`` yet."""
    make_folder(layout.staging(data), calls)
    staged = layout.staging(data) / f"{name.file}.parquet"
    journal = layout.journal(data) / name.file
    if not found.damaged and not found.torn:
        _write_parquet(journal, staged)
        return staged
    good = staged.with_suffix(".good")
    with journal.open("rb") as lines, good.open("wb") as copy:
        copy.writelines(line for line in lines if is_intact(line))
    _write_parquet(good, staged)
    good.unlink()
    return staged


def _write_parquet(lines: Path, staged: Path) -> None:
    with connect(threads="1", temp_directory=str(staged.parent)) as connection:
        query = f"select {', '.join(COLUMNS)} from {from_lines([lines])} order by received_at"
        connection.execute(to_parquet(query, staged))


def _place_sealed(data: Path, name: JournalName, staged: Path, calls: SystemCalls) -> None:
    with shared_lock(layout.lock(data)):
        # Asked again under the lock: a compaction may have come between.
        if _is_sealed(data, name):
            calls.unlink(staged)
        else:
            atomic_rename(staged, layout.receipts(data) / name.sealed, calls)


def _set_aside(data: Path, name: JournalName, found: Scan, calls: SystemCalls) -> None:
    """Put damaged lines into the quarantine, in a file that has the journal's name."""
    make_folder(layout.staging(data), calls)
    grown_at = (layout.journal(data) / name.file).stat().st_mtime
    staged = layout.staging(data) / name.damaged.file
    unread = [quarantine.damaged(line, grown_at) for _, line in found.damaged]
    staged.write_bytes(b"".join(map(quarantine.encode, unread)))
    atomic_rename(staged, layout.quarantine(data) / name.damaged.file, calls)


def main(data: Path) -> int:
    """Seal, one line on stderr for each finding; 1 where there was one."""
    os.nice(10)
    findings = seal_all(data)
    for finding in findings:
        print("dlr:", " ".join(finding.split()), file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
