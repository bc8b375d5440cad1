"""The proof of ``dlr forget``: every file of a data directory is read.

Parquet files are read twice: their values, since pages are compressed and numbers may be spelled or
stored in any type, and their bytes, since a footer or an uncompressed page may hold what no value
does. Of all other files the lines are read, with every spelling; bytes in UTF-16 too.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.erasure.plan import Track
from dlr_analytics.erasure.spellings import Finder
from dlr_analytics.erasure.texts import TextSearch
from dlr_analytics.store import layout
from dlr_analytics.store.layout import PARQUET_SUFFIXES
from dlr_analytics.store.receipts.scanning import scan_folder
from dlr_analytics.store.spill import PREFIX

HOLDS: Final = "it holds a number or hash that is to be forgotten"
"""The reason of a file that was read; others are of files that could not be."""

_PARQUET: Final = b"PAR1"
_CHUNK: Final = 1 << 22
_OVERLAP: Final = 256
_FEW: Final = 200

_GONE: Final = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
"""Errors of a file that was removed since it was listed, and of links to nothing."""
_WAIT_SECONDS: Final = 10.0
"""Time for what other processes spill to be removed by them."""


class Proof:
    """Reads everything and names the files that hold a number.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Reads Parquet files.
    data : path
        The data directory.
    finder, in_quarantine : Finder
        What is looked for; in the quarantine, numbers without their country too.
    own : path
        The folder of this process, which is not read.
    track : callable, optional
        Shows the progress over files.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        data: Path,
        finder: Finder,
        in_quarantine: Finder,
        own: Path,
        track: Track = iter,
    ) -> None:
        self._data = data
        self._finder = finder
        self._in_quarantine = in_quarantine
        self._own = own.absolute()
        self._track = track
        self._search = TextSearch(connection, finder)
        self._bytes = ByteSearch(finder)

    def holding(self, *, wait: bool = True) -> dict[Path, str]:
        """The files that hold a number, or cannot be read, each with the reason.

        With ``wait``, files of other processes that spill or copy get some time to be removed.
        """
        until = time.monotonic() + (_WAIT_SECONDS if wait else 0)
        found = dict(self._read_all())
        while time.monotonic() < until and any(map(self._is_spilled, found)):
            time.sleep(0.2)
            found = {
                path: reason
                for path, reason in found.items()
                if not self._is_spilled(path) or path.exists()
            }
        return found

    def _is_spilled(self, path: Path) -> bool:
        return any(part.startswith(PREFIX) for part in path.relative_to(self._data).parts)

    def _read_all(self) -> Iterator[tuple[Path, str]]:
        plans = {*layout.erasure_plans(self._data)}
        # Not a list: what is sealed meanwhile is in folders that are listed later.
        for path in self._track(_files(self._data)):
            if path in plans or path.absolute().is_relative_to(self._own):
                continue
            try:
                if self._holds(path):
                    yield path, HOLDS
            except FileNotFoundError:
                continue  # sealed, compacted or removed since it was listed
            except OSError as error:
                yield path, f"it cannot be read ({error.strerror or error})"
            except duckdb.Error:
                if path.exists():
                    yield path, "it is no whole Parquet file, and its values cannot be read"

    def _holds(self, path: Path) -> bool:
        with path.open("rb") as file:
            is_parquet = file.read(len(_PARQUET)) == _PARQUET
        if is_parquet or path.suffix in PARQUET_SUFFIXES:
            return self._has_bytes(path) or bool(self._search.search([path]))
        return self._has_lines(path)

    def _has_bytes(self, path: Path) -> bool:
        with path.open("rb") as file:
            before = b""
            while chunk := file.read(_CHUNK):
                if self._bytes.holds(before + chunk):
                    return True
                before = (before + chunk)[-_OVERLAP:]
        return False

    def _has_lines(self, path: Path) -> bool:
        is_quarantine = path.parent == layout.quarantine(self._data)
        finder = self._in_quarantine if is_quarantine else self._finder
        with path.open("rb") as file:
            for line in file:
                if finder.holds(line.decode("utf-8", "replace")):
                    return True
        return self._has_bytes(path)


def _files(folder: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """All files below a folder, behind links too, but not what leads back to it.

    Folders that may not be listed, and what is in those that may not be entered, too.
    """
    place = Path(os.path.realpath(folder))
    if place in above:
        return
    try:
        entries = scan_folder(folder)
    except PermissionError:
        yield folder
        return
    for path in (Path(entry.path) for entry in entries):
        try:
            mode = path.stat().st_mode
        except PermissionError:
            yield path  # in a folder that may be listed, but not entered
        except OSError as error:
            if error.errno not in _GONE:
                raise
        else:
            if stat.S_ISDIR(mode):
                yield from _files(path, above | {place})
            elif stat.S_ISREG(mode):
                yield path


class ByteSearch:
    """Searches bytes for hashes, and for numbers in UTF-8 or UTF-16.

    Numbers are whole runs of digits. A few texts are found in bytes 200 times as fast as a regular
    expression looks for them, so that it only has to confirm what was found.
    """

    def __init__(self, finder: Finder) -> None:
        plain = [number.encode() for number in sorted(finder.numbers)]
        wide = [number.encode("utf-16-le") for number in sorted(finder.numbers)]
        hashes = [digest.encode() for digest in sorted(finder.hashes)]
        alternatives = [rb"(?i:%s)" % digest for digest in hashes]
        if plain:
            alternatives.append(rb"(?<![0-9])(?:%s)(?![0-9])" % b"|".join(plain))
            wide_ones = b"|".join(map(re.escape, wide))
            alternatives.append(rb"(?<![0-9]\0)(?:%s)(?![0-9]\0)" % wide_ones)
        self._pattern = re.compile(b"|".join(alternatives) or rb"(?!)")
        self._texts = [*plain, *wide]
        self._hashes = hashes

    def holds(self, data: bytes) -> bool:
        """Whether bytes have one of the numbers or hashes."""
        return self._may_hold(data) and self._pattern.search(data) is not None

    def _may_hold(self, data: bytes) -> bool:
        if len(self._texts) + len(self._hashes) > _FEW:
            return True
        if any(text in data for text in self._texts):
            return True
        lower = data.lower() if self._hashes else b""
        return any(digest in lower for digest in self._hashes)
