"""Align a table in the columns of a terminal.

A character does not always take one column: East Asian characters take two, combining marks and
joiners none. Right-to-left text counts like any other; the terminal orders it. Cells must be
sanitised (see :mod:`dlr_analytics.presentation.sanitize`): the width of control characters depends
on the terminal, so here it is none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

_GAP: Final = "  "
_NO_WIDTH: Final = {"Mn", "Me", "Cf", "Cc"}
_JOINING_JAMO: Final = range(0x1160, 0x1200)
"""Hangul vowels and finals, drawn within the syllable before them."""


def aligned(rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterator[str]:
    """Yield a line for each row, each column as wide as its widest cell.

    Parameters
    ----------
    rows : sequence of sequences of str
        The heads, then the cells, all rows of one length.
    right : sequence of bool
        Whether each column is aligned right.

    Examples
    --------
    >>> for line in aligned([["sender", "rate"], ["短信", "0.9451"], ["Acme", "–"]], [False, True]):
    ...     print(line)
    sender    rate
    短信    0.9451
    Acme         –
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, right, strict=True)
        yield _GAP.join(_padded(text, size, right=side) for text, size, side in cells).rstrip()


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    >>> width("Acme"), width("短信"), width("e\\u0301"), width("مرحبا")
    (4, 4, 1, 5)
    """
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH or ord(character) in _JOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _padded(text: str, size: int, *, right: bool) -> str:
    padding = " " * (size - width(text))
    return padding + text if right else text + padding
