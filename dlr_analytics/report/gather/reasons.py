"""Why messages were not delivered: err-codes, and what they are concentrated in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Final

from dlr_analytics.analysis.timezones import local
from dlr_analytics.presentation.formats import day
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.gather.counts import Count
from dlr_analytics.report.gather.groups import value_name
from dlr_analytics.report.gather.metrics import PeriodMetrics
from dlr_analytics.report.model import Concentration, Reason, Tally, Undelivered
from dlr_analytics.vocabulary import ERR_CODES

MOST_CODES: Final = 11
"""The most err-codes with a row; the others are added to messages without one."""

LISTED_BELOW: Final = 20
"""Below this number, undelivered messages are listed one by one."""

CONCENTRATED: Final = 0.5
"""The least share of a reason's messages that is worth a name."""

TIMES: Final = 2.0
"""The least ratio of that share to the share of all messages."""

_CODE_WIDTH: Final = 12

Value = str | date | None
"""A sender, network, country or day."""

_UNLISTED: Final = ("Not listed by Vonage", "unknown", "Ask Vonage's support.")
_OTHER: Final = (
    "Other, or no err-code",
    "expired, unknown and silent messages often carry none",
    "On some routes no final receipt ever comes: see which networks can be compared.",
)
_TEXTS: Final = {each.err_code: (each.meaning, each.kind, each.advice) for each in ERR_CODES}


def reasons(counts: Sequence[Count]) -> tuple[Reason, ...]:
    """Return the err-codes of settled, undelivered messages, the most frequent first.

    The last row is for messages without a code and for rare codes, so that the rows add up.
    """
    by_code: dict[int | None, list[Count]] = defaultdict(list)
    for count in counts:
        if count.undelivered:
            by_code[count.err_code].append(count)
    of_all = sum(count.undelivered for count in counts)
    traffic = {name: _shares(counts, of, _messages) for name, of in _NAMES.items()}
    known = sorted(
        (code for code in by_code if code is not None),
        key=lambda code: (-sum(map(_undelivered, by_code[code])), code),
    )
    rest = [count for code in (*known[MOST_CODES:], None) for count in by_code[code]]
    found = [_reason(code, by_code[code], traffic, of_all) for code in known[:MOST_CODES]]
    if rest:
        found.append(_reason(None, rest, traffic, of_all))
    return tuple(found)


def meaning_of(err_code: int) -> tuple[str, str, str]:
    """Return the meaning and the kind of an err-code, and what to do about it."""
    return _TEXTS.get(err_code, _UNLISTED)


def _reason(
    code: int | None,
    counts: Sequence[Count],
    traffic: Mapping[str, Mapping[Value, float]],
    of_all: int,
) -> Reason:
    messages = sum(map(_undelivered, counts))
    text = _OTHER if code is None else meaning_of(code)
    return Reason(code, *text, messages, messages / of_all, concentration(counts, traffic))


def concentration(
    counts: Sequence[Count], traffic: Mapping[str, Mapping[Value, float]]
) -> Concentration | None:
    """Return the sender, network, country or day with most of these messages.

    It has at least half of them, and twice its share of all messages: a large network has many of
    everything. Of several, the one with the smallest share of all messages.
    """
    found = []
    for name, of in _NAMES.items():
        shares = _shares(counts, of, _undelivered)
        most = max(shares, key=lambda value: (shares[value], str(value)))
        of_traffic = traffic[name][most]
        if shares[most] >= max(CONCENTRATED, TIMES * of_traffic):
            found.append(Concentration(_NAMED[name](most), shares[most], of_traffic))
    return min(found, key=lambda each: each.of_traffic / each.share, default=None)


def _messages(count: Count) -> int:
    return count.messages


def _undelivered(count: Count) -> int:
    return count.undelivered


_NAMES: Final[Mapping[str, Callable[[Count], Value]]] = {
    "sender": attrgetter("sender"),
    "network": attrgetter("network_code"),
    "country": attrgetter("country"),
    "day": attrgetter("day"),
}
_NAMED: Final[Mapping[str, Callable[[Value], str]]] = {
    "sender": lambda value: "other senders" if value is None else value_name(str(value)),
    "network": lambda value: sanitize(str(value or "no code"), _CODE_WIDTH),
    "country": lambda value: str(value or "unknown country"),
    "day": lambda value: day(value) if isinstance(value, date) else "",
}


def _shares(
    counts: Sequence[Count], of: Callable[[Count], Value], number: Callable[[Count], int]
) -> Mapping[Value, float]:
    sums: dict[Value, int] = defaultdict(int)
    for count in counts:
        sums[of(count)] += number(count)
    total = sum(sums.values())
    return {name: value / total for name, value in sums.items()} if total else {}


def undelivered(metrics: PeriodMetrics, whole: Tally) -> tuple[Undelivered, ...]:
    """Return the undelivered messages of a small report, if they are few."""
    if not whole.few or whole.undelivered >= LISTED_BELOW:
        return ()
    rows = metrics.rows("errors", "message_time", "message_id", "outcome")
    return tuple(
        Undelivered(
            local(row["message_time"], metrics.tz),
            sanitize(row["message_id"]),
            row["outcome"],
            row["err_code"],
            row["meaning"] or "",
        )
        for row in rows
    )
