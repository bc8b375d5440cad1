"""Verification of requests: SMS API signatures and Messages API tokens.

What is stored has to be what was signed, so verification returns the parameters that the signature
or the token covers:

- Of an SMS receipt, ``sig`` is over all parameters of query and body, else over those of the body
  alone, since a URL may have parameters of its own. Names and values whose signed text could be
  another's are refused (:mod:`dlr_analytics.webhook.signature`).
- Of a Messages API webhook, the token holds the SHA-256 of the body, so only the body is covered.

A wrong signature is tried under the other methods too: the answer stays 401, and the status page
and ``dlr doctor`` can name the setting to change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dlr_analytics.settings import Settings
from dlr_analytics.webhook.fields import read_epoch
from dlr_analytics.webhook.jwt import verified_claims
from dlr_analytics.webhook.messages_api import is_status_webhook
from dlr_analytics.webhook.parameters import (
    Malformed,
    Parameters,
    ParsedRequest,
    last,
    text_of,
)
from dlr_analytics.webhook.signature import has_valid_signature, is_ambiguous, matching_method


@dataclass(frozen=True, slots=True)
class Keys:
    """Valid secrets, the signature method of SMS receipts, the tolerance in s."""

    secrets: tuple[bytes, ...] = field(repr=False)
    method: str = "md5hash"
    tolerance: float | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Keys | None:
        """Keys from the settings; None without a secret, which switches verification off."""
        secrets = tuple(secret.encode() for secret in settings.signature_secret)
        if not secrets:
            return None
        return cls(secrets, settings.signature_method, settings.signature_tolerance)


@dataclass(frozen=True, slots=True)
class Unverified:
    """Reason of a failed verification: ``unsigned``, ``wrong_signature`` or ``stale``.

    ``would_match`` is the signature method under which a wrong signature would be valid.
    """

    reason: str
    would_match: str | None = None


def verify_request(
    request: ParsedRequest | Malformed,
    body: bytes,
    authorization: str | None,
    keys: Keys,
    now: datetime,
) -> Parameters | Unverified:
    """Verify a request and return the parameters that its signature covers.

    An SMS receipt carries ``sig``, computed over query and body together, or over the body alone
    where the query holds parameters that a user added to the webhook's URL. A Messages API
    webhook carries a token, computed over the body. A malformed request counts as unsigned, and
    parameters whose signed text could be that of others as wrongly signed.

    Parameters
    ----------
    request : ParsedRequest or Malformed
        The parsed query and body.
    authorization : str or None
        The header; None if it is absent.
    now : datetime
        Naive UTC.

    Examples
    --------
    >>> request = ParsedRequest({"messageId": "0A00"}, {}, "get")
    >>> verify_request(request, b"", None, Keys((b"secret",)), datetime(2026, 11, 24))
    Unverified(reason='unsigned', would_match=None)
    """
    if isinstance(request, Malformed):
        return Unverified("unsigned")
    if request.transport == "json" and is_status_webhook(request.body):
        return _verify_token(request, body, authorization, keys, now)
    return _verify_signature(request, keys, now)


def _verify_token(
    request: ParsedRequest, body: bytes, authorization: str | None, keys: Keys, now: datetime
) -> Parameters | Unverified:
    if authorization is None:
        return Unverified("unsigned")
    claims = verified_claims(authorization, body, keys.secrets)
    if claims is None:
        return Unverified("wrong_signature")
    issued_at = str(claims.get("iat")).partition(".")[0]
    return request.body if _is_fresh(issued_at, keys, now) else Unverified("stale")


def _verify_signature(request: ParsedRequest, keys: Keys, now: datetime) -> Parameters | Unverified:
    if last(request.parameters.get("sig")) is None:
        return Unverified("unsigned")
    if any("&" in name or "=" in name for name in request.parameters):
        return Unverified("wrong_signature")
    candidates = [request.parameters]
    if request.body and request.body is not request.parameters:
        candidates.append({"sig": request.parameters["sig"], **request.body})
    for signed in candidates:
        if has_valid_signature(signed, keys.secrets, keys.method):
            if is_ambiguous(signed):
                return Unverified("wrong_signature")
            fresh = _is_fresh(text_of(signed.get("timestamp")) or "", keys, now)
            return _as_signed(signed) if fresh else Unverified("stale")
    methods = (matching_method(candidate, keys.secrets) for candidate in candidates)
    return Unverified("wrong_signature", next((method for method in methods if method), None))


def _as_signed(parameters: Parameters) -> Parameters:
    """Values that the signature covers: the last one of a name, a boolean as text."""
    if all(isinstance(value, str) and value for value in parameters.values()):
        return parameters
    signed = {name: text_of(value) for name, value in parameters.items()}
    return {name: text for name, text in signed.items() if text}


def _is_fresh(timestamp: str, keys: Keys, now: datetime) -> bool:
    if keys.tolerance is None:
        return True
    signed_at = read_epoch(timestamp)
    return signed_at is not None and abs((now - signed_at).total_seconds()) <= keys.tolerance
