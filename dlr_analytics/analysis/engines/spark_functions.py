"""Functions of DuckDB that Spark has under the same name and with other values.

Whole-text functions of Spark follow Unicode's full mappings, where a letter may become two (``ß``
is ``SS``) and a sigma depends on its place; DuckDB maps letter by letter. DuckDB trims every kind
of space. Patterns are those of RE2 in DuckDB and of Java in Spark. Each function of this module
gives the expression of Spark that has DuckDB's values; the tests compare them for every character.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlglot import exp

_SPACES: Final = "".join(
    map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))
)
"""What DuckDB trims: the characters of Unicode's category Zs."""

_CLASS: Final = r"\[\^?(?:[^\\\[\]&]|\\[dw.\-+*?^$|()/])+\]"
_ATOM: Final = (
    rf"(?:{_CLASS}|\(\?:|[^\\\[\]{{}}()*+?$\n]|\\[dDwW.\-+*?^$|(){{}}\[\]/\\]|\((?!\?)|[)$])"
)
_PATTERN: Final = re.compile(rf"(?:{_ATOM}(?:[*+?]\??|\{{\d{{1,3}}(?:,\d{{0,3}})?\}}\??)?)*")
_END: Final = re.compile(rf"{_CLASS}|\\.|\$", re.DOTALL)


def java_pattern(pattern: str) -> str | None:
    r"""Return Java's pattern with the matches of RE2's; None if there may be none.

    Java's ``$`` matches before a line break at the end too, and its ``.`` excludes more of them.

    Examples
    --------
    >>> print(java_pattern(r"^a.[0-9$]+\$?$"))
    (?d)^a.[0-9$]+\$?\z
    >>> java_pattern(r"(?i)a"), java_pattern(r"\bnews"), java_pattern("[[:alpha:]]")
    (None, None, None)
    """
    if not _PATTERN.fullmatch(pattern):
        return None
    return "(?d)" + _END.sub(lambda found: r"\z" if found[0] == "$" else found[0], pattern)


def _lower(node: exp.Expr) -> exp.Expr:
    """Lower case letter by letter."""
    return _lower_case(node.this)


def _lower_case(text: exp.Expr) -> exp.Expr:
    # Of these two letters only, Spark's lower case is two letters or depends on the letters around.
    mapped = (exp.Literal.string(letters) for letters in ("İΣ", "iσ"))
    return exp.Lower(this=exp.func("translate", text.copy(), *mapped))


def _trim(node: exp.Expr) -> exp.Expr:
    """Trim every kind of space, where the characters are not given."""
    trimmed = node.copy()
    if not trimmed.expression:
        trimmed.set("expression", exp.Literal.string(_SPACES))
    return trimmed


def _list_contains(node: exp.Expr) -> exp.Expr:
    """Whether a list has an element: without it false, NULLs or not."""
    found = exp.func("coalesce", node.copy(), exp.false())
    return exp.If(this=node.this.is_(exp.null()), true=exp.null(), false=found)


def _matches(node: exp.Expr) -> exp.Expr:
    """Whether a pattern matches; one of another kind stays as it is."""
    matched = node.copy()
    java = java_pattern(node.expression.name) if node.expression.is_string else None
    if java is not None:
        matched.set("expression", exp.Literal.string(java))
    return exp.paren(matched)  # an operator on Spark


def _ilike(node: exp.Expr) -> exp.Expr:
    """LIKE of the lower case of both, or NOT LIKE."""
    parts = {"this": _lower_case(node.this), "expression": _lower_case(node.expression)}
    return exp.Like(**{**node.args, **parts})


FUNCTIONS: Final[dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    exp.ArrayContains: _list_contains,
    exp.Lower: _lower,
    exp.ILike: _ilike,
    exp.RegexpLike: _matches,
    exp.Trim: _trim,
}
"""Makes the expression of Spark, by the kind of DuckDB's."""
