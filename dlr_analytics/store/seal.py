"""Journals that nobody writes to any more become Parquet, in a process of their own.

``python -m dlr_analytics.store.seal DATA`` seals whatever can be sealed: what a receiver let go of,
and what a dead one left behind. DuckDB only moves; the receiver has typed the values.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from dlr_analytics.receipt import COLUMNS
from dlr_analytics.store import layout
from dlr_analytics.store.files import REAL, Calls, make_folder, place, shared, take
from dlr_analytics.store.generations import replaced
from dlr_analytics.store.journal import Scan, scan, whole
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.quarantine import damaged_line
from dlr_analytics.store.sql import from_lines, literal


def seal_all(data: Path, calls: Calls = REAL) -> list[str]:
    """Seal every journal that no writer has open.

    Returns
    -------
    list of str
        One sentence for each journal that did not go as it should; empty where all is well.
    """
    findings: list[str] = []
    for path in sorted(layout.journal(data).iterdir()):
        name = JournalName.parse(path.name)
        if name is not None:
            try:
                findings += seal(data, name, calls)
            except (OSError, duckdb.Error) as error:
                findings.append(f"{path}: not sealed, stays as it is: {error}")
    return findings


def seal(data: Path, name: JournalName, calls: Calls = REAL) -> list[str]:
    """Turn one journal into its Parquet file, unless a writer has it open.

    Doing it again changes nothing: the Parquet file's name comes from the journal's.

    Returns
    -------
    list of str
        A sentence about damaged lines, which are in the quarantine from then on.

    Raises
    ------
    OSError, duckdb.Error
        The journal stays.
    """
    path = layout.journal(data) / name.file
    with _taken(path) as ours:
        if not ours:
            return []
        with path.open("rb") as lines:
            found = scan(lines)
        if found.good:
            _publish(data, name, found, calls)
        if found.damaged:
            _set_aside(data, name, found, calls)
        calls.unlink(path)
    return [
        f"{path}: line {number} is damaged, now in {layout.quarantine(data) / name.damaged.file}"
        for number, _ in found.damaged
    ]


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[bool]:
    """Hold a journal, so that neither its writer nor another sealer is at it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        yield take(descriptor, path)
    finally:
        os.close(descriptor)


def _publish(data: Path, name: JournalName, found: Scan, calls: Calls) -> None:
    sealed = layout.receipts(data) / name.sealed
    if _is_there(sealed):
        return
    make_folder(layout.staging(data), calls)
    staged = layout.staging(data) / f"{name.file}.parquet"
    journal = layout.journal(data) / name.file
    if found.damaged or found.torn:
        journal = _only_good_lines(journal, staged.with_suffix(".jsonl"))
    _write_parquet(journal, staged)
    with shared(layout.lock(data)):
        # Again under the lock: a compaction may have come between.
        if _is_there(sealed):
            staged.unlink()
        else:
            place(staged, sealed, calls)


def _is_there(sealed: Path) -> bool:
    """Whether these receipts are sealed, under their own name or inside a compacted file."""
    return sealed.exists() or sealed in replaced(sealed.parent.glob("*.parquet"))


def _only_good_lines(journal: Path, copy: Path) -> Path:
    with journal.open("rb") as lines, copy.open("wb") as good:
        good.writelines(line for line in lines if whole(line))
    return copy


def _write_parquet(journal: Path, staged: Path) -> None:
    columns = ", ".join(COLUMNS)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            f"copy (select {columns} from {from_lines([journal])} order by received_at)"
            f" to {literal(str(staged))} (format parquet, compression zstd)"
        )


def _set_aside(data: Path, name: JournalName, found: Scan, calls: Calls) -> None:
    staged = layout.staging(data) / name.damaged.file
    arrived_at = (layout.journal(data) / name.file).stat().st_mtime
    staged.write_bytes(b"".join(damaged_line(line, arrived_at) for _, line in found.damaged))
    place(staged, layout.quarantine(data) / name.damaged.file, calls)


def main(data: Path) -> int:
    """Seal, one line on stderr for each finding; 1 where a journal could not be sealed."""
    # A terminal's ^C goes to the whole group; the receiver decides when sealing ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    os.nice(10)
    findings = seal_all(data)
    for finding in findings:
        print(f"dlr: {finding}", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
