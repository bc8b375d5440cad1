"""Lines of an import that give no record: refused with a reason, or skipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from dlr_analytics.store.quarantine import QuarantineEntry
from dlr_analytics.webhook.content import plural

MAX_REFUSALS: Final = 20
"""Refusals of a file that are listed; the others are only counted."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """An invalid line, or an invalid row that begins with it.

    ``file`` is the file in an archive; line 0 stands for all of it.
    """

    line: int
    reason: str
    file: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A valid line without a record of interest; ``kind`` is a plural noun."""

    kind: str


@dataclass(slots=True)
class Tally:
    """Counts of refused and skipped lines; ``refusals`` lists the first ones.

    Requests that are no receipts are counted among the skipped, and passed to ``set_aside``.
    """

    refused: int = 0
    refusals: list[Refused] = field(default_factory=list)
    set_aside: Callable[[QuarantineEntry], object] | None = None
    skipped: Counter[str] = field(default_factory=Counter)


def accepted_records(
    items: Iterable[T | Refused | Skipped | QuarantineEntry], tally: Tally
) -> Iterator[T]:
    """Yield the records and count the rest.

    Examples
    --------
    >>> tally = Tally()
    >>> lines = ["a", Refused(2, "no message ID"), Skipped("other requests"), "b"]
    >>> list(accepted_records(lines, tally))
    ['a', 'b']
    >>> tally.refused, tally.refusals, dict(tally.skipped)
    (1, [Refused(line=2, reason='no message ID')], {'other requests': 1})
    """
    for item in items:
        if isinstance(item, Refused):
            tally.refused += 1
            if tally.refused <= MAX_REFUSALS:
                tally.refusals.append(item)
        elif isinstance(item, Skipped):
            tally.skipped[item.kind] += 1
        elif isinstance(item, QuarantineEntry):
            tally.skipped[plural(item.reason)] += 1
            if tally.set_aside is not None:
                tally.set_aside(item)
        else:
            yield item
