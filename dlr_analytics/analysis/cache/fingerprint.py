"""What kept messages are told by besides receipts and sends: where it changes, none is used."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final

from dlr_analytics import vocabulary
from dlr_analytics.analysis.messages import networks
from dlr_analytics.analysis.messages.pipeline import statement
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.webhook.receipt import COLUMNS

_STATEMENTS: Final = (
    "pipeline/receipts_normalized",
    "pipeline/receipts_collapsed",
    "offsets/scts_votes",
    "offsets/scts_claims",
    "offsets/scts_offsets",
    "pipeline/sends_collapsed",
    "pipeline/messages_joined",
    "pipeline/receipt_flaws",
    "pipeline/message_facts",
    "pipeline/pending_durations",
)


def basis(settings: Settings) -> str:
    """A digest of the definitions, the table of networks, and the settings that count.

    Examples
    --------
    >>> basis(Settings()) == basis(Settings(port=9000))
    True
    >>> basis(Settings()) == basis(Settings(currency="USD"))
    False
    """
    own = layout.user_networks(settings.data)
    pattern = settings.client_ref_time
    said = (
        _definitions(),
        own.read_bytes() if own.exists() else b"",
        settings.currency,
        pattern and pattern.pattern,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


@cache
def _definitions() -> str:
    said = (
        [statement(name) for name in _STATEMENTS],
        networks.shipped_digest(),
        COLUMNS,
        vocabulary.STATUSES,
        vocabulary.ALIASES,
        vocabulary.UNRECOGNISED,
        vocabulary.ZONES,
        vocabulary.FIRST_YEAR,
        vocabulary.FUTURE_HOURS,
        vocabulary.CONTRADICTION_HOURS,
        vocabulary.MATURE_HOURS,
        vocabulary.SEND_TIMES_APART_MINUTES,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()
