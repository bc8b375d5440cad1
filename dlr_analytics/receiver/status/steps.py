"""The four steps until receipts come in, each done, next, waiting or an advice.

What a step says first are the checks of ``dlr doctor`` and ``dlr setup`` that the receiver can make
itself, in the same words. The rest is in ``status.html``.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal, NamedTuple

from dlr_analytics.receiver.status.collector import ReceiverStatus
from dlr_analytics.webhook.checks import (
    Check,
    look_at_calls,
    look_at_receipts,
    look_at_refusals,
    look_at_storing,
    make_check,
)
from dlr_analytics.webhook.judge import WEBHOOK_PATH

State = Literal["done", "next", "waiting", "advice"]

MARKS: Final[dict[State, str]] = {"done": "✓", "next": "→", "waiting": "·", "advice": "!"}

TEST_NUMBER: Final = "447700900000"
"""Recipient of ``dlr simulate --messages 1 --seed 1``; reserved for fiction."""

_SINCE: Final = "since the receiver's start"


class ReceiverChecks(NamedTuple):
    """The checks of ``dlr doctor`` and ``dlr setup`` that need no other machine."""

    receiver: Check
    called: Check
    receipts: Check
    refusals: Check


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


def receiver_checks(status: ReceiverStatus) -> ReceiverChecks:
    """Make the checks, of what came since the receiver's start."""
    stats = status.stats
    newest = stats.newest_receipt_at
    came = None if newest is None else dt.datetime.fromtimestamp(newest, dt.UTC)
    counted = stats.url_checked_at is not None or came is not None
    base, data, problem = status.address, status.settings.data, stats.storage_error or None
    within, remedy = "since its start", "set the account's receipt URL with dlr setup --apply"
    return ReceiverChecks(
        receiver=make_check("receiver", lambda: look_at_storing(base, data, problem)),
        called=make_check(
            "called",
            lambda: look_at_calls(counted=counted, within=within, remedy=remedy),
        ),
        receipts=make_check(
            "receipts",
            lambda: look_at_receipts(came and came.replace(tzinfo=None), status.now, _SINCE),
        ),
        refusals=make_check("refusals", lambda: look_at_refusals(stats.refusals, stats.refused_at)),
    )


def steps(checks: ReceiverChecks, *, signed: bool) -> Steps:
    """How far each step is; ``signed``: signatures are checked."""
    called = checks.called.result == "ok"
    arrived = checks.receipts.result == "ok"
    return Steps(
        listens="done" if checks.receiver.result == "ok" else "advice",
        reached="done" if called else "next",
        arrived="done" if arrived else "next" if called else "waiting",
        signed="done" if signed else "advice",
    )


def webhook_path(status: ReceiverStatus) -> str:
    """Path of the webhook, with a variable in place of the token."""
    token = "" if status.settings.url_token is None else "/$DLR_URL_TOKEN"
    return f"{WEBHOOK_PATH}{token}"
