"""Sanitise untrusted text, such as sender names, message IDs and network codes.

This removes what no format should print; each format still escapes the rest in its own way.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINERS: Final = "\u200c\u200d"
"""Format characters that words and emoji need, and that move no other text."""

_BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that are drawn as nothing: fillers of Hangul, the empty Braille pattern."""

_UNPRINTABLE: Final = {"Cc", "Cf", "Co", "Cs", "Cn"}


def sanitize(text: str, limit: int = 40) -> str:
    """Reduce text to one line of printable characters, cut to a length.

    Parameters
    ----------
    text : str
        Untrusted text.
    limit : int
        The maximum number of characters; longer text ends in ``…``.

    Returns
    -------
    str
        Control characters and marks that turn the direction of writing have become ``�``, runs
        of white space one space. So does each character of a text in which nothing is visible.

    Examples
    --------
    >>> sanitize("Acme\\u202e\\n Bank")
    'Acme� Bank'
    >>> sanitize("A" * 10_000, limit=8)
    'AAAAAAA…'
    >>> sanitize("\\u200d\\u200c"), sanitize(" ")
    ('��', '')
    """
    line = "".join(map(_printable, " ".join(text[: 8 * limit].split())))
    if not any(map(_is_visible, line)):
        line = "�" * len(line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _is_visible(character: str) -> bool:
    """Check for a character that leaves a mark by itself."""
    blank = character in _JOINERS or character in _BLANK or character.isspace()
    return not blank and unicodedata.category(character)[0] != "M"


def _printable(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _UNPRINTABLE:
        return character
    return "�"
