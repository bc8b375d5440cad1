"""Parsing of ``by``: names of columns and buckets, and expressions with a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from dlr_analytics.errors import UnreadableValue, UsageError
from dlr_analytics.webhook.encoding import has_surrogates

By = str | Mapping[str, str] | Sequence[str | Mapping[str, str]]
"""Names, in one text or several; an expression as a mapping from its name to its SQL."""

Expressions = tuple[tuple[str, str], ...]
"""Names and their SQL."""

_NAME: Final = re.compile(r"[^\W\d]\w{0,62}")


def parse_by(by: By | None) -> tuple[tuple[str, ...], Expressions]:
    """Split ``by`` into its names, each once, and its expressions.

    Raises
    ------
    UnreadableValue
        If it is neither names nor expressions.
    UsageError
        If an expression's name is not one, or is used twice.

    Examples
    --------
    >>> parse_by(["country", {"campaign": "split_part(client_ref, '-', 1)"}])
    (('country', 'campaign'), (('campaign', "split_part(client_ref, '-', 1)"),))
    """
    parts = by.split(",") if isinstance(by, str) else [by] if isinstance(by, Mapping) else by or ()
    if not isinstance(parts, Sequence):
        raise UnreadableValue(f"by: {by!r} names no columns", "give names, like 'country,day'")
    names: list[str] = []
    expressions: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Mapping):
            for name, text in part.items():
                if expressions.get(must_be_name("by", name), text) != text:
                    raise UsageError(f"by: {name} is two expressions", "give one another name")
                expressions[name] = must_be_text(f"by: {name}", text)
            names += part
        else:
            names.append(must_be_text("by", part).strip())
    # Each name once, in its first place: results have their columns in this order.
    names = list(dict.fromkeys(names))
    others = (name for name in names if name not in expressions)
    must_be_free("by", expressions, others, "the list")
    return tuple(names), tuple(expressions.items())


def from_options(values: Iterable[str]) -> By | None:
    """Combine the values of a repeated option ``--by``; None if there are none.

    Examples
    --------
    >>> from_options(["country,day", "campaign=split_part(client_ref, '-', 1)"])
    ['country', 'day', {'campaign': "split_part(client_ref, '-', 1)"}]
    """
    parts: list[str | Mapping[str, str]] = []
    for value in values:
        name, equals, text = value.partition("=")
        parts += [{name.strip(): text}] if equals else value.split(",")
    return parts or None


def must_be_name(subject: str, name: object) -> str:
    """Return a name that an expression or a table may have.

    Raises
    ------
    UsageError
        If it is none: letters, digits and ``_``, at most 63, the first of them no digit.

    Examples
    --------
    >>> must_be_name("by", "2nd")
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: by: '2nd' is no name; use letters, digits and _, at most 63,
        and no digit first
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError(
            f"{subject}: {_shortened(name)} is no name",
            "use letters, digits and _, at most 63, and no digit first",
        )
    return name


def must_be_free(subject: str, names: Iterable[str], taken: Iterable[str], owner: str) -> None:
    """Check that no name is taken, whatever its case, nor given twice.

    Raises
    ------
    UsageError
        If one is; ``owner`` says by what.

    Examples
    --------
    >>> must_be_free("by", ["Price"], ["country", "price"], "messages")
    Traceback (most recent call last):
    dlr_analytics.errors.UsageError: by: messages already has the name Price; give another name
    """
    used = {name.casefold() for name in taken}
    for name in names:
        if name.casefold() in used:
            raise UsageError(f"{subject}: {owner} already has the name {name}", "give another name")
        used.add(name.casefold())


def unused(name: str, taken: Iterable[str]) -> str:
    """A name like this one with which none of those begins, whatever its case.

    Examples
    --------
    >>> unused("by_", ["by_0", "country"])
    'by__'
    """
    used = [one.casefold() for one in taken]
    while any(one.startswith(name) for one in used):
        name += "_"
    return name


def must_be_text(name: str, value: object) -> str:
    """Return a text that can be encoded in UTF-8, as engines need it.

    Raises
    ------
    UnreadableValue
        If it is not text, or contains bytes that are not UTF-8.

    Examples
    --------
    >>> must_be_text("where", "country = 'GB'")
    "country = 'GB'"
    >>> must_be_text("where", 5)
    Traceback (most recent call last):
    dlr_analytics.errors.UnreadableValue: where: 5 is not text in UTF-8; write it as text
    """
    if not isinstance(value, str) or has_surrogates(value):
        raise UnreadableValue(f"{name}: {value!r} is not text in UTF-8", "write it as text")
    return value


def _shortened(value: object) -> str:
    return repr(value if not isinstance(value, str) or len(value) <= 63 else f"{value[:62]}…")
