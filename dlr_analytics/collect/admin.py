"""The second listener, for who runs the receiver: health and counters. Not for the internet."""

from __future__ import annotations

from collections.abc import Callable

from dlr_analytics.collect.call import Call
from dlr_analytics.collect.counts import Counts, exposition


def admin(counts: Counts) -> Callable[[Call], None]:
    """Handles calls of the admin listener.

    Parameters
    ----------
    counts : Counts
        What the receiver keeps.
    """

    def handle(call: Call) -> None:
        if call.method not in ("GET", "HEAD"):
            call.answer(405, {"Allow": "GET, HEAD"})
        elif call.path == "/healthz":
            call.answer(200)
        elif call.path == "/metrics":
            kind = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
            call.answer(200, kind, exposition(counts).encode())
        else:
            call.answer(404)

    return handle
