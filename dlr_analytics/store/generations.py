"""Compacted files: which files of a day they stand for.

A compacted file is ``z-<generation>.parquet``; its footer lists the names it replaces, those that
an earlier one of its day replaced among them. A crash can leave both for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dlr_analytics.store.duck import connect
from dlr_analytics.store.sql import literal

FOOTER_KEY: Final = "replaces"
PREFIX: Final = "z-"
"""Sorts last: a reader that lists a bucket page by page must meet it after what it replaces."""


def is_compacted(path: Path) -> bool:
    """Whether a file's name says that it stands for others."""
    return path.name.startswith(PREFIX)


def name(generation: int) -> str:
    """The name of a compacted file.

    Examples
    --------
    >>> name(3)
    'z-000003.parquet'
    """
    return f"{PREFIX}{generation:06d}.parquet"


def number(path: Path) -> int:
    """The generation of a file; 0 for one that was never compacted.

    Examples
    --------
    >>> number(Path("z-000003.parquet")), number(Path("k3f9x2ab-000007.parquet"))
    (3, 0)
    """
    digits = path.stem.removeprefix(PREFIX)
    return int(digits) if is_compacted(path) and digits.isdecimal() else 0


def replaced(paths: Iterable[Path]) -> frozenset[Path]:
    """The files that the compacted ones among ``paths`` stand for, there or not."""
    found: set[Path] = set()
    for path in filter(is_compacted, paths):
        found.update(path.with_name(name) for name in _names(path))
    return frozenset(found)


def _names(path: Path) -> list[str]:
    with connect() as connection:
        rows = connection.execute(
            f"select decode(value) from parquet_kv_metadata({literal(str(path))})"
            f" where decode(key) = {literal(FOOTER_KEY)}"
        ).fetchall()
    return [name for (text,) in rows for name in text.split("\n")]
