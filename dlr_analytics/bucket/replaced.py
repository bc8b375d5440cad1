"""Which objects are data, and which of other programs' have been merged."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dlr_analytics.bucket.objects import Objects
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.generations import is_compacted, is_unique
from dlr_analytics.store.shipping.obsolete import replaced_by
from dlr_analytics.store.spill import scratch_folder

DATA_FOLDERS: Final = ("receipts/", "sends/", "quarantine/")
"""Folders that a bucket holds besides the cache."""


def replaced_by_contents(data: Path, objects: Objects, names: Iterable[str]) -> list[str]:
    """Those of some objects of other programs that a compacted file here has replaced.

    Their names may be given again, so they are fetched, and compared by what they contain.

    Parameters
    ----------
    names : iterable of str
        Of objects that are no files here.
    """
    days: dict[Path, list[str]] = {}
    for name in names:
        if name.startswith("receipts/") and not is_unique(Path(name).name):
            days.setdefault((data / name).parent, []).append(name)
    found = []
    for day, of_day in days.items():
        compacted = [path for path in day.glob("*.parquet") if is_compacted(path)]
        suspects = replaced_by(compacted)
        with scratch_folder(data) as scratch:
            copies = [Path(shutil.copy2(path, scratch)) for path in compacted]
            for name in of_day:
                copy = scratch / Path(name).name
                if data / name in suspects and objects.fetch(name, copy):
                    os.utime(copy)  # the contents must decide, not the time
                    found += [name] if copy in replaced_by(copies) else []
    return found


def sizes_of_data(objects: Objects) -> dict[str, int]:
    """Sizes of the objects in these folders, by name."""
    return {name: size for folder in DATA_FOLDERS for name, size in objects.sizes(folder).items()}


def is_data(name: str) -> bool:
    """Whether an object is named like a file of one of these folders.

    Examples
    --------
    >>> [is_data(n) for n in ("sends/a.parquet", "quarantine/k-000001-0.jsonl", "sends/_SUCCESS")]
    [True, True, False]
    >>> is_data("receipts/../../etc/cron.parquet")
    False
    """
    folder, _, rest = name.partition("/")
    if f"{folder}/" not in DATA_FOLDERS or {"", ".", ".."} & set(rest.split("/")):
        return False
    if folder == "quarantine":
        return layout.QuarantineName.parse(rest) is not None
    return rest.endswith(".parquet")
