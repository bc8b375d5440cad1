"""Why messages were not delivered: err-codes with the networks that they come from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.captions import local
from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.gather.places import code_and_name
from dlr_analytics.report.model import Reason, Tally, Undelivered

MOST_CODES: Final = 11
"""How many err-codes have a row; those beyond join the messages that have none."""

LISTED_BELOW: Final = 20
"""Fewer undelivered messages than this are listed one by one."""

_UNLISTED: Final = ("Not listed by Vonage", "unknown", "Ask Vonage's support.")
_OTHER: Final = (
    "Other, or no err-code",
    "expired, unknown and silent messages often carry none",
    "On some routes no final receipt ever comes: see which networks can be compared.",
)


def reasons(metrics: PeriodMetrics) -> tuple[Reason, ...]:
    """The err-codes of settled, undelivered messages, the most frequent first.

    The last row is of those without a code, and of rare codes, so that the rows add up.
    """
    rows = [row for row in metrics.rows("errors") if row["messages"]]
    of_all = sum(row["messages"] for row in rows)
    known = sorted(
        (row for row in rows if row["err_code"] is not None),
        key=lambda row: (-row["messages"], row["err_code"]),
    )
    shown, rare = known[:MOST_CODES], known[MOST_CODES:]
    rest = [*rare, *(row for row in rows if row["err_code"] is None)]
    networks = _networks(metrics)
    made = [_reason(row["err_code"], _said(row), [row], networks, of_all) for row in shown]
    if rest:
        made.append(_reason(None, _OTHER, rest, networks, of_all))
    return tuple(made)


def _said(row: Row) -> tuple[str, str, str]:
    if row["meaning"] is None:
        return _UNLISTED
    return row["meaning"], row["kind"], row["advice"]


def _reason(
    code: int | None,
    said: tuple[str, str, str],
    rows: Sequence[Row],
    networks: Mapping[int | None, Counter[str]],
    of_all: int,
) -> Reason:
    messages = sum(row["messages"] for row in rows)
    on: Counter[str] = Counter()
    for row in rows:
        on.update(networks[row["err_code"]])
    most = tuple(on.most_common(3))
    return Reason(code, *said, messages, messages / of_all, most, len(on))


def _networks(metrics: PeriodMetrics) -> Mapping[int | None, Counter[str]]:
    """Undelivered messages by err-code and network."""
    found: dict[int | None, Counter[str]] = defaultdict(Counter)
    for row in metrics.rows("errors", "network_code"):
        found[row["err_code"]][code_and_name(row)[0] or "none"] += row["messages"]
    return found


def undelivered(metrics: PeriodMetrics, whole: Tally) -> tuple[Undelivered, ...]:
    """The undelivered messages one by one, where they are few of few."""
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
