"""Values of Parquet files that hold a number: found in DuckDB, judged in Python.

A condition in SQL lets through every value that may hold a number: one with its last digits in a
row once everything else is left out, a hash, an escape, or digits of another script. What is left
is little, and :class:`~dlr_analytics.erasure.spellings.Finder` decides.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import duckdb

from dlr_analytics.erasure.spellings import Finder
from dlr_analytics.store.sql import from_files, literal

Masks = Mapping[str, Mapping[str, str]]
"""By column: values as text, and what they become."""

_TIMES: Final = ("TIMESTAMP", "DATE", "TIME", "BOOLEAN", "INTERVAL")
"""Beginnings of types whose values are no numbers."""

_TAILS: Final = 100
_HASHES: Final = 25
"""Alternatives of one regular expression: with many more, RE2 falls back to a slower automaton."""


class TextSearch:
    """Searches Parquet files for values that hold a number.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Runs the statements.
    finder : Finder
        Decides.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, finder: Finder) -> None:
        self._connection = connection
        self._finder = finder

    def search(self, paths: Iterable[Path]) -> dict[Path, Masks]:
        """The values that hold a number, of each file that has one.

        Raises
        ------
        duckdb.Error
            One of the files is damaged or has vanished.
        """
        found: dict[Path, Masks] = {}
        for files in self._alike(paths):
            found |= self._search_alike(files)
        return found

    def condition(self, text: str) -> str:
        """SQL condition of texts that may hold a number; ``text`` is an expression."""
        without_ascii = f"regexp_replace({text}, '[\\x00-\\x7F]+', '', 'g')"
        parts = [
            f"regexp_matches({text}, '%[0-9A-Fa-f]{{2}}|\\\\+[ux][0-9A-Fa-f]')",
            f"(strlen({text}) > length({text}) and regexp_matches({without_ascii}, '\\p{{Nd}}'))",
        ]
        # Nothing is removed from a text before it is searched: that takes 20 times as long.
        tails = ("[^0-9]*".join(tail) for tail in sorted(self._finder.tails))
        parts += (f"regexp_matches({text}, '{some}')" for some in _joined(tails, _TAILS))
        hashes = _joined(sorted(self._finder.hashes), _HASHES)
        parts += (f"regexp_matches({text}, '(?i){some}')" for some in hashes)
        return "(" + " or ".join(parts) + ")"

    def _alike(self, paths: Iterable[Path]) -> list[list[Path]]:
        """Files grouped by their columns: describing one takes longer than reading it."""
        files = {str(path): path for path in paths}
        if not files:
            return []
        rows = self._connection.execute(
            "select list(file_name order by file_name) from (select file_name,"
            " list(concat_ws(':', name, type, converted_type, num_children, repetition_type,"
            " logical_type)) as columns"
            " from parquet_schema($1) group by file_name) group by columns",
            [list(files)],
        ).fetchall()
        return [[files[name] for name in names] for (names,) in rows]

    def _search_alike(self, files: list[Path]) -> dict[Path, Masks]:
        columns = [
            name
            for name, type_ in described(self._connection, files[0]).items()
            if not type_.startswith(_TIMES)
        ]
        if not columns:
            return {}
        quoted = [f'stored."{name.replace(chr(34), chr(34) * 2)}"' for name in columns]
        texts = ", ".join(
            f"{{'name': {literal(name)}, 'text': cast({value} as varchar)}}"
            for name, value in zip(columns, quoted, strict=True)
        )
        joined = f"concat_ws(chr(10), {', '.join(f'cast({value} as varchar)' for value in quoted)})"
        source = from_files(files, file_column="the file")
        rows = self._connection.execute(
            "select distinct file, value.name, value.text from"
            f' (select stored."the file" as file, unnest([{texts}]) as value'
            f" from {source} as stored where {self.condition(joined)})"
            f" where {self.condition('value.text')}"
        ).fetchall()
        by_name = {str(path): path for path in files}
        found: defaultdict[Path, defaultdict[str, dict[str, str]]]
        found = defaultdict(lambda: defaultdict(dict))
        for file, column, text in rows:
            if self._finder.holds(text):
                found[by_name[file]][column][text] = self._finder.mask(text)
        return {path: dict(masks) for path, masks in found.items()}


def _joined(patterns: Iterable[str], size: int) -> Iterator[str]:
    """Regular expressions of some alternatives each."""
    rest = iter(patterns)
    while some := "|".join(itertools.islice(rest, size)):
        yield some


def described(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Columns of a Parquet file and their types."""
    rows = connection.execute(f"describe from {from_files([path])}").fetchall()
    return {name: type_ for name, type_, *_ in rows}


def masked_rows(
    connection: duckdb.DuckDBPyConnection, path: Path, masks: Masks, condition: str
) -> str:
    """SQL text that selects some rows of a file, in their order, with masked values.

    A value that cannot be masked, like a whole number, becomes NULL.
    """
    types = described(connection, path)
    connection.execute(
        "create or replace temp table masks (name varchar, original varchar, masked varchar)"
    )
    rows = [(name, original, text) for name, of in masks.items() for original, text in of.items()]
    connection.executemany("insert into masks values ($1, $2, $3)", rows)
    joins, replaced = [], []
    for number, name in enumerate(masks):
        column = f'"{name.replace(chr(34), chr(34) * 2)}"'
        joins.append(
            f"left join masks as m{number} on m{number}.name = {literal(name)}"
            f" and m{number}.original = cast(stored.{column} as varchar)"
        )
        replaced.append(
            f"case when m{number}.original is null then stored.{column}"
            f" else try_cast(m{number}.masked as {types[name]}) end as {column}"
        )
    return (
        f"select stored.* exclude (row_number) replace ({', '.join(replaced)}) from"
        f" (select *, file_row_number as row_number from {from_files([path])} where {condition})"
        f" as stored {' '.join(joins)} order by row_number"
    )
