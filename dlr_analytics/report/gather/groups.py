"""Senders and own values: rate, course, change, cause, cost of undelivered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.changes import Change
from dlr_analytics.report.gather.costs import amounts
from dlr_analytics.report.gather.counts import Count, grouped
from dlr_analytics.report.gather.courses import courses
from dlr_analytics.report.gather.own import OwnDimension
from dlr_analytics.report.model import Day, Dimension, Group

_NAME_WIDTH = 28
_BLANK = "(blank)"

Value = str | None
"""A sender or a value; None for messages without one, and for those of less frequent ones."""


def senders(
    counts: tuple[Count, ...], days: tuple[Day, ...], changes: Mapping[Value, Change]
) -> tuple[Group, ...]:
    """Return the senders with most messages, ordered by undelivered messages.

    The last is for messages without a sender, and those of less frequent ones.
    """
    return _groups(counts, days, changes, lambda count: count.sender)


def dimensions(
    counts: tuple[Count, ...],
    days: tuple[Day, ...],
    changes: Sequence[Mapping[Value, Change]],
    own: Sequence[OwnDimension],
) -> tuple[Dimension, ...]:
    """Return the own dimensions and their values, as :func:`senders` does."""
    return tuple(
        Dimension(
            each.name,
            _groups(
                counts,
                days,
                changes[place] if changes else {},
                lambda count, place=place: count.own[place],  # type: ignore[misc]
            ),
        )
        for place, each in enumerate(own)
    )


def value_name(value: str) -> str:
    """Return a sender ID or a value of an own dimension, sanitised.

    Examples
    --------
    >>> value_name("Acme\\n"), value_name(" ")
    ('Acme', '(blank)')
    """
    return sanitize(value, _NAME_WIDTH) or _BLANK


def _groups(
    counts: tuple[Count, ...],
    days: tuple[Day, ...],
    changes: Mapping[Value, Change],
    key: Callable[[Count], Value],
) -> tuple[Group, ...]:
    drawn = courses(counts, days, key)
    causes: dict[Value, Counter[int | None]] = defaultdict(Counter)
    for count in counts:
        if count.undelivered:
            causes[key(count)][count.err_code] += count.undelivered
    found = [
        Group(
            name=None if name is None else value_name(name),
            tally=sums.tally(),
            course=drawn.get(name, ()),
            change=changes.get(name),
            cause=_most_frequent(causes[name]),
            wasted=amounts(sums)[1],
        )
        for name, sums in grouped(counts, key).items()
    ]
    return tuple(sorted(found, key=_order))


def _most_frequent(causes: Counter[int | None]) -> tuple[int | None, int] | None:
    """Return the most frequent err-code of undelivered messages, and their number.

    None if there are none; the code is None only if none of them has one.
    """
    coded = {code: n for code, n in causes.items() if code is not None} or causes
    return max(coded.items(), key=lambda pair: (pair[1], -(pair[0] or 0)), default=None)


def _order(group: Group) -> tuple[bool, int, int, str]:
    tally = group.tally
    return group.name is None, -tally.undelivered, -tally.messages, group.name or ""
