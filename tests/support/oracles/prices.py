"""``prices`` in plain Python: every definition by hand, over a list of paid messages."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

NEVER: Final = dt.datetime(9999, 1, 1)
DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, order=True)
class Paid:
    """A message with a price; ``at`` is naive UTC, and so are days."""

    at: dt.datetime
    price: Decimal


@dataclass(frozen=True)
class Turn:
    """A change: as a row of ``prices``, without its network."""

    at: dt.datetime
    old: Decimal
    new: Decimal
    messages: int
    extra: Decimal


def turns(paid: Iterable[Paid]) -> list[Turn]:
    """The changes of one network and currency, in order of time."""
    every = sorted(paid)
    found = sorted({at for run in _runs(every) if (at := _split(every, *run)) is not None})
    real = sorted((at, new, old) for at, old, new in found if _is_change(every, at, old, new))
    ends = [*(at for at, _, _ in real), NEVER][1:]
    return [
        Turn(at, old, new, len(since), sum((one.price - old for one in since), Decimal()))
        for (at, new, old), end in zip(real, ends, strict=True)
        if (since := [one for one in every if at <= one.at < end])
    ]


def _midnight(at: dt.datetime) -> dt.datetime:
    return dt.datetime(at.year, at.month, at.day)


def _between(paid: Sequence[Paid], first: dt.datetime, end: dt.datetime) -> Counter[Decimal]:
    return Counter(one.price for one in paid if first <= one.at < end)


def _commonest(counts: Counter[Decimal]) -> Decimal:
    return min(counts, key=lambda price: (-counts[price], price))


def _runs(
    paid: Sequence[Paid],
) -> list[tuple[Decimal, Decimal, dt.datetime, dt.datetime]]:
    """Old price, new price, first and last day of each run of days on which the two differ."""
    signs: list[tuple[dt.datetime, tuple[Decimal, Decimal] | None]] = []
    for day in sorted({_midnight(one.at) for one in paid}):
        before = _between(paid, day - 7 * DAY, day)
        after = _between(paid, day, day + 3 * DAY)
        pair = (_commonest(before), _commonest(after)) if before else None
        if pair and (pair[0] == pair[1] or abs(pair[1] - pair[0]) * 1000 < abs(pair[0])):
            pair = None
        signs.append((day, pair))
    found = []
    for pair, group in groupby(signs, key=lambda sign: sign[1]):
        days = [day for day, _ in group]
        if pair:
            found.append((*pair, days[0], days[-1]))
    return found


def _split(
    paid: Sequence[Paid], old: Decimal, new: Decimal, first: dt.datetime, last: dt.datetime
) -> tuple[dt.datetime, Decimal, Decimal] | None:
    """The first message at the new price, after as few on the wrong side as possible."""
    near = [one for one in paid if first - DAY <= one.at < last + 3 * DAY]

    def astray(moment: dt.datetime) -> int:
        return sum(
            (one.price == old and one.at > moment) or (one.price == new and one.at <= moment)
            for one in near
        )

    before = near[0].at - dt.timedelta(microseconds=1)
    fewest = min(map(astray, [before, *(one.at for one in near)]))
    if fewest == astray(before):
        cut = before
    else:
        cut = max(one.at for one in near if astray(one.at) == fewest)
    later = [one.at for one in paid if one.price == new and one.at > cut]
    return (min(later), old, new) if later else None


def _is_change(paid: Sequence[Paid], at: dt.datetime, old: Decimal, new: Decimal) -> bool:
    before, after = _between(paid, at - 7 * DAY, at), _between(paid, at, at + 3 * DAY)
    if before[old] < max(before.values(), default=1) or after[new] < max(after.values()):
        return False
    if not _between(paid, at - 14 * DAY, at)[new] and not _between(paid, at, at + 14 * DAY)[old]:
        return True
    a, b, c, d = before[old], before[new], after[old], after[new]
    moved = a / (a + b) + d / (c + d)
    product = (a + b) * (c + d) * (a + c) * (b + d)
    return moved >= 1.5 and (a + b + c + d) * (a * d - b * c) ** 2 >= 20 * product
