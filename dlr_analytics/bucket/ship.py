"""Shipping: files of a receiver are copied to a bucket, in a child process.

``python -m dlr_analytics.bucket.ship DATA ADDRESS DAYS`` sends each file of ``receipts/``,
``sends/`` and ``quarantine/`` that the bucket is not known to have, oldest first, then removes
those here that are there for longer than DAYS days.

1. A file is checked (its SHA-256), then created as an object of the same name; an object is never
   replaced. "Already there, with the same size" is success: an earlier run was killed before it
   recorded that, or the journal was sealed again, which gives the same bytes.
2. The file is recorded as shipped (:mod:`dlr_analytics.store.shipping.files`), and removed if it
   need not stay. Readers of this directory list again when a file vanishes.

A store that refuses or does not answer ends the run: the files stay, and the receiver starts
another run later. One process ships at a time; a second one finds the lock and leaves.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.bucket.access import read_address
from dlr_analytics.bucket.objects import Objects, open_objects
from dlr_analytics.errors import BucketError, DamagedFile, DlrError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.format import format_of
from dlr_analytics.store.locks import exclusive_lock, is_locked, try_lock
from dlr_analytics.store.parquet.checksum import check_sum
from dlr_analytics.store.shipping.files import (
    StoredFile,
    add_to_record,
    list_files,
    read_record,
    unshipped_files,
    write_record,
)

_DAY: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Shipped:
    """Numbers of files sent and of files removed here, and what went wrong."""

    sent: int
    removed: int
    findings: tuple[str, ...] = ()


def ship(
    data: Path,
    objects: Objects,
    keep_days: int = 0,
    now: float | None = None,
    calls: SystemCalls = REAL,
) -> Shipped:
    """Send files that the bucket does not have, and remove those that need not stay.

    Parameters
    ----------
    data : path
        The data directory.
    objects : Objects
        Where to.
    keep_days : int
        Days that a file stays here after its last change.
    now : float, optional
        Unix seconds.
    calls : SystemCalls, optional
        The system calls to make.

    Returns
    -------
    Shipped
        Files with a finding stay. Nothing is sent if another process ships.
    """
    lock = layout.bucket_lock(data)
    if is_locked(lock):  # which makes the file, too
        return Shipped(0, 0)
    with try_lock(lock) as locked:
        if not locked:
            return Shipped(0, 0)
        until = (time.time() if now is None else now) - keep_days * _DAY
        sent, findings = _send_all(data, objects)
        return Shipped(sent, _remove_old(data, until, calls), tuple(findings))


def _send_all(data: Path, objects: Objects) -> tuple[int, list[str]]:
    sent = 0
    findings: list[str] = []
    for file in unshipped_files(data):
        try:
            sent += _send(data, file, objects)
        except BucketError as error:
            return sent, [*findings, f"not shipped: {error}"]
        except FileNotFoundError:
            continue  # replayed or compacted since it was listed
        except (OSError, DamagedFile) as error:
            findings.append(f"not shipped: {_reason(error)}")
    return sent, findings


def _send(data: Path, file: StoredFile, objects: Objects) -> bool:
    """Send one file and record it; False if a receiver still writes it."""
    with contextlib.ExitStack() as locks:
        if file.name.startswith("quarantine/"):
            if not locks.enter_context(try_lock(file.path)):
                return False
            size = file.path.stat().st_size  # it may have grown until its writer closed it
            file = StoredFile(file.modified_at, file.name, file.path, size)
        else:
            check_sum(file.path)
        objects.create(file.name, file.path)
        add_to_record(data, file)
        return True


def _reason(error: DlrError | OSError) -> str:
    """Text of an error; errors of the system name a file and say why."""
    if isinstance(error, DlrError) or not error.filename:
        return str(error)
    return f"{error.filename}: {error.strerror}"


def _remove_old(data: Path, until: float, calls: SystemCalls) -> int:
    """Remove shipped files that changed last before ``until``; renew the record."""
    shipped = read_record(data)
    if not shipped:
        return 0
    stays, removed = {}, 0
    for file in list_files(data):
        if shipped.get(file.name) != file.size:
            continue
        if file.modified_at > until:
            stays[file.name] = file.size
        else:
            with contextlib.suppress(FileNotFoundError):
                calls.unlink(file.path)
                removed += 1
    if stays != shipped:
        write_record(data, stays, calls)
    _remove_empty_days(data, until)
    return removed


def _remove_empty_days(data: Path, until: float) -> None:
    """Remove folders of past days that have no files any more."""
    last = dt.datetime.fromtimestamp(until - 2 * _DAY, dt.UTC).date()
    with exclusive_lock(layout.lock(data)):  # sealing makes a folder, and a file in it
        for folder in layout.receipts(data).glob("*"):
            day = layout.parse_day_folder(folder.name)
            if day is not None and day < last:
                with contextlib.suppress(OSError):  # it has files
                    folder.rmdir()


def main(data: Path, address: str, keep_days: int) -> int:
    """Ship; print each finding as a line on stderr, and return 1 if there is one."""
    os.nice(10)
    try:
        format_of(data)
        findings = ship(data, open_objects(read_address(address)), keep_days).findings
    except (DlrError, OSError) as error:
        findings = (f"not shipped: {_reason(error)}",)
    for finding in findings:
        print("dlr:", " ".join(finding.split()), file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
