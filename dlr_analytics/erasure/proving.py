"""The last step of ``dlr forget``: read everything, remove leftovers."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import duckdb

from dlr_analytics.erasure.derived import remove_messages
from dlr_analytics.erasure.plan import Plan, Track
from dlr_analytics.erasure.proof import Proof
from dlr_analytics.erasure.spellings import Finder
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.locks import exclusive_lock, try_lock
from dlr_analytics.store.spill import PREFIX


def prove(
    settings: Settings,
    plan: Plan,
    connection: duckdb.DuckDBPyConnection,
    scratch: Path,
    track: Track = iter,
) -> dict[Path, str]:
    """Read every file; remove cached messages and leftovers that hold a number.

    Damaged ones too: what they hold cannot be said.

    The caller holds the lock of erasures.

    Returns
    -------
    dict of path to str
        Files that still hold a number, or cannot be read, each with the reason and the remedy.
    """
    data = settings.data
    finder = Finder(plan.numbers, plan.hashes)
    in_quarantine = Finder(plan.numbers, plan.hashes, national=True)
    proof = Proof(connection, data, finder, in_quarantine, scratch.parent, track)
    holding = proof.holding()
    removable = {path for path in holding if _is_removable(path, data)}
    if removable:
        if any(path.is_relative_to(layout.messages(data)) for path in removable):
            remove_messages(settings)
        for path in removable:
            with contextlib.suppress(PermissionError):  # it is found again, and named
                _remove_unlocked(path, data)
        holding = proof.holding()
    return {path: in_words(path, reason, data) for path, reason in holding.items()}


def in_words(path: Path, reason: str, data: Path) -> str:
    """A sentence about a file that holds a number or cannot be read, with the remedy."""
    return f"{path}: {reason}; {_remedy(path, data)}"


def is_own(path: Path, data: Path) -> bool:
    """Whether a file is in one of the folders that this package writes to.

    Examples
    --------
    >>> data = Path("data")
    >>> [is_own(path, data) for path in (data / "sends/a.parquet", data / "own.csv", data)]
    [True, False, False]
    """
    return any(path.is_relative_to(data / name) for name in layout.SUBFOLDERS)


def _is_removable(path: Path, data: Path) -> bool:
    """Whether a file is derived, or left in the staging folder by nobody who is alive."""
    below = path.relative_to(data).parts
    if not os.path.isfile(path):  # noqa: PTH113 - false, too, where it may not be asked for
        return False
    if below[0] == "messages":
        return True
    return below[0] == "staging" and not below[1].startswith((PREFIX, layout.ERASURE))


def _remove_unlocked(path: Path, data: Path) -> None:
    """Remove a leftover, unless somebody has locked it."""
    compact, incoming = layout.compact_lock(data), layout.incoming_lock(data)
    with exclusive_lock(compact), exclusive_lock(incoming), try_lock(path) as is_free:
        if is_free:
            path.unlink(missing_ok=True)


def _remedy(path: Path, data: Path) -> str:
    parts = path.relative_to(data).parts
    if len(parts) > 1 and parts[1].startswith(PREFIX):
        return "a running process has it: run it again when that has ended"
    if is_own(path, data):
        return "run it again; if it stays, restore it from a backup or move it away"
    return "remove it, or the number from it, then run it again"
