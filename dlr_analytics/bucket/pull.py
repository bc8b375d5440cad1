"""``dlr pull``: what a bucket has and a data directory has not.

The bucket is listed once. Fetched is what is neither here nor replaced by a compacted file here:
compacted files first, because others may be replaced by them. Each file is written to ``staging/``,
compared with the size that was listed and with its own SHA-256, and then renamed, as a sealed file
is. A run that is killed leaves whole files only, and the next one fetches the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dlr_analytics.bucket.objects import Objects
from dlr_analytics.bucket.replaced import is_data, sizes_of_data
from dlr_analytics.errors import BucketMissing, DamagedFile, NewerFormat, StoreError
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import (
    REAL,
    SystemCalls,
    atomic_rename,
    make_data_folder,
    make_folder,
)
from dlr_analytics.store.format import FORMAT, format_of
from dlr_analytics.store.locks import exclusive_lock, shared_lock
from dlr_analytics.store.parquet.checksum import check_sum, is_whole
from dlr_analytics.store.receipts.generations import is_compacted
from dlr_analytics.store.shipping.obsolete import obsolete_names
from dlr_analytics.store.spill import private_folder

REQUESTS: Final = 8
"""Objects that are fetched at a time: each takes tens of milliseconds, whatever its size."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """Numbers of files fetched and of files that were here, and what was not stored."""

    fetched: int
    present: int
    findings: tuple[str, ...] = ()


def pull(objects: Objects, data: Path, calls: SystemCalls = REAL) -> Pulled:
    """Fetch what is neither here nor replaced.

    Parameters
    ----------
    objects : Objects
        Where from.
    data : path
        The data directory; made where missing.

    Returns
    -------
    Pulled
        An object that is damaged is not stored, and has a finding; all others are fetched.

    Raises
    ------
    BucketMissing
        There is no bucket, or nothing under the prefix; ``data`` is not made.
    BucketError
        What was fetched before stays.
    NewerFormat
        A newer release has written the bucket or the data directory.
    """
    format_of(data)
    sizes = {name: size for name, size in sizes_of_data(objects).items() if is_data(name)}
    if not sizes:
        raise BucketMissing(
            f"{objects.address} has no receipts", "check the prefix, or ship there first"
        )
    check_format(objects)
    compacted = {name for name in sizes if is_compacted(Path(name))}
    try:
        with _staging(data, calls) as folder:
            run = _Pull(objects, data, sizes, folder, calls)
            first, rest = run.fetch(compacted), run.fetch(sizes.keys() - compacted)
    except OSError as error:
        raise StoreError(
            f"{error.filename or data}: {error.strerror or error}", "fix that, then pull again"
        ) from error
    return Pulled(
        first.fetched + rest.fetched, first.present + rest.present, first.findings + rest.findings
    )


@contextlib.contextmanager
def _staging(data: Path, calls: SystemCalls) -> Iterator[Path]:
    """A folder for what is fetched; imports and compactions wait meanwhile."""
    make_data_folder(data, calls)
    make_folder(layout.staging(data), calls)
    with (
        exclusive_lock(layout.bucket_lock(data)),
        exclusive_lock(layout.incoming_lock(data)),
        private_folder(layout.staging(data)) as folder,
    ):
        yield folder


def check_format(objects: Objects) -> None:
    """Raise NewerFormat if a newer release has written the bucket."""
    text = (objects.read("format") or b"1").strip()
    if text.isdigit() and int(text) > FORMAT:
        raise NewerFormat(
            f"{objects.address} has format {int(text)}, and this release knows up to {FORMAT}",
            "upgrade dlr_analytics",
        )


@dataclass(frozen=True, slots=True)
class _Pull:
    """One run, with the sizes of all objects."""

    objects: Objects
    data: Path
    sizes: dict[str, int]
    folder: Path
    calls: SystemCalls

    def fetch(self, names: Iterable[str]) -> Pulled:
        """Fetch those of some objects that are neither here nor replaced."""
        obsolete = obsolete_names(self.data)
        wanted, present, findings = [], 0, []
        for name in sorted(set(names) - obsolete):
            try:
                here = (self.data / name).stat().st_size
            except FileNotFoundError:
                wanted.append(name)
                continue
            present += 1
            if here != self.sizes[name]:
                findings.append(self._differs(name, here))
        found = list(self._fetch_all(wanted))
        damaged = [finding for finding in found if finding]
        return Pulled(len(found) - len(damaged), present, (*findings, *damaged))

    def _differs(self, name: str, here: int) -> str:
        return (
            f"{self.objects.address}/{name} has {self.sizes[name]:,} bytes, and"
            f" {self.data / name} {here:,}; compare their receipts, and move one of them away"
        )

    def _fetch_all(self, names: list[str]) -> Iterator[str]:
        """Fetch objects, a few at a time; a finding for each, empty where all is well."""
        with ThreadPoolExecutor(REQUESTS) as pool:
            try:
                staged = ((name, self.folder / f"{at}.part") for at, name in enumerate(names))
                yield from pool.map(lambda one: self._fetch(*one), staged)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _fetch(self, name: str, staged: Path) -> str:
        if not self.objects.fetch(name, staged):
            return f"{self.objects.address}/{name} was deleted meanwhile; run dlr pull again"
        if finding := self._check(name, staged):
            staged.unlink()
            return finding
        with shared_lock(layout.lock(self.data)):
            atomic_rename(staged, self.data / name, self.calls)
        return ""

    def _check(self, name: str, staged: Path) -> str:
        size, listed = staged.stat().st_size, self.sizes[name]
        where = f"{self.objects.address}/{name}"
        if size != listed:
            return f"{where}: {size:,} of {listed:,} bytes came; run dlr pull again"
        try:
            if name.endswith(".parquet") and not check_sum(staged) and not is_whole(staged):
                return f"{where} is no whole Parquet file; delete it, or restore it from a backup"
        except DamagedFile:
            return f"{where} has changed since it was written; restore it from a backup"
        return ""
