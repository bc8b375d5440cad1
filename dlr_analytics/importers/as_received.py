"""A call out of a file, read as the receiver would have read it: one definition of a receipt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from dlr_analytics.importers.tally import Refused, Skipped
from dlr_analytics.webhook.judge import (
    REASONS,
    WEBHOOK_PATH,
    Ignore,
    Refuse,
    Request,
    Rules,
    Store,
    judge,
)
from dlr_analytics.webhook.privacy import Privacy
from dlr_analytics.webhook.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads calls at a moment: ``now`` is the import's time, naive UTC, ``privacy`` for numbers.

    Signatures are not asked for: whoever imports a file vouches for it.

    Examples
    --------
    >>> reader = Reader(dt.datetime(2026, 11, 24, 8, 0), Privacy())
    >>> body = b'{"messageId": "0A", "message-timestamp": "2026-10-01 12:00:00"}'
    >>> reader.read(1, b"", body).received_at
    datetime.datetime(2026, 10, 1, 12, 0)
    >>> reader.read(2, b"", b'{"status": "delivered"}')
    Refused(line=2, reason='no message ID')
    """

    now: dt.datetime
    privacy: Privacy

    def read(
        self, line: int, query: bytes, body: bytes, arrived_at: dt.datetime | None = None
    ) -> Receipt | Refused | Skipped:
        """The receipt in a query or a body.

        Its ``received_at`` is ``arrived_at`` (naive UTC) where a log tells it, else the receipt's
        message_timestamp, else, also where that cannot be true, the import's time.
        """
        request = Request("POST", WEBHOOK_PATH, query, {}, body, "")
        verdict = judge(request, Rules(privacy=self.privacy), arrived_at or self.now)
        if isinstance(verdict, Store):
            time = arrived_at or _told(verdict.receipt) or self.now
            return replace(verdict.receipt, received_at=time, source="import")
        if isinstance(verdict, Ignore):
            return Skipped("empty calls")
        reason = verdict.reason
        return Refused(line, REASONS[reason] if isinstance(verdict, Refuse) else reason)


def _told(receipt: Receipt) -> dt.datetime | None:
    implausible = "message_timestamp_implausible" in receipt.problems
    return None if implausible else receipt.message_timestamp
