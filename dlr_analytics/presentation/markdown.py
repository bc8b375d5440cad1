"""Write text, code and tables as Markdown: CommonMark with GitHub's tables.

Whatever could be markup in a value is escaped, so that untrusted text shows as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

_BLOCK: Final = re.compile(r"^(\d*)([#>+=.)-])")
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]|~&$])")


def escaped(text: str) -> str:
    r"""Escape text so that it shows as it is, inside a table too.

    >>> print(escaped("<b>=1|2</b> [x](y)"))
    &lt;b>=1\|2&lt;/b> \[x\](y)
    """
    return _SPECIAL.sub(r"\\\1", text).replace("<", "&lt;")


def paragraph(text: str) -> str:
    """Escape text that begins a line, where some characters begin a block.

    >>> print(paragraph("# 1"), paragraph("1. a"), paragraph("-"), paragraph("a - b"))
    \\# 1 1\\. a \\- a - b
    """
    return _BLOCK.sub(r"\1\\\2", escaped(text))


def code(text: str) -> str:
    """Write text in a table as code, replacing the characters that would end it.

    >>> print(code("dlr `x` | y"))
    `dlr 'x' ¦ y`
    """
    return f"`{text.replace('`', chr(39)).replace('|', '¦')}`"


def with_code(sentence: str) -> str:
    """Escape a sentence, with the parts in backticks as code.

    >>> print(with_code("Try `dlr status` [now]."))
    Try `dlr status` \\[now\\].
    """
    parts = enumerate(sentence.split("`"))
    return "".join(f"`{part}`" if odd % 2 else escaped(part) for odd, part in parts)


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool]
) -> Iterator[str]:
    """Yield the lines of a table.

    Parameters
    ----------
    heads : sequence of str
        Plain text; it is escaped here.
    rows : iterable of sequences of str
        Markdown: escaped text or code.
    right : sequence of bool
        Whether each column is aligned right.

    Examples
    --------
    >>> print("\\n".join(table(["Network", "Rate, %"], [[code("23410"), "94.5"]], [False, True])))
    | Network | Rate, % |
    | --- | ---: |
    | `23410` | 94.5 |
    """
    yield _line(map(escaped, heads))
    yield _line("---:" if to_right else "---" for to_right in right)
    yield from map(_line, rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
