"""Record of a merge: the names of its inputs, in the footer of the merged file.

Under ``merged`` a file names what it was merged from, and nothing else: it has exactly their
receipts, so that what is cached of them is cached of it. A file from which receipts were removed,
or one of an earlier release, has no such key.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.store.connection import connect
from dlr_analytics.store.receipts.generations import is_compacted

MERGED_KEY: Final = "merged"


def merged_footer(inputs: Iterable[Path]) -> dict[str, str]:
    """The footer key and value of a file that has the receipts of ``inputs``.

    It must have every receipt of them, unchanged, and no other.

    Examples
    --------
    >>> merged_footer([Path("b.parquet"), Path("a.parquet")])
    {'merged': 'a.parquet\\nb.parquet'}
    """
    return {MERGED_KEY: "\n".join(sorted(path.name for path in inputs))}


def merged_files(paths: Iterable[Path]) -> dict[Path, frozenset[str]]:
    """The names of what compacted files were merged from, for each that has them.

    A file that cannot be read is left out.
    """
    found = {}
    for path in filter(is_compacted, paths):
        try:
            with connect() as connection:
                rows = connection.execute(
                    "select decode(value) from parquet_kv_metadata($1) where decode(key) = $2",
                    [str(path), MERGED_KEY],
                ).fetchall()
        except duckdb.Error:
            continue
        for (text,) in rows:
            found[path] = frozenset(text.split("\n"))
    return found
