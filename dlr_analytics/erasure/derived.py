"""The cached messages, derived again from what has changed."""

from __future__ import annotations

import shutil

from dlr_analytics.analysis.cache import manifest, refresh
from dlr_analytics.analysis.cache.fingerprint import fingerprint
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.atomic import REAL, SystemCalls
from dlr_analytics.store.locks import exclusive_lock


def refresh_messages(settings: Settings, calls: SystemCalls = REAL) -> list[str]:
    """Derive the cached messages of changed days again, where messages are cached.

    A cache that does not hold any more, or cannot be refreshed, is removed: the next ``dlr
    compact`` rebuilds it.

    Returns
    -------
    list of str
        Always empty: nothing is left of what was derived.

    Raises
    ------
    OSError
        The cache could not be removed.
    """
    messages = layout.messages(settings.data)
    if not any(messages.glob("*")):
        return []
    known = manifest.read(messages, fingerprint(settings))
    if known.received:
        batches = refresh.plan_batches(settings, sorted(known.received))
        done = list(refresh.cache_batches(settings, batches, calls))
        if not any(one.finding for one in done):
            return []
    remove_messages(settings)
    return []


def remove_messages(settings: Settings) -> None:
    """Remove all cached messages."""
    messages = layout.messages(settings.data)
    with exclusive_lock(layout.compact_lock(settings.data)):
        for path in messages.glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
