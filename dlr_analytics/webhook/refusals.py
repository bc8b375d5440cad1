"""Refused calls as evidence of a wrong setting, in words for users.

Only some reasons are evidence: anybody may call another path, or with another method.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
