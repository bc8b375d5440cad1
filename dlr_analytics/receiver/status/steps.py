"""The four steps until receipts come in, each done, next, waiting or an advice.

What each step says is in ``status.html``; here is how far it is.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from dlr_analytics.receiver.status.collector import ReceiverStatus
from dlr_analytics.webhook.judge import WEBHOOK_PATH

State = Literal["done", "next", "waiting", "advice"]

MARKS: Final[dict[State, str]] = {"done": "✓", "next": "→", "waiting": "·", "advice": "!"}

TEST_NUMBER: Final = "447700900000"
"""Recipient of ``dlr simulate --messages 1 --seed 1``; reserved for fiction."""


class Steps(NamedTuple):
    """The state of each step."""

    listens: State
    reached: State
    arrived: State
    signed: State

    @property
    def summary(self) -> str:
        """All steps in one line."""
        advice = self.count("advice")
        more = f", {advice} advice" if advice else ""
        return f"Set up: {self.count('done')} of {len(self)} steps done{more}"


def steps(status: ReceiverStatus) -> Steps:
    """How far each step is."""
    stats = status.stats
    reached = stats.url_checked_at is not None or stats.newest_receipt_at is not None
    arrived = stats.first_receipt_at is not None
    return Steps(
        listens="done",
        reached="done" if reached else "next",
        arrived="done" if arrived else "waiting" if stats.url_checked_at is None else "next",
        signed="done" if status.settings.signature_secret else "advice",
    )


def webhook_path(status: ReceiverStatus) -> str:
    """Path of the webhook, with a variable in place of the token."""
    token = "" if status.settings.url_token is None else "/$DLR_URL_TOKEN"
    return f"{WEBHOOK_PATH}{token}"
