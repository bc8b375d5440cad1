"""Folders of receipts: files written again, and exchanged at once.

A file never changes once it has its name. Each file with rows to remove is written again under a
new name, whose footer says that it replaces the old one (:mod:`dlr_analytics.store.receipts.
generations`): a journal that survived a crash is not sealed again, and a file that is copied back
does not count. Plain readers know nothing of that. So the folder's new contents, hard links to its
other files included, are prepared in ``staging/erase-<folder>-<inode>/`` and exchanged with it in
one system call, as a compaction does. Sealing may add files meanwhile: then only those are
processed before the next try.

The inode in the name is that of the folder. If the staging folder has it, the exchange has happened
and the old files are there; else it has nothing but copies. So what a killed run leaves can be
removed either way, except for files that another program has added in between: they are moved to
the folder, where they were meant to be.

The folder of a day that is a link to another disk is prepared and exchanged there
(:mod:`dlr_analytics.erasure.files.places`). Where folders cannot be exchanged, or there are folders
in it, the new files are renamed into the folder and the old ones removed: plain readers may see
both for a moment.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.erasure.files.places import draft_of, staged_folder
from dlr_analytics.erasure.files.rewriting import Rewriter
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls, atomic_rename, inherit_access, make_folder
from dlr_analytics.store.connection import connect
from dlr_analytics.store.layout import JournalName
from dlr_analytics.store.locks import exclusive_lock
from dlr_analytics.store.receipts import exchange, generations
from dlr_analytics.store.receipts.compact import LISTED_AT_ONCE, LISTING_SECONDS
from dlr_analytics.store.receipts.listing import FileSignature
from dlr_analytics.store.receipts.merge import row_count
from dlr_analytics.store.receipts.scanning import list_entries
from dlr_analytics.store.shipping.files import withdraw

_PATIENCE: Final = 3
"""Tries until sealing has to wait: files may be added faster than they are processed."""

_File = tuple[Path, FileSignature]


class FolderRewrite:
    """Rewrites the files of one folder below ``receipts/``.

    The caller holds the locks of compactions and of imports.

    Parameters
    ----------
    data, folder : path
        The data directory, and the folder of a day or any other one.
    rewriter : Rewriter
        What to remove.
    damaged : collection of path
        Files that stay as they are.
    calls : SystemCalls, optional
        The system calls to make.
    """

    def __init__(
        self,
        data: Path,
        folder: Path,
        rewriter: Rewriter,
        damaged: frozenset[Path] = frozenset(),
        calls: SystemCalls = REAL,
    ) -> None:
        self._data = data
        self._folder = folder
        self._rewriter = rewriter
        self._damaged = damaged
        self._calls = calls
        self._place = Path(os.path.realpath(folder))
        self._staged = staged_folder(data, folder)

    def rewrite(self) -> bool:
        """Rewrite the affected files; remove those that others replace.

        Returns
        -------
        bool
            Whether anything has changed.

        Raises
        ------
        OSError, duckdb.Error
            Every receipt that stays is still there once.
        """
        with exclusive_lock(layout.lock(self._data)):
            changed = self._remove_superseded()
        written: dict[_File, Path] = {}
        try:
            for attempt in range(_PATIENCE + 1):
                with contextlib.ExitStack() as locks:
                    if attempt == _PATIENCE:
                        locks.enter_context(exclusive_lock(layout.lock(self._data)))
                    live = _signatures(self._folder)
                    affected = self._affected(live)
                    if not affected:
                        break
                    self._write(affected, written)
                    if attempt < _PATIENCE:
                        locks.enter_context(exclusive_lock(layout.lock(self._data)))
                    if _signatures(self._folder) == live:
                        self._publish({file[0]: written[file] for file in affected})
                        changed = True
                        break
                    # A file was added meanwhile.
            return changed
        finally:
            self._remove_staged()

    def remove_empty(self) -> bool:
        """Remove a day's folder if no file has a row, and no journal may come back.

        A journal that has been sealed may still be there: what its file was is then known only by
        what replaces it.
        """
        with exclusive_lock(layout.lock(self._data)):
            files = sorted(self._folder.glob("*.parquet"))
            is_day = layout.parse_day_folder(self._folder.name) is not None
            if not is_day or not self._damaged.isdisjoint(files):
                return False
            if _rows(files) or self._has_journals():
                return False
            # Nothing here will name what these replaced: a bucket must not bring it back.
            withdraw(self._data, {*files, *generations.replaced_files(files)}, self._calls)
            for path in files:
                self._calls.unlink(path)
            if not list_entries(self._folder):  # else other programs' files are in it
                if self._folder.is_symlink():
                    self._calls.unlink(self._folder)  # first: a link to nothing would stay
                with contextlib.suppress(OSError):  # one has been added
                    self._place.rmdir()
                self._calls.sync_folder(self._folder.parent)
            return bool(files) or not self._folder.exists()

    def _has_journals(self) -> bool:
        day = layout.parse_day_folder(self._folder.name)
        names = (JournalName.parse(e.name) for e in list_entries(layout.journal(self._data)))
        return any(name is not None and name.day == day for name in names)

    def _remove_superseded(self) -> bool:
        present = sorted(self._folder.glob("*.parquet"))
        if not self._damaged.isdisjoint(present):
            return False  # it may be what makes others superseded
        superseded = generations.replaced_files(present).intersection(present)
        for path in sorted(superseded):
            self._calls.unlink(path)
        return bool(superseded)

    def _affected(self, live: Mapping[Path, FileSignature]) -> list[_File]:
        sound = sorted(live.keys() - self._damaged)
        return [(path, live[path]) for path in self._rewriter.affected(sound)]

    def _write(self, affected: Iterable[_File], written: dict[_File, Path]) -> None:
        """Write the successors that are not written yet to the staging folder, synced."""
        make_folder(self._staged, self._calls)
        inherit_access(self._staged, self._folder)  # it takes this folder's place
        draft = draft_of(self._staged)
        for file in affected:
            path = file[0]
            if file not in written:
                checksum = self._rewriter.write(path, draft, generations.successor_footer(path))
                name = generations.file_name(1 + generations.generation_of(path), checksum)
                atomic_rename(draft, self._staged / name, self._calls)
                written[file] = self._staged / name

    def _publish(self, successors: Mapping[Path, Path]) -> None:
        """Replace files by their successors; under the lock of the data directory."""
        fresh = set(successors.values())
        for path in set(self._staged.iterdir()) - fresh:
            path.unlink()  # of a file that has changed since
        if self._link_others(successors) and self._exchange():
            self._calls.sync_folder(self._place.parent)
            self._calls.sync_folder(self._staged.parent)
            return
        for path in fresh:
            self._calls.rename(path, self._folder / path.name)
        self._calls.sync_folder(self._folder)
        for path in successors:
            self._calls.unlink(path)

    def _link_others(self, successors: Mapping[Path, Path]) -> bool:
        """Link the other files into the staging folder; False if that is not possible."""
        try:
            for entry in list_entries(self._folder):
                if Path(entry.path) not in successors:
                    if entry.is_dir():
                        return False
                    os.link(entry.path, self._staged / entry.name, follow_symlinks=False)
        except OSError:
            return False
        return layout.parse_day_folder(self._folder.name) is not None

    def _exchange(self) -> bool:
        try:
            self._calls.exchange(self._staged, self._place)
        except OSError as error:
            if error.errno in exchange.UNSUPPORTED:
                return False
            raise
        return True

    def _remove_staged(self) -> None:
        if len(list_entries(self._staged)) > LISTED_AT_ONCE:
            time.sleep(LISTING_SECONDS)  # for readers that are listing them
        draft_of(self._staged).unlink(missing_ok=True)
        clean_up(self._data, self._folder, self._staged, self._calls)


def clean_up(data: Path, folder: Path, staged: Path, calls: SystemCalls = REAL) -> None:
    """Remove a staging folder; files that another program has added go to ``folder``.

    The caller holds the locks of compactions and of imports.
    """
    if not staged.is_dir():
        return
    if str(staged.stat().st_ino) == staged.name.rpartition("-")[2]:
        with exclusive_lock(layout.lock(data)):
            replaced = generations.replaced_files(folder.glob("*.parquet"))
            for path in staged.iterdir():
                twin = folder / path.name
                if twin not in replaced and not twin.exists():
                    calls.rename(path, twin)
    shutil.rmtree(staged)


def empty_days(data: Path, damaged: Collection[Path] = ()) -> list[Path]:
    """Folders of days that have no receipts, as a run leaves that was stopped.

    A folder with a damaged file is none: what it had cannot be known.

    Raises
    ------
    duckdb.Error
        Another file cannot be read.
    """
    days = (f for f in layout.receipts(data).glob("*") if layout.parse_day_folder(f.name))
    files = {day: sorted(day.glob("*.parquet")) for day in sorted(days)}
    sound = {day: found for day, found in files.items() if not set(found).intersection(damaged)}
    with connect() as connection:
        try:
            full = _full_folders([path for found in sound.values() for path in found], connection)
            return [day for day in sound if day not in full]
        except duckdb.Error:  # compacted since they were listed, or damaged
            return [day for day in sound if _is_empty(day, connection)]


def _full_folders(files: list[Path], connection: duckdb.DuckDBPyConnection) -> set[Path]:
    """The folders of files that have rows."""
    if not files:
        return set()
    rows = connection.execute(
        "select file_name from parquet_file_metadata($1) where num_rows > 0",
        [list(map(str, files))],
    ).fetchall()
    return {Path(name).parent for (name,) in rows}


def _is_empty(folder: Path, connection: duckdb.DuckDBPyConnection) -> bool:
    while True:
        files = sorted(folder.glob("*.parquet"))
        try:
            return not _full_folders(files, connection)
        except duckdb.Error:
            if all(path.exists() for path in files):
                raise
            # compacted since they were listed


def _signatures(folder: Path) -> dict[Path, FileSignature]:
    found = {path: path.stat() for path in folder.glob("*.parquet")}
    return {path: (status.st_size, status.st_mtime_ns) for path, status in found.items()}


def _rows(files: list[Path]) -> int:
    if not files:
        return 0
    with connect() as connection:
        return row_count(files, connection)
