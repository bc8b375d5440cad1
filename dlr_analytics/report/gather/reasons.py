"""Why messages were not delivered: err-codes, and the networks they occur on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from dlr_analytics.analysis.timezones import local
from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.gather.places import code_and_name
from dlr_analytics.report.model import Reason, Tally, Undelivered

MOST_CODES: Final = 11
"""The most err-codes with a row; the others are added to messages without one."""

LISTED_BELOW: Final = 20
"""Below this number, undelivered messages are listed one by one."""

_UNLISTED: Final = ("Not listed by Vonage", "unknown", "Ask Vonage's support.")
_OTHER: Final = (
    "Other, or no err-code",
    "expired, unknown and silent messages often carry none",
    "On some routes no final receipt ever comes: see which networks can be compared.",
)


def reasons(metrics: PeriodMetrics) -> tuple[Reason, ...]:
    """Return the err-codes of settled, undelivered messages, the most frequent first.

    The last row is for messages without a code and for rare codes, so that the rows add up.
    """
    rows = [row for row in metrics.rows("errors") if row["messages"]]
    of_all = sum(row["messages"] for row in rows)
    known = sorted(
        (row for row in rows if row["err_code"] is not None),
        key=lambda row: (-row["messages"], row["err_code"]),
    )
    frequent, rare = known[:MOST_CODES], known[MOST_CODES:]
    rest = [*rare, *(row for row in rows if row["err_code"] is None)]
    networks = _networks(metrics)
    found = [_reason(row["err_code"], _text(row), [row], networks, of_all) for row in frequent]
    if rest:
        found.append(_reason(None, _OTHER, rest, networks, of_all))
    return tuple(found)


def _text(row: Row) -> tuple[str, str, str]:
    if row["meaning"] is None:
        return _UNLISTED
    return row["meaning"], row["kind"], row["advice"]


def _reason(
    code: int | None,
    text: tuple[str, str, str],
    rows: Sequence[Row],
    networks: Mapping[int | None, Counter[str]],
    of_all: int,
) -> Reason:
    messages = sum(row["messages"] for row in rows)
    on: Counter[str] = Counter()
    for row in rows:
        on.update(networks[row["err_code"]])
    most = tuple(on.most_common(3))
    return Reason(code, *text, messages, messages / of_all, most, len(on))


def _networks(metrics: PeriodMetrics) -> Mapping[int | None, Counter[str]]:
    """Undelivered messages by err-code and network."""
    found: dict[int | None, Counter[str]] = defaultdict(Counter)
    for row in metrics.rows("errors", "network_code"):
        found[row["err_code"]][code_and_name(row)[0] or "none"] += row["messages"]
    return found


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
