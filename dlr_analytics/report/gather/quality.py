"""The data behind the figures: what was read, and which problems it has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dlr_analytics.presentation.sanitize import sanitize
from dlr_analytics.report.gather.metrics import PeriodMetrics, Row
from dlr_analytics.report.model import Remark
from dlr_analytics.store.quarantine import QuarantineEntry

_ID_WIDTH: Final = 40

_AHEAD: Final = "Received more than a day ahead of the clock"
_AHEAD_EFFECT: Final = "does not count for “as of”: dlr verify names the files"

_WIRE_NAMES: Final = ("scts", "err-code", "message-timestamp", "network-code")
"""Field names, which keep their case at the beginning of a sentence."""


def quality(
    metrics: PeriodMetrics, entries: Iterable[QuarantineEntry], ahead: int
) -> tuple[Remark, ...]:
    """Return what was read, its problems, the most frequent first, and what was not.

    Parameters
    ----------
    metrics : PeriodMetrics
        The metrics of the period.
    entries : iterable of QuarantineEntry
        The quarantine, whose entries belong to no period.
    ahead : int
        Receipts more than a day ahead of the clock, in any period.
    """
    (whole,) = metrics.rows("coverage")
    messages, receipts = whole["messages"], whole["receipts_read"]
    each = f"{receipts / messages:.1f} a message" if messages else ""
    quarantined = sum(not entry.is_other_call for entry in entries)
    found = [row for row in metrics.rows("quality") if row["messages"]]
    found.sort(key=lambda row: -row["messages"])
    return (
        Remark("Receipts read", receipts, None, each),
        *(_remark(row, messages) for row in found),
        *([Remark(_AHEAD, ahead, None, _AHEAD_EFFECT)] if ahead else []),
        Remark("Quarantined, not understood", quarantined, None, "dlr quarantine --replay"),
    )


def _remark(row: Row, messages: int) -> Remark:
    """Describe a row of ``quality``; an unlisted problem has its name only."""
    what = row["meaning"] or sanitize(row["problem"], _ID_WIDTH)
    return Remark(
        what=what if what.startswith(_WIRE_NAMES) else what[:1].upper() + what[1:],
        count=row["messages"],
        of=None if row["share"] is None else messages,
        effect=row["effect"] or "",
        example=sanitize(row["example"], _ID_WIDTH),
    )
