"""The names of the user's own dimensions in words."""

from __future__ import annotations


def words_of(name: str) -> str:
    """Write a name with spaces.

    Examples
    --------
    >>> words_of("cost_centre"), words_of("_")
    ('cost centre', '_')
    """
    return " ".join(name.split("_")).strip() or name


def capitalized(text: str) -> str:
    """Write the first letter large, as at the beginning of a sentence.

    Examples
    --------
    >>> capitalized("campaign of May")
    'Campaign of May'
    """
    return text[:1].upper() + text[1:]
