"""The objects of a bucket: listed, created, fetched, replaced, deleted.

Objects are named as the files of the data directory. One that is there is never replaced, except
the manifest of the cache and two small files: ``If-None-Match: *`` makes the store refuse. If a
request was carried out but its answer got lost, the next try finds the object with the same size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from dlr_analytics.bucket.access import open_store
from dlr_analytics.bucket.failures import explained
from dlr_analytics.errors import BucketUnreachable, DamagedFile
from dlr_analytics.settings.bucket_address import BucketAddress

_LARGE: Final = 2**20
"""Bytes that even a slow connection sends within 30 s."""


class Store(Protocol):
    """What is used of a store of obstore; tests hand in others."""

    def list(self, prefix: str | None = None) -> Iterable[Sequence[Any]]: ...
    def head(self, path: str) -> Any: ...
    def get(self, path: str) -> Any: ...
    def put(self, path: str, file: bytes, *, mode: Any = None) -> Any: ...
    def delete(self, paths: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects under the prefix of an address.

    Every method raises BucketError if the store refuses or does not answer.
    """

    address: BucketAddress
    store: Store
    store_for_large_files: Store | None = None

    def sizes(self, folder: str) -> dict[str, int]:
        """Sizes of the objects below a folder, by name."""
        with explained(self.address):
            return {one["path"]: one["size"] for some in self.store.list(folder) for one in some}

    def create(self, name: str, path: Path) -> bool:
        """Create an object from a file; False if it is there already.

        Raises
        ------
        DamagedFile
            It is there with another size; nothing has changed.
        OSError
            The file cannot be read.
        """
        from obstore.exceptions import AlreadyExistsError

        content = path.read_bytes()
        with explained(self.address):
            try:
                self._store_for(content).put(name, content, mode="create")
            except AlreadyExistsError:
                self._check_size(name, len(content))
                return False
        return True

    def _store_for(self, content: bytes) -> Store:
        """The store to send an object with; a large one may take minutes."""
        return (len(content) > _LARGE and self.store_for_large_files) or self.store

    def _check_size(self, name: str, size: int) -> None:
        try:
            there = self.store.head(name)["size"]
        except FileNotFoundError:
            raise BucketUnreachable(
                f"{self.address}/{name}: another process writes it", "run it again"
            ) from None
        if there != size:
            raise DamagedFile(
                f"{self.address}/{name} has {there:,} bytes, and the file of this name {size:,}",
                "compare their receipts, and move one of them away",
            )

    def read(self, name: str) -> bytes | None:
        """The contents of a small object; None if there is none."""
        with explained(self.address):
            try:
                return bytes(self.store.get(name).bytes())
            except FileNotFoundError:
                return None

    def fetch(self, name: str, path: Path) -> bool:
        """Copy an object to a file, in parts; False if there is no such object.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        with explained(self.address):
            try:
                parts = iter(self.store.get(name))
            except FileNotFoundError:
                return False
        with path.open("wb") as file:
            for part in self._explained(parts):
                file.write(part)
        return True

    def _explained(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        with explained(self.address):
            yield from parts

    def replace(self, name: str, content: bytes) -> None:
        """Create an object, or replace it."""
        with explained(self.address):
            self.store.put(name, content, mode="overwrite")

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; those that do not exist are no error."""
        for name in names:
            with explained(self.address):
                self.store.delete([name])


def open_objects(address: BucketAddress) -> Objects:
    """The objects under the prefix of an address; nothing is sent yet.

    Raises
    ------
    MissingTool, SettingsError
        As `dlr_analytics.bucket.access.open_store`.
    """
    return Objects(address, open_store(address), open_store(address, for_large_files=True))
