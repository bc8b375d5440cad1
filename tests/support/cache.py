"""The message cache of a data directory: refresh it, and read its state."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from dlr_analytics.analysis.cache import manifest, refresh
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import closed_days
from tests.support.pipelines import NOON

EVER = NOON.date() + dt.timedelta(days=1000)
"""A day later than all that tests receive."""


def refresh_cache(data: Path, today: dt.date = EVER, *, open_day: bool = False) -> int:
    """Cache the messages of days before ``today``; return how many received days went in.

    With ``open_day`` those of today's sealed files too, as they are.
    """
    settings = Settings(data=data)
    days = closed_days(data, today + dt.timedelta(days=1) if open_day else today)
    batches = refresh.plan_batches(settings, days)
    done = list(refresh.cache_batches(settings, batches))
    assert [each.finding for each in done if each.finding] == []
    return sum(len(each.days) for each in done)


def cache_state(data: Path) -> manifest.Manifest:
    """The manifest of the cached messages."""
    return manifest.read(layout.messages(data), fingerprint(Settings(data=data)))
