"""Checks: what was checked, what was found, and the remedy.

Below are those of what a receiver knows about itself. They are functions of facts, without socket,
disk or clock: the receiver's status page has the facts, ``dlr doctor`` requests them, and both say
the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Outcome = Literal["ok", "wrong", "unknown"]

Reason = tuple[str, str]
"""Why a call was refused, and the signature method that would have matched, or an empty text."""

REMEDIES: Final = {
    "unsigned": "have Vonage's support sign the key's receipts, or unset DLR_SIGNATURE_SECRET",
    "wrong_signature": "set DLR_SIGNATURE_SECRET to the account's signature secret",
    "stale": "set this machine's clock by NTP, or raise DLR_SIGNATURE_TOLERANCE",
    "token": "give Vonage the URL that ends in DLR_URL_TOKEN with dlr setup --apply",
    "address": "add Vonage's addresses to DLR_ALLOW, and behind a proxy set DLR_TRUST_PROXY",
}
"""The reasons that are evidence, and the setting to change."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``remedy`` is None where the result is ``ok``.

    Examples
    --------
    >>> print(Check("url", "wrong", "no public URL", "give it with --url"))
    wrong    url          no public URL; give it with --url
    """

    check: str
    result: Outcome
    detail: str
    remedy: str | None = None

    def __str__(self) -> str:
        return f"{self.result:<9}{self.check:<13}{self.sentence}"

    @property
    def sentence(self) -> str:
        """Detail and remedy."""
        return f"{self.detail}; {self.remedy}" if self.remedy else self.detail


class Finding(Exception):
    """Ends a check that is not ok."""

    def __init__(self, result: Outcome, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.result: Outcome = result
        self.detail = detail
        self.remedy = remedy


def wrong(detail: str, remedy: str) -> Finding:
    """Make a finding of something wrong."""
    return Finding("wrong", detail, remedy)


def unknown(detail: str, remedy: str) -> Finding:
    """Make a finding that nothing can be known."""
    return Finding("unknown", detail, remedy)


def make_check(name: str, look: Callable[[], str]) -> Check:
    """Make a check: ``look`` returns the detail of what is ok, or raises a Finding."""
    try:
        return Check(name, "ok", look())
    except Finding as finding:
        return Check(name, finding.result, finding.detail, finding.remedy)


def look_at_storing(base: str, data: Path, problem: str | None) -> str:
    """Look at the receiver: ``problem`` is why it cannot store, None if it can."""
    if problem is not None:
        raise wrong(
            f"the receiver on {base} cannot store: {problem}",
            "read its log, and make room or permissions for the data directory",
        )
    return f"{base}, stores in {data}"


def look_at_calls(*, counted: bool, within: str, remedy: str) -> str:
    """Look at whether the receiver has counted Vonage's call of the URL."""
    if not counted:
        raise unknown(f"the receiver counted no call {within}", remedy)
    return "Vonage has called the URL"


def look_at_refusals(counts: Mapping[Reason, int], refused_at: Mapping[Reason, float]) -> str:
    """Look at calls refused since the start, by reason, and their last Unix times.

    Examples
    --------
    >>> make_check("refusals", lambda: look_at_refusals({("token", ""): 1}, {("token", ""): 60.0}))
    Check(check='refusals', result='wrong', detail='calls refused: 1 token, the last at 00:01:00 ...
    """
    finding = refusals_found(counts, refused_at)
    if finding is not None:
        raise finding
    return "none since the receiver's start"


def refusals_found(
    counts: Mapping[Reason, int], refused_at: Mapping[Reason, float]
) -> Finding | None:
    """Finding for calls refused by reasons that are evidence of a wrong setting."""
    described = describe_refusals(counts)
    if described is None:
        return None
    detail, remedy = described
    evidence = [reason for reason, count in counts.items() if count and reason[0] in REMEDIES]
    last = max((refused_at.get(reason, 0.0) for reason in evidence), default=0.0)
    at = f", the last at {dt.datetime.fromtimestamp(last, dt.UTC):%H:%M:%S} UTC" if last else ""
    return wrong(f"calls refused: {detail}{at}", remedy)


def describe_refusals(counts: Mapping[Reason, int]) -> tuple[str, str] | None:
    """Describe refused calls and their remedy; None if none of them is evidence.

    Examples
    --------
    >>> describe_refusals({("wrong_signature", "sha256"): 2, ("path", ""): 9})
    ('2 wrong_signature (would match sha256)', 'set DLR_SIGNATURE_METHOD=sha256')
    """
    evidence = {reason: n for reason, n in sorted(counts.items()) if n and reason[0] in REMEDIES}
    if not evidence:
        return None
    found = ", ".join(f"{n:,} {_named(reason)}" for reason, n in evidence.items())
    return found, ", ".join(dict.fromkeys(map(_remedy, evidence)))


def _named(reason: Reason) -> str:
    return f"{reason[0]} (would match {reason[1]})" if reason[1] else reason[0]


def _remedy(reason: Reason) -> str:
    name, would_match = reason
    return f"set DLR_SIGNATURE_METHOD={would_match}" if would_match else REMEDIES[name]


def look_at_receipts(newest: dt.datetime | None, now: dt.datetime, nowhere: str) -> str:
    """Look at when the newest receipt came; ``nowhere`` says where there is none.

    Times are naive UTC.
    """
    if newest is None:
        raise unknown(f"none {nowhere}", "send one message with dlr try")
    ago = _span((now - newest).total_seconds())
    return f"the newest came at {newest:%Y-%m-%d %H:%M:%S} UTC, {ago} ago"


def _span(seconds: float) -> str:
    """A span of time in its largest unit.

    Examples
    --------
    >>> _span(59.9), _span(3600 * 50)
    ('59 s', '2 days')
    """
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0) // 1:.0f} s"
