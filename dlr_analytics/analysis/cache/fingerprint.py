"""The fingerprint of a cache: a digest of what messages depend on besides data.

It covers the statements of all steps whose rows are cached or that lead to them, the vocabulary
that they use, the shipped and the user's own table of networks, and the two settings that matter.
Where any of it differs, nothing cached is used and the next ``dlr compact`` rebuilds it: a release
that changes a definition needs no migration, and an edited ``networks.csv`` no command.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from dlr_analytics import vocabulary
from dlr_analytics.analysis.messages import networks
from dlr_analytics.analysis.messages.parameters import KEY_HASH
from dlr_analytics.analysis.messages.pipeline import STEPS, Stage, statement
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.files import LOCAL, Files
from dlr_analytics.webhook.receipt import COLUMNS


def fingerprint(settings: Settings, files: Files = LOCAL) -> str:
    """A digest of the definitions, the table of networks, and the settings that count.

    ``files`` reads the user's own table.

    Examples
    --------
    >>> fingerprint(Settings()) == fingerprint(Settings(port=9000))
    True
    >>> fingerprint(Settings()) == fingerprint(Settings(currency="USD"))
    False
    """
    pattern = settings.client_ref_time
    parts = (
        _definitions(),
        _user_networks(settings.data, files),
        settings.currency,
        pattern and pattern.pattern,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _user_networks(data: Path, files: Files) -> bytes:
    try:
        with files.open(layout.user_networks(data)) as file:
            return file.read()
    except FileNotFoundError:
        return b""


@cache
def _definitions() -> str:
    steps = [step for step in STEPS if step.stage is not Stage.OUTCOMES]
    parts = (
        [statement(step.source) for step in steps if isinstance(step.source, str)],
        networks.shipped_digest(),
        COLUMNS,
        KEY_HASH,
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
    return hashlib.sha256(repr(parts).encode()).hexdigest()
