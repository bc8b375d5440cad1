"""Journals with receipts to remove: sealed first, then files like others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dlr_analytics.errors import StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.connection import error_reason
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.receipts.seal import seal


@dataclass(frozen=True, slots=True)
class _Looked:
    """What is known of a journal: its inode, up to where it was read, what was found."""

    inode: int
    end: int
    affected: bool


class AffectedJournals:
    """Finds and seals the journals that have anything to remove, again and again.

    While it waits for receivers to close theirs, each line is read once.

    Parameters
    ----------
    data : path
        The data directory.
    affected : callable
        Whether a journal has anything to remove from an offset on, and where its lines end.
    """

    def __init__(self, data: Path, affected: Callable[[Path, int], tuple[bool, int]]) -> None:
        self._data = data
        self._affected = affected
        self._looked: dict[Path, _Looked] = {}

    def seal(self, calls: SystemCalls = REAL) -> tuple[list[Path], list[str]]:
        """Seal the affected journals that no receiver has open.

        Returns
        -------
        list of path, list of str
            Affected journals that a receiver or a sealer has open, and sentences about those that
            cannot be sealed.
        """
        held, failed = [], []
        for path in sorted(layout.journal(self._data).glob("*")):
            name = JournalName.parse(path.name)
            if name is None or not self._is_affected(path):
                continue
            try:
                seal(self._data, name, calls)
            except (OSError, StoreError, duckdb.Error) as error:
                failed.append(f"{path}: not sealed: {error_reason(error)}")
            else:
                held += [path] if path.exists() else []
        return held, failed

    def _is_affected(self, path: Path) -> bool:
        try:
            status = path.stat()
            known = self._looked.get(path)
            if known is None or known.inode != status.st_ino or known.end > status.st_size:
                known = _Looked(status.st_ino, 0, affected=False)
            if not known.affected and known.end < status.st_size:
                affected, end = self._affected(path, known.end)
                known = _Looked(status.st_ino, end, affected)
            self._looked[path] = known
        except FileNotFoundError:
            return False  # sealed since it was listed
        return known.affected
