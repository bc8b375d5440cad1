"""``dlr publish``: a bucket becomes what the keeper's data directory is.

A bucket has neither a lock nor a rename, so the order is what keeps it right. At every moment each
receipt is in a file that counts:

1. Files of receipts, send records and the quarantine that the bucket has not are created.
2. Objects that a compacted file replaces, or whose contents were removed, are deleted. Until then
   our own readers skip what a compacted file replaces; plain readers see such a day twice.
3. The files of the cache are created; then the manifest is replaced, so that it never names a file
   that is not there; then cached files of the manifest before are deleted.

Receivers may ship meanwhile: their new files are no object of this directory, and stay. Only one
data directory may publish to a bucket. One that lacks a compacted file of the bucket is refused: it
would bring back what that file has replaced.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.bucket.objects import Objects
from dlr_analytics.bucket.pull import check_format
from dlr_analytics.bucket.replaced import is_data, replaced_by_contents, sizes_of_data
from dlr_analytics.errors import DamagedFile, UsageError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import existing_folder
from dlr_analytics.store.locks import exclusive_lock, try_lock
from dlr_analytics.store.parquet.checksum import check_sum
from dlr_analytics.store.receipts.generations import is_compacted
from dlr_analytics.store.receipts.scanning import files_below
from dlr_analytics.store.shipping.files import list_files
from dlr_analytics.store.shipping.obsolete import obsolete_names

_SMALL: Final = (layout.user_networks, layout.format_file)
"""Files that messages depend on, and that change under their name."""


@dataclass(frozen=True, slots=True)
class Published:
    """Numbers of objects created, replaced and deleted."""

    created: int
    replaced: int
    deleted: int


def publish(objects: Objects, data: Path) -> Published:
    """Create, replace and delete objects, so that the bucket is like the directory.

    Parameters
    ----------
    objects : Objects
        Where to.
    data : path
        The keeper's data directory.

    Raises
    ------
    DataFolderMissing
        There is no such folder.
    UsageError
        The bucket has compacted files that are not here; nothing is changed.
    DamagedFile
        A file here is damaged, or an object has its name and another size; nothing is deleted.
    BucketError
        Every receipt is in the bucket as before; run it again.
    """
    existing_folder(data)
    check_format(objects)
    with (
        exclusive_lock(layout.bucket_lock(data)),
        exclusive_lock(layout.compact_lock(data)),
        exclusive_lock(layout.incoming_lock(data)),
    ):
        sizes = sizes_of_data(objects)
        run = _Publication(objects, data, sizes)
        obsolete = obsolete_names(data)
        run.check(obsolete)
        created = run.create_files(obsolete)
        absent = [name for name in sizes if is_data(name) and not (data / name).exists()]
        by_others = replaced_by_contents(data, objects, absent)
        deleted = run.delete(obsolete.intersection(sizes).union(by_others))
        cached, replaced, gone = run.publish_cache()
    return Published(created + cached, replaced, deleted + gone)


@dataclass(frozen=True, slots=True)
class _Publication:
    """One run, with the sizes of all objects but those of the cache."""

    objects: Objects
    data: Path
    sizes: dict[str, int]

    def check(self, obsolete: frozenset[str]) -> None:
        """Raise UsageError if the bucket has compacted files that are not here."""
        unknown = [
            name
            for name in sorted(self.sizes)
            if is_data(name)
            and is_compacted(Path(name))
            and name not in obsolete
            and not (self.data / name).exists()
        ]
        if unknown:
            raise UsageError(
                f"{self.objects.address}/{unknown[0]} is not in {self.data}",
                "run dlr pull and dlr compact first; only one data directory may publish",
            )

    def create_files(self, obsolete: frozenset[str]) -> int:
        """Create what the bucket has not; return the number of objects."""
        created = 0
        for file in list_files(self.data):
            if file.name in obsolete or self.sizes.get(file.name) == file.size:
                continue
            if file.name in self.sizes:
                raise DamagedFile(
                    f"{self.objects.address}/{file.name} has {self.sizes[file.name]:,} bytes, and"
                    f" {file.path} {file.size:,}",
                    "compare their receipts, and move one of them away",
                )
            with contextlib.ExitStack() as locks:
                if file.name.startswith("quarantine/"):
                    if not locks.enter_context(try_lock(file.path)):
                        continue  # a receiver writes it
                else:
                    check_sum(file.path)
                created += self.objects.create(file.name, file.path)
        return created

    def delete(self, names: Iterable[str]) -> int:
        """Delete objects of files that are not here; return their number."""
        gone = [name for name in sorted(names) if not self._withdrawn_but_here(name)]
        self.objects.delete(gone)
        return len(gone)

    def _withdrawn_but_here(self, name: str) -> bool:
        """Whether a run was killed between saying that it removes a file, and removing it."""
        return not name.startswith("receipts/") and (self.data / name).exists()

    def publish_cache(self) -> tuple[int, int, int]:
        """Publish the cache; numbers of objects created, replaced and deleted."""
        messages = layout.messages(self.data)
        manifest = layout.cache_manifest(messages)
        replaced = sum(self._mirror(name(self.data)) for name in _SMALL)
        if not manifest.exists():
            return 0, replaced, 0
        here = {self._name(path): path for path in map(Path, files_below(messages, ""))}
        del here[self._name(manifest)]
        there = self.objects.sizes("messages/")
        created = sum(
            self.objects.create(name, path)
            for name, path in sorted(here.items())
            if there.get(name) != path.stat().st_size
        )
        replaced += self._mirror(manifest)
        old = sorted(there.keys() - here.keys() - {self._name(manifest)})
        self.objects.delete(old)
        return created, replaced, len(old)

    def _mirror(self, path: Path) -> bool:
        """Make an object what a small file is; False if it was so."""
        name, there = self._name(path), self.objects.read(self._name(path))
        here = path.read_bytes() if path.exists() else None
        if here == there:
            return False
        if here is None:
            self.objects.delete([name])
        else:
            self.objects.replace(name, here)
        return True

    def _name(self, path: Path) -> str:
        return path.relative_to(self.data).as_posix()
