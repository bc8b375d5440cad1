"""Quarantine files, written again without the lines that are removed.

As a replay does, the remaining lines go to a file whose name counts one more replay; if a run is
killed between the two steps, the next one removes the old file only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename, make_folder
from dlr_analytics.store.journal.codec import is_intact
from dlr_analytics.store.layout import QuarantineName
from dlr_analytics.store.locks import try_lock
from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.store.shipping.files import withdraw

Gone = Callable[[QuarantineEntry], bool]
"""Whether a line is removed, a damaged one included."""


Looked = dict[Path, tuple[tuple[int, int, int], bool]]
"""Inode, size and time of change of files, and whether they have such lines."""


def count_lines(data: Path, gone: Gone) -> int:
    """Count the lines that would be removed."""
    return sum(map(gone, quarantine.entries(data)))


def rewrite_quarantine(
    data: Path, gone: Gone, looked: Looked, calls: SystemCalls = REAL
) -> tuple[list[Path], bool]:
    """Remove lines from the files that no receiver has open.

    Parameters
    ----------
    looked : dict
        What earlier calls have found, with the same ``gone``: unchanged files are not read again.

    Returns
    -------
    list of path, bool
        Files with such lines that a receiver has open, and whether any other has changed.
    """
    held, changed = [], False
    for name, path in quarantine.files(data):
        if not _has(path, gone, looked):
            continue
        with try_lock(path) as locked:
            if locked:
                _rewrite(data, name, path, gone, calls)
                changed = True
            elif path.exists():
                held.append(path)
    return held, changed


def _has(path: Path, gone: Gone, looked: Looked) -> bool:
    try:
        status = path.stat()
        state = status.st_ino, status.st_size, status.st_mtime_ns
        known, has = looked.get(path, (None, False))
        if known != state:
            has = any(map(gone, quarantine.read(path)))
            looked[path] = state, has
    except FileNotFoundError:
        return False  # replayed since it was listed
    return has


def _rewrite(data: Path, name: QuarantineName, path: Path, gone: Gone, calls: SystemCalls) -> None:
    successor = replace(name, replays=name.replays + 1)
    final = layout.quarantine(data) / successor.file
    lines = _remaining(path, gone)
    if lines and not final.exists():
        staged = layout.staging(data) / final.name
        make_folder(staged.parent, calls)
        staged.write_bytes(b"".join(lines))
        modified = path.stat().st_mtime_ns  # the time of arrival of damaged lines
        os.utime(staged, ns=(modified, modified))
        atomic_rename(staged, final, calls)
    withdraw(data, [path], calls)
    calls.unlink(path)
    calls.sync_folder(path.parent)


def _remaining(path: Path, gone: Gone) -> list[bytes]:
    """The complete lines that stay, as they are; a torn one was never acknowledged."""
    modified_at = path.stat().st_mtime
    with path.open("rb") as lines:
        entries = [
            (line, quarantine.decode(line))
            if is_intact(line)
            else (line, quarantine.damaged(line, modified_at))
            for line in lines
            if line.endswith(b"\n")
        ]
    return [line for line, entry in entries if not gone(entry)]
