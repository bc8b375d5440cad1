"""Text that strangers wrote (sender names, IDs, network codes), made fit to stand among our own.

Each format still escapes it in its own way; this takes what no format should let through.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINERS: Final = "\u200c\u200d"
"""Format characters that words and emoji need, and that move nothing around them."""

_UNPRINTABLE: Final = {"Cc", "Cf", "Co", "Cs", "Cn"}


def sanitize(text: str, limit: int = 40) -> str:
    """One line of printable text, cut to a length that keeps a column narrow.

    Parameters
    ----------
    text : str
        What came over the wire.
    limit : int
        The most characters that are kept; a longer text ends in ``…``.

    Returns
    -------
    str
        Control characters and marks that turn the direction of writing have become ``�``, runs
        of white space one space.

    Examples
    --------
    >>> sanitize("Acme\\u202e\\n Bank")
    'Acme� Bank'
    >>> sanitize("A" * 10_000, limit=8)
    'AAAAAAA…'
    """
    line = "".join(map(_printable, " ".join(text[: 8 * limit].split())))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _printable(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _UNPRINTABLE:
        return character
    return "�"
