"""What is taken in, told apart from what is not: refused with its reason, or skipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

SHOWN: Final = 20
"""Refusals of a file that are kept to be shown; beyond them only their number."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line, or a row that begins with it, that ought to hold something and cannot be used."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that holds nothing of what is looked for; ``kind`` is a plural, to be counted."""

    kind: str


@dataclass(slots=True)
class Tally:
    """How many lines were not taken in: ``refusals`` holds the first of ``refused``."""

    refused: int = 0
    refusals: list[Refused] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def sift(items: Iterable[T | Refused | Skipped], tally: Tally) -> Iterator[T]:
    """Pass on what is to be taken in, and count the rest.

    Examples
    --------
    >>> tally = Tally()
    >>> list(sift(["a", Refused(2, "no message ID"), Skipped("other requests"), "b"], tally))
    ['a', 'b']
    >>> tally.refused, tally.refusals, dict(tally.skipped)
    (1, [Refused(line=2, reason='no message ID')], {'other requests': 1})
    """
    for item in items:
        if isinstance(item, Refused):
            tally.refused += 1
            if tally.refused <= SHOWN:
                tally.refusals.append(item)
        elif isinstance(item, Skipped):
            tally.skipped[item.kind] += 1
        else:
            yield item
