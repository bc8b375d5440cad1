"""Simulated calls on their way to a receiver, with a progress bar on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlr_analytics.simulate import WebhookCall
    from dlr_analytics.simulate.post import Posted


def send(calls: Sequence[WebhookCall], url: str, **how: Any) -> Posted:
    """Send ``calls`` to ``url`` as :func:`dlr_analytics.simulate.post.post` does."""
    from tqdm import tqdm

    from dlr_analytics.simulate.post import post

    with tqdm(total=len(calls), desc="Sending", unit=" receipts", disable=None) as bar:
        return post(calls, url, tick=bar.update, **how)
