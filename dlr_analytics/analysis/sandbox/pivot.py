"""A PIVOT that takes its columns from the data, as a query whose tree can be looked through.

DuckDB carries out ``PIVOT … ON a`` as three statements, and writes no tree of them. ``PIVOT … ON a
IN (…)`` is one query with a tree. So a list of values is put where none stands; the rest of the
text, whatever it holds, stays and is looked through. Where the list belongs, the parser decides: a
place is right when the whole becomes one query.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import duckdb

_COLUMNS: Final = 3
"""As many PIVOT columns without values are looked for."""

_TRIES: Final = 3_000
"""After so many places the text is given up, in seconds. One column takes a handful."""

_STARTS: Final = frozenset({b"on", b","})
_ENDS: Final = frozenset(
    {b"using", b"group", b"order", b"limit", b"union", b"except", b"intersect", b",", b")", b";"}
)


def add_pivot_values(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    """The text with a list of values for each PIVOT column that has none.

    Returns
    -------
    str or None
        A query to look through, not to run; None where no place makes it one query.

    Examples
    --------
    >>> add_pivot_values(duckdb.connect(), "pivot messages on a using count(*)")
    "pivot messages on (a ) in ('') using count(*)"
    """
    source = text.encode()
    spans = list(_spans(source, [offset for offset, _ in duckdb.tokenize(text)]))
    places = (itertools.combinations(spans, count) for count in range(1, _COLUMNS + 1))
    for chosen in itertools.islice(itertools.chain.from_iterable(places), _TRIES):
        candidate = _put(source, chosen)
        if is_query(connection, candidate):
            return candidate
    return None


def is_query(connection: duckdb.DuckDBPyConnection, text: str) -> bool:
    """Whether the text is one statement that gives rows, as far as the parser tells."""
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error:
        return False
    return [statement.type for statement in statements] == [duckdb.StatementType.SELECT]


def _spans(source: bytes, offsets: list[int]) -> Iterator[tuple[int, int]]:
    """Where what stands after ON may begin and end, as offsets in bytes."""
    bounds = [*offsets, len(source)]
    words = [source[a:b].strip().lower() for a, b in itertools.pairwise(bounds)]
    starts = [after for word, after in zip(words, bounds[1:], strict=True) if word in _STARTS]
    ends = [at for word, at in zip(words, bounds, strict=False) if _ends(word)]
    for start, end in itertools.product(starts, [*ends, len(source)]):
        if start < end:
            yield start, end


def _ends(word: bytes) -> bool:
    return word in _ENDS or word.startswith((b"--", b"/*"))


def _put(source: bytes, spans: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(spans):
        source = source[:start] + b"(" + source[start:end] + b") in ('') " + source[end:]
    return source.decode()
