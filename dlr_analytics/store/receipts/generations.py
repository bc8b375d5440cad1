"""Compacted files and the files that they replace.

A compacted file is ``z-<generation>.parquet``. Its Parquet footer has a key ``replaces``: the names
of its inputs and of everything that an earlier compacted file of its day replaced. This is the only
record of a compaction; there is no manifest that could disagree with the folder. It answers:

- Which files must a reader skip? Those that a compacted file beside them replaces. After a crash,
  or where folders cannot be exchanged, both exist for a while.
- Has a journal been sealed already? Yes, if its sealed file exists, or a compacted file of its day
  replaces that name. The journal's name alone is not enough: a crash between sealing and removing
  the journal, followed by two compactions, would store its receipts twice. That is why the names
  accumulate over the generations.

The prefix ``z-`` sorts last. A reader that lists a bucket page by page must meet the compacted file
after its inputs, or a compaction between two pages would hide rows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dlr_analytics.store.connection import connect

FOOTER_KEY: Final = "replaces"
PREFIX: Final = "z-"


def is_compacted(path: Path) -> bool:
    """Whether a file has the name of a compacted file."""
    return path.name.startswith(PREFIX)


def file_name(generation: int) -> str:
    """Name of a compacted file.

    Examples
    --------
    >>> file_name(3)
    'z-000003.parquet'
    """
    return f"{PREFIX}{generation:06d}.parquet"


def generation_of(path: Path) -> int:
    """Generation of a file; 0 if it is not a compacted one.

    Examples
    --------
    >>> generation_of(Path("z-000003.parquet")), generation_of(Path("k3f9x2ab-000007.parquet"))
    (3, 0)
    """
    digits = path.stem.removeprefix(PREFIX)
    return int(digits) if is_compacted(path) and digits.isdecimal() else 0


def replaced_files(paths: Iterable[Path]) -> frozenset[Path]:
    """The files that the compacted ones among ``paths`` replace, existing or not.

    Raises
    ------
    duckdb.Error
        One of them is damaged or has vanished.
    """
    compacted = {str(path): path for path in paths if is_compacted(path)}
    if not compacted:
        return frozenset()
    with connect() as connection:
        rows = connection.execute(
            "select file_name, decode(value) from parquet_kv_metadata($1) where decode(key) = $2",
            [list(compacted), FOOTER_KEY],
        ).fetchall()
    return frozenset(
        compacted[file].with_name(name) for file, names in rows for name in names.split("\n")
    )
