"""A data directory in a bucket: what one listing has, and reading its objects.

Everything is answered from one listing: which objects there are, how large, of which ETag. So a
question costs one listing and GETs of what it reads, never a HEAD. Each GET asks for the listed
ETag: an object that was replaced or deleted since is an error, never a mixture of two states.
Objects are never put, copied or deleted here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from dlr_analytics.bucket.access import open_store
from dlr_analytics.bucket.failures import explained
from dlr_analytics.errors import BucketMissing, DamagedFile, DlrError
from dlr_analytics.settings.bucket_address import BucketAddress, parse_bucket_address
from dlr_analytics.settings.bucket_path import BucketPath
from dlr_analytics.store import layout
from dlr_analytics.store.format import format_of
from dlr_analytics.store.receipts.listing import FileVanished, Listing

if TYPE_CHECKING:
    import duckdb
    from obstore import GetOptions, ObjectMeta
    from obstore.store import ObjectStore

SMALL: Final = 2**20
"""Objects up to this size are read whole, with one GET, and kept."""

REMEMBERED_BYTES: Final = 64 * 2**20
"""Of small objects together, the last used: a second connection reads the same ones."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was listed; ``changed`` is when it was put."""

    path: str
    size: int
    tag: str | None
    changed: dt.datetime


class Remembered:
    """Contents of small objects, the last used ones, for all connections of a bucket."""

    def __init__(self) -> None:
        self._contents: OrderedDict[Stored, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, stored: Stored) -> bytes | None:
        """The contents of an object, None where they are not here."""
        with self._lock:
            if stored in self._contents:
                self._contents.move_to_end(stored)
            return self._contents.get(stored)

    def keep(self, stored: Stored, contents: bytes) -> None:
        """Keep the contents of an object, and drop the least recently used ones."""
        with self._lock:
            self._contents[stored] = contents
            while sum(map(len, self._contents.values())) > REMEMBERED_BYTES:
                self._contents.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A prefix of a bucket that holds a data directory.

    ``data`` is its path, to which the paths of objects in ``store`` are relative.
    """

    data: BucketPath
    store: ObjectStore
    small: Remembered = field(default_factory=Remembered)

    @property
    def address(self) -> BucketAddress:
        """The address, for messages."""
        return parse_bucket_address(str(self.data))

    def list(self) -> Listing:
        """List what is stored now.

        Raises
        ------
        BucketMissing
            If no receipt, send record or quarantined call is stored there.
        NewerFormat
            If a newer release has written it.
        BucketError
            If the bucket cannot be listed.
        """
        files = self.files()
        receipts, sends = layout.receipts(self.data), layout.sends(self.data)
        networks = layout.user_networks(self.data)
        sealed, sent = files.signatures(receipts), files.signatures(sends)
        if not (sealed or sent or files.below(layout.quarantine(self.data))):
            raise BucketMissing(
                f"no data in {self.data}",
                "check the address; receivers with DLR_SHIP_TO put some there",
            )
        own = {str(networks): files.signature(networks)} if files.has([networks]) else {}
        format_of(self.data, files)
        return Listing(self.data, {}, sealed, sent, own, files)

    def files(self) -> BucketFiles:
        """The objects that there are now."""
        with explained(self.address):
            found = [one for chunk in self.store.list(chunk_size=1_000) for one in chunk]
        return BucketFiles(self, {f"{self.data}/{one['path']}": _stored(one) for one in found})

    def get(self, stored: Stored, start: int, end: int) -> bytes:
        """Read a range of bytes of an object; ``end`` is not included.

        Raises
        ------
        FileVanished
            If it was replaced or deleted since it was listed.
        DamagedFile
            If it ends earlier.
        BucketError
            If it cannot be read.
        """
        from obstore.exceptions import PreconditionError

        options: GetOptions = {"range": (start, end)}
        if stored.tag is not None:
            options["if_match"] = stored.tag
        try:
            with explained(self.address):
                try:
                    contents = bytes(self.store.get(stored.path, options=options).bytes())
                except PreconditionError as error:
                    raise FileVanished from error
        except FileNotFoundError as error:
            raise FileVanished from error
        if len(contents) != end - start:
            raise DamagedFile(
                f"{self.data}/{stored.path} is cut short", "put it there again from a sound copy"
            )
        return contents


@dataclass(frozen=True, slots=True)
class BucketFiles:
    """The objects of one listing, by path: the ``Files`` of a bucket.

    DuckDB makes its own errors of those that reading raises; ``failures`` has the originals.
    """

    bucket: Bucket = field(compare=False)
    objects: Mapping[str, Stored]
    failures: list[DlrError] = field(default_factory=list, compare=False)

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a connection read the objects by their paths."""
        # Imported here: fsspec belongs to the extra.
        from dlr_analytics.bucket.file_system import ListedFileSystem

        connection.register_filesystem(ListedFileSystem(self))

    def has(self, paths: Iterable[Path]) -> bool:
        """Whether all of these are listed."""
        return all(str(path) in self.objects for path in paths)

    def still_has(self, paths: Iterable[Path]) -> bool:
        """Whether all of these are there now as they were listed.

        Raises
        ------
        DlrError
            What reading failed with, if that was not one object; BucketError if listing fails.
        """
        if self.failures:
            raise self.failures.pop()
        now = self.bucket.files().objects
        names = map(str, paths)
        return all(name in now and now[name] == self.objects.get(name) for name in names)

    def below(self, folder: Path) -> list[Path]:
        """The objects that are directly in a folder, sorted by name."""
        start = f"{folder}/"
        names = (name for name in self.objects if name.startswith(start))
        return [BucketPath(name) for name in sorted(names) if "/" not in name.removeprefix(start)]

    def tree(self, folder: Path) -> list[Path]:
        """The objects below a folder, unordered."""
        return [BucketPath(name) for name in self.objects if name.startswith(f"{folder}/")]

    def in_days(self, folder: Path) -> list[Path]:
        """The objects below a folder, unordered."""
        return self.tree(folder)

    def disk_use(self, folder: Path) -> int:
        """Bytes of the objects below a folder."""
        return sum(self.size(str(path)) for path in self.tree(folder))

    def open(self, path: Path) -> BinaryIO:
        """Open an object: a small one is read whole, another in the parts that are read."""
        if self.size(str(path)) <= SMALL:
            return io.BytesIO(self.read(str(path)))
        # Imported here: fsspec belongs to the extra.
        from dlr_analytics.bucket.file_system import ListedFile

        return io.BufferedReader(ListedFile(self, str(path)), SMALL)

    def changed_at(self, path: Path) -> float:
        """When an object was put, in Unix seconds."""
        return self._find(str(path)).changed.timestamp()

    def digest(self, path: Path) -> str:
        """The SHA-256 of an object."""
        return hashlib.sha256(self.read(str(path))).hexdigest()

    def signatures(self, folder: Path) -> dict[str, tuple[int, int]]:
        """Sizes and times of the Parquet files in a folder and its subfolders."""
        found = (path for path in self.tree(folder) if path.suffix == ".parquet")
        return {str(path): self.signature(path) for path in found}

    def signature(self, path: Path) -> tuple[int, int]:
        """The size and time of an object."""
        stored = self._find(str(path))
        return stored.size, int(stored.changed.timestamp()) * 10**9

    def size(self, name: str) -> int:
        """The size of an object in bytes."""
        return self._find(name).size

    def read(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        """Read a range of bytes of an object; errors as of :meth:`Bucket.get`.

        Raises
        ------
        FileNotFoundError
            If it is not listed.
        """
        stored = self._find(name)
        end = stored.size if end is None else min(end, stored.size)
        if start >= end:
            return b""
        if stored.size > SMALL:
            return self.bucket.get(stored, start, end)
        contents = self.bucket.small.find(stored)
        if contents is None:
            contents = self.bucket.get(stored, 0, stored.size)
            self.bucket.small.keep(stored, contents)
        return contents[start:end]

    def _find(self, name: str) -> Stored:
        if name not in self.objects:
            raise FileNotFoundError(name)
        return self.objects[name]


def open_bucket(data: BucketPath) -> Bucket:
    """Open a bucket to list and read it; nothing is sent yet.

    Raises
    ------
    MissingTool
        If the extra ``s3`` is not installed.
    SettingsError
        If one of the AWS_ variables cannot be used.
    """
    return Bucket(data, open_store(parse_bucket_address(str(data))))


def _stored(found: ObjectMeta) -> Stored:
    return Stored(found["path"], found["size"], found["e_tag"], found["last_modified"])
