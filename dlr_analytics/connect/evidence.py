"""The receiver's counters of refused calls and of calls without a receipt.

Counters begin at the receiver's start; two readings are compared to see what came between them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from dlr_analytics.connect.http import NoResponse, fetch
from dlr_analytics.connect.receiver import LOCAL_SECONDS, local_url
from dlr_analytics.settings import Settings
from dlr_analytics.webhook.checks import Finding, Reason, look_at_refusals, refusals_found, unknown

_SAMPLE: Final = re.compile(r"^(dlr_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Counters:
    """The receiver's counters; ``started`` and ``refused_at`` are Unix times."""

    started: float
    refusals: Mapping[Reason, int]
    refused_at: Mapping[Reason, float]
    empty_calls: int


def read_counters(settings: Settings) -> Counters | None:
    """Request the counters from the admin listener; None if there is none."""
    if settings.admin_port == 0:
        return None
    url = f"{local_url(settings.admin_host, settings.admin_port)}/metrics"
    try:
        response = fetch("GET", url, LOCAL_SECONDS, direct=True)
    except NoResponse:
        return None
    return (
        parse_counters(response.body.decode(errors="replace"))
        if response.status == HTTPStatus.OK
        else None
    )


def parse_counters(text: str) -> Counters | None:
    """Parse Prometheus' text format; None if it is not a receiver's.

    Examples
    --------
    >>> parse_counters("dlr_start_timestamp_seconds 1.0\\ndlr_empty_calls_total 2.0")
    Counters(started=1.0, refusals={}, refused_at={}, empty_calls=2)
    """
    plain: dict[str, float] = {}
    by_reason: dict[str, dict[Reason, float]] = {}
    for name, labels, value in _SAMPLE.findall(text):
        label = dict(_LABEL.findall(labels))
        if "reason" in label:
            reason = label["reason"], label.get("would_match", "")
            by_reason.setdefault(name, {})[reason] = float(value)
        elif not labels:
            plain[name] = float(value)
    if "dlr_start_timestamp_seconds" not in plain:
        return None
    refusals = by_reason.get("dlr_refusals_total", {})
    return Counters(
        plain["dlr_start_timestamp_seconds"],
        {reason: int(count) for reason, count in refusals.items()},
        by_reason.get("dlr_last_refusal_timestamp_seconds", {}),
        int(plain.get("dlr_empty_calls_total", 0)),
    )


def check_refusals(settings: Settings) -> str:
    """Check that no call was refused since the receiver's start."""
    counters = read_counters(settings)
    if counters is None:
        raise unknown("no counters of the receiver", "name its --admin-port, or give it one")
    return look_at_refusals(counters.refusals, counters.refused_at)


def refused_since(now: Counters, before: Counters | None, since: float) -> Finding | None:
    """Finding for calls refused since a Unix time.

    Counters before that time tell how many they are; without them, or after a restart of the
    receiver, the time of the last call of each reason tells which are later.
    """
    same = before is not None and before.started == now.started
    earlier = before.refusals if before is not None and same else {}
    later = {
        reason: count - earlier.get(reason, 0)
        for reason, count in now.refusals.items()
        if same or now.refused_at.get(reason, 0.0) >= since
    }
    return refusals_found(later, now.refused_at)
