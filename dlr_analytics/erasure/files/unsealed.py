"""Journals with receipts to remove: sealed first, then files like others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.connection import error_reason
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.receipts.seal import seal


def seal_affected(
    data: Path, affected: Callable[[Path], bool], calls: SystemCalls = REAL
) -> tuple[list[Path], list[str]]:
    """Seal the affected journals that no receiver has open.

    Parameters
    ----------
    affected : callable
        Whether a journal has anything to remove.

    Returns
    -------
    list of path, list of str
        Affected journals that a receiver or a sealer has open, and sentences about those that
        cannot be sealed.
    """
    held, failed = [], []
    for path in sorted(layout.journal(data).glob("*")):
        name = JournalName.parse(path.name)
        if name is None or not _is_affected(path, affected):
            continue
        try:
            seal(data, name, calls)
        except (OSError, StoreError, duckdb.Error) as error:
            failed.append(f"{path}: not sealed: {error_reason(error)}")
        else:
            held += [path] if path.exists() else []
    return held, failed


def _is_affected(path: Path, affected: Callable[[Path], bool]) -> bool:
    try:
        return affected(path)
    except FileNotFoundError:
        return False  # sealed since it was listed
