"""Removal of what killed runs left in ``staging/``.

Every kind of entry has a lock that whoever works on it holds. The caller holds those of
compactions and of imports; a sealer holds the lock of the journal that it seals, and temporary
folders are locked themselves (:mod:`dlr_analytics.store.spill`). Empty files stay: a receiver makes
its journals there, and gives them their name once they are locked.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.erasure.files import folders, places, send_records
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.connection import error_reason
from dlr_analytics.store.layout import JournalName, QuarantineName
from dlr_analytics.store.locks import exclusive_lock, try_lock
from dlr_analytics.store.receipts.compact import clean_up
from dlr_analytics.store.receipts.scanning import list_entries
from dlr_analytics.store.spill import sweep

_COMPACTION: Final = "compact-"
_OF_LOCKED_COMMANDS: Final = ("incoming-", "messages", send_records.DRAFT, layout.ERASURE)
"""Beginnings of names of what only holders of the caller's locks write."""


def remove_leftovers(data: Path, calls: SystemCalls = REAL) -> list[str]:
    """Remove what killed runs left.

    The caller holds the locks of compactions, of imports and of erasures.

    Returns
    -------
    list of str
        Sentences about what has to stay.
    """
    staging = layout.staging(data)
    if not staging.is_dir():
        return []
    sweep(staging)
    findings = []
    plans = {*layout.erasure_plans(data), layout.release_request(data)}
    staged = sorted(Path(entry.path) for entry in list_entries(staging))
    left = {path: partial(_remove, data, path, calls) for path in staged if path not in plans}
    for folder, path in places.staged_elsewhere(data):
        left[path] = partial(_remove_elsewhere, data, folder, path, calls)
    for path, remove in left.items():
        try:
            remove()
        except (OSError, duckdb.Error) as error:
            findings.append(f"{path}: {error_reason(error)}")
    return findings


def _remove_elsewhere(data: Path, folder: Path, path: Path, calls: SystemCalls) -> None:
    if path.is_dir():
        folders.clean_up(data, folder, path, calls)
    else:
        with exclusive_lock(layout.lock(data)):  # a sealer copies a file there
            path.unlink(missing_ok=True)


def _remove(data: Path, path: Path, calls: SystemCalls) -> None:
    if path.is_dir():
        _remove_folder(data, path, calls)
    elif _final_name(path).startswith((_COMPACTION, places.PREFIX, *_OF_LOCKED_COMMANDS)):
        path.unlink()
    elif path.exists() and path.stat().st_size:
        with _work_of_sealer(data, path) as is_free:
            if is_free:
                path.unlink(missing_ok=True)


def _remove_folder(data: Path, path: Path, calls: SystemCalls) -> None:
    if path.name.startswith(_COMPACTION):
        folder = layout.receipts(data) / f"received_date={path.name.removeprefix(_COMPACTION)}"
        with exclusive_lock(layout.lock(data)):
            clean_up(folder, path, calls)
    elif path.name.startswith(places.PREFIX):
        name = path.name.removeprefix(places.PREFIX).rpartition("-")[0]
        folders.clean_up(data, layout.receipts(data) / name, path, calls)
    elif path.name.startswith(_OF_LOCKED_COMMANDS):
        shutil.rmtree(path)


@contextlib.contextmanager
def _work_of_sealer(data: Path, path: Path) -> Iterator[bool]:
    """Hold the lock of a staged file's journal; False if it is being sealed.

    Files of no journal are of nobody who is alive: False only where their name is unknown.
    """
    journals = _journals(data, path)
    if journals is None:
        yield False
        return
    with contextlib.ExitStack() as locks:
        yield all(
            locks.enter_context(try_lock(journal)) or not journal.exists() for journal in journals
        )


def _final_name(path: Path) -> str:
    """The name that a file gets once DuckDB has written the whole of it."""
    return path.name.removeprefix(places.UNFINISHED)


def _journals(data: Path, path: Path) -> list[Path] | None:
    """The journals that a staged file may be of; None if its name is unknown."""
    name = _final_name(path)
    for suffix in (".parquet", ".good"):
        name = name.removesuffix(suffix)
    if JournalName.parse(name) is not None:
        return [layout.journal(data) / name]
    quarantined = QuarantineName.parse(name)
    if quarantined is None:
        return None
    writer = quarantined.writer.removesuffix("d")
    pattern = f"*.{writer}-{quarantined.number:06d}.jsonl"
    return sorted(layout.journal(data).glob(pattern))
