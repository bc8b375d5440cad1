"""Rewriting of a PIVOT without values into a query that can be checked.

DuckDB runs ``PIVOT … ON a`` as three statements, for which it returns no parse tree. ``PIVOT … ON a
IN (…)`` is one query with a parse tree. So a list of values is inserted where there is none; the
rest of the text is unchanged and is checked. The parser decides where the list belongs: at a place
that turns the whole text into one query.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import duckdb

from dlr_analytics.analysis.sandbox.parse_tree import statement_type

_COLUMNS: Final = 3
"""The largest number of PIVOT columns without values."""

_TRIES: Final = 3_000
"""The largest number of places to try: a few seconds. One column takes a handful."""

_STARTS: Final = frozenset({b"on", b","})
_ENDS: Final = frozenset(
    {b"using", b"group", b"order", b"limit", b"union", b"except", b"intersect", b",", b")", b";"}
)


def add_pivot_values(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    """Add a list of values to each PIVOT column that has none.

    Returns
    -------
    str or None
        A query to check, not to run; None if no place makes the text one query.

    Examples
    --------
    >>> add_pivot_values(duckdb.connect(), "pivot messages on a using count(*)")
    "pivot messages on (a ) in ('') using count(*)"
    """
    source = text.encode()
    spans = list(_spans(source, [offset for offset, _ in duckdb.tokenize(text)]))
    places = (itertools.combinations(spans, count) for count in range(1, _COLUMNS + 1))
    for selected in itertools.islice(itertools.chain.from_iterable(places), _TRIES):
        candidate = _insert(source, selected)
        if is_query(connection, candidate):
            return candidate
    return None


def is_query(connection: duckdb.DuckDBPyConnection, text: str) -> bool:
    """Whether the parser takes the text for one statement that returns rows."""
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error:
        return False
    return [statement_type(statement) for statement in statements] == [duckdb.StatementType.SELECT]


def _spans(source: bytes, offsets: list[int]) -> Iterator[tuple[int, int]]:
    """Where the columns after ON may begin and end, as byte offsets."""
    bounds = [*offsets, len(source)]
    words = [source[a:b].strip().lower() for a, b in itertools.pairwise(bounds)]
    starts = [after for word, after in zip(words, bounds[1:], strict=True) if word in _STARTS]
    ends = [at for word, at in zip(words, bounds, strict=False) if _ends(word)]
    for start, end in itertools.product(starts, [*ends, len(source)]):
        if start < end:
            yield start, end


def _ends(word: bytes) -> bool:
    return word in _ENDS or word.startswith((b"--", b"/*"))


def _insert(source: bytes, spans: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(spans):
        source = source[:start] + b"(" + source[start:end] + b") in ('') " + source[end:]
    return source.decode()
