"""The cache state: the manifest compared with the files that are there now.

A received day is valid as long as every file of receipts that the manifest names is there, or was
merged: a compacted file names what it was merged from. All other files are new, whatever day their
folder says; a valid day may have new files too. A file is known by its path and size, and if others
may be given its name, by its time of change. Files of send records are compared one by one: new
files add records, but if a file that was cached is gone, the whole cache is stale, since what it
contributed to which message is not recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlr_analytics.analysis.cache.manifest import Manifest, SendSpan, Signature
from dlr_analytics.analysis.engines.protocol import Listing
from dlr_analytics.store import layout
from dlr_analytics.store.receipts import generations, merge_record
from dlr_analytics.store.receipts.files import Files


@dataclass(frozen=True, slots=True)
class CacheState:
    """What of the cache is valid, and which files it does not cover.

    ``valid`` has the cached files of received days that are valid, or what these were merged to;
    ``new`` has all other files of receipts by day, under None those of no day; ``changed`` are
    received days whose files have changed or gone, ``merged`` valid ones whose files have other
    names than in the manifest. ``new_sends`` are files of send records that are not cached,
    ``cached_sends`` those that are.
    """

    manifest: Manifest
    valid: Mapping[dt.date, list[Path]]
    new: Mapping[dt.date | None, list[Path]]
    changed: frozenset[dt.date]
    merged: frozenset[dt.date]
    new_sends: list[Path]
    cached_sends: Mapping[Path, SendSpan]
    listing: Listing

    def new_files(self) -> list[Path]:
        """All new files of receipts; which day they belong to is known of valid days only."""
        return [file for day in sorted(self.new, key=str) for file in self.new[day]]

    def sends_within(
        self, first: dt.datetime | None, last: dt.datetime | None, *, untimed: bool = True
    ) -> list[Path]:
        """Cached files with send records between two times, or without a time.

        Both times are included, naive UTC.
        """
        return [
            path
            for path, span in self.cached_sends.items()
            if (untimed and span.untimed)
            or (
                first
                and last
                and span.first
                and span.last
                and span.first <= last
                and first <= span.last
            )
        ]

    def size(self, files: Iterable[Path]) -> int:
        """Bytes of files of receipts together."""
        return sum(self.listing.sealed[str(file)][0] for file in files)

    def stale_days(self, until: dt.date) -> set[dt.date]:
        """Cached days that must not be used.

        That are those with a receipt, or only a send record, from a received day that has changed,
        or from a day after ``until``: a query as of an earlier moment must not see it.
        """
        return {
            day
            for day, cached in self.manifest.days.items()
            if cached.last_known > until
            or any(day <= changed <= cached.last_known for changed in self.changed)
        }


def compare(manifest: Manifest, listing: Listing, sealed: Iterable[Path]) -> CacheState:
    """Compare a manifest with a listing; ``sealed`` are the files of receipts."""
    sends = {signature(path, listing): path for path in listing.paths(listing.sends)}
    if not manifest.sends.keys() <= sends.keys():
        manifest = Manifest()
    receipts = layout.receipts(listing.data)
    new: dict[dt.date | None, list[Path]] = {}
    for path in sealed:
        day = layout.parse_day_folder(path.relative_to(receipts).parts[0])
        new.setdefault(day, []).append(path)
    valid = {}
    merged = set()
    for day, cached in manifest.received.items():
        present = {signature(path, listing): path for path in new.get(day, [])}
        covered = _covered(cached.files, present, listing.files)
        if covered is None:
            continue
        valid[day] = sorted(covered)
        if rest := sorted(set(new.pop(day, [])) - covered):
            new[day] = rest
        if not cached.files <= present.keys():
            merged.add(day)
    return CacheState(
        manifest,
        valid,
        new,
        frozenset(manifest.received.keys() - valid.keys()),
        frozenset(merged),
        [path for one, path in sends.items() if one not in manifest.sends],
        {sends[one]: span for one, span in manifest.sends.items()},
        listing,
    )


def _covered(
    cached: frozenset[Signature], present: Mapping[Signature, Path], files: Files
) -> set[Path] | None:
    """The files of a day with exactly the cached receipts; None if none are."""
    covered = {path for one, path in present.items() if one in cached}
    gone = set(cached - present.keys())
    if not gone:
        return covered
    others = set(present.values()) - covered
    # Of a name that others may be given, only the file itself says what it has.
    left = {Path(path).name for path, _, changed in gone if not changed}
    for path, inputs in merge_record.merged_files(others, files).items():
        if inputs <= left:
            covered.add(path)
            left -= inputs
            gone = {one for one in gone if Path(one[0]).name not in inputs}
    return None if gone else covered


def signatures(files: Iterable[Path], listing: Listing) -> frozenset[Signature]:
    """The signatures of listed files."""
    return frozenset(signature(path, listing) for path in files)


def signature(path: Path, listing: Listing) -> Signature:
    """The signature of a listed file, by which it is known again."""
    size, changed = listing.sealed.get(str(path)) or listing.sends[str(path)]
    unique = generations.is_unique(path.name)
    return str(path.relative_to(listing.data)), size, 0 if unique else changed
