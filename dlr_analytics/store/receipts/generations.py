"""Compacted files: which files of a day they stand for.

A compacted file is ``z-<generation>.parquet``; its footer lists the names it replaces, those that
an earlier one of its day replaced among them. A crash can leave both for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dlr_analytics.store.connection import connect

FOOTER_KEY: Final = "replaces"
PREFIX: Final = "z-"
"""Sorts last: a reader that lists a bucket page by page must meet it after what it replaces."""


def is_compacted(path: Path) -> bool:
    """Whether a file's name says that it stands for others."""
    return path.name.startswith(PREFIX)


def file_name(generation: int) -> str:
    """The name of a compacted file.

    Examples
    --------
    >>> name(3)
    'z-000003.parquet'
    """
    return f"{PREFIX}{generation:06d}.parquet"


def generation_of(path: Path) -> int:
    """The generation of a file; 0 for one that was never compacted.

    Examples
    --------
    >>> number(Path("z-000003.parquet")), number(Path("k3f9x2ab-000007.parquet"))
    (3, 0)
    """
    digits = path.stem.removeprefix(PREFIX)
    return int(digits) if is_compacted(path) and digits.isdecimal() else 0


def replaced_files(paths: Iterable[Path]) -> frozenset[Path]:
    """The files that the compacted ones among ``paths`` stand for, there or not.

    Raises
    ------
    duckdb.Error
        One of them does not read, or has vanished.
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
        compacted[file].with_name(file_name)
        for file, text in rows
        for file_name in text.split("\n")
    )
