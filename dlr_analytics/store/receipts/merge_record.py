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
from dlr_analytics.store.receipts.files import LOCAL, Files
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


def merged_files(paths: Iterable[Path], files: Files = LOCAL) -> dict[Path, frozenset[str]]:
    """The names of what compacted files were merged from, for each that has them.

    A file that cannot be read is left out.
    """
    named = {str(path): path for path in filter(is_compacted, paths)}
    if not named:
        return {}
    with connect() as connection:
        files.attach(connection)
        try:
            rows = _records(list(named), connection)
        except duckdb.Error:
            rows = [row for file in named for row in _readable_records(file, connection)]
    return {named[name]: frozenset(text.split("\n")) for name, text in rows}


def _records(files: list[str], connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select file_name, decode(value) from parquet_kv_metadata($1) where decode(key) = $2",
        [files, MERGED_KEY],
    ).fetchall()


def _readable_records(file: str, connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    try:
        return _records([file], connection)
    except duckdb.Error:
        return []
