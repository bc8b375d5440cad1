"""The senders: rate, course, change, main cause, and cost of the undelivered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.changes import Change
from dlr_analytics.report.gather.costs import amounts
from dlr_analytics.report.gather.counts import Count, grouped
from dlr_analytics.report.gather.courses import courses
from dlr_analytics.report.model import Day, Sender

_NAME_WIDTH = 28


def senders(
    counts: tuple[Count, ...], days: tuple[Day, ...], changes: Mapping[str | None, Change]
) -> tuple[Sender, ...]:
    """Return the senders with most messages, ordered by undelivered messages.

    The last is for messages without a sender, and those of less frequent ones.
    """
    drawn = courses(counts, days, _sender)
    causes: dict[str | None, Counter[int | None]] = defaultdict(Counter)
    for count in counts:
        if count.undelivered:
            causes[count.sender][count.err_code] += count.undelivered
    found = [
        Sender(
            name=None if name is None else sender_name(name),
            tally=sums.tally(),
            course=drawn.get(name, ()),
            change=changes.get(name),
            cause=_most(causes[name]),
            wasted=amounts(sums)[1],
        )
        for name, sums in grouped(counts, _sender).items()
    ]
    return tuple(sorted(found, key=_order))


def sender_name(name: str) -> str:
    """Return a sender ID, sanitised."""
    return sanitize(name, _NAME_WIDTH)


def _sender(count: Count) -> str | None:
    return count.sender


def _most(causes: Counter[int | None]) -> tuple[int | None, int] | None:
    """The most frequent err-code; None only if no message has one."""
    coded = {code: n for code, n in causes.items() if code is not None} or causes
    return max(coded.items(), key=lambda pair: (pair[1], -(pair[0] or 0)), default=None)


def _order(sender: Sender) -> tuple[bool, int, int, str]:
    tally = sender.tally
    return sender.name is None, -tally.undelivered, -tally.messages, sender.name or ""
