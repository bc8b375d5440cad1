"""Whether a call was signed by who holds a secret, and what of it the signature vouches for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dlr_analytics.settings import Settings
from dlr_analytics.webhook.fields import read_epoch
from dlr_analytics.webhook.jwt import verified_claims
from dlr_analytics.webhook.messages_api import is_status_webhook
from dlr_analytics.webhook.parameters import Malformed, Parameters, ParsedRequest, last, text_of
from dlr_analytics.webhook.signature import has_valid_signature, matching_method


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets, all live, and how SMS receipts are signed with them; ``tolerance`` in seconds."""

    secrets: tuple[bytes, ...] = field(repr=False)
    method: str = "md5hash"
    tolerance: float | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Keys | None:
        """Keys as the settings say; None where no secret is set, so that nothing is checked."""
        secrets = tuple(secret.encode() for secret in settings.signature_secret)
        if not secrets:
            return None
        return cls(secrets, settings.signature_method, settings.signature_tolerance)


@dataclass(frozen=True, slots=True)
class Unverified:
    """Why a call is not believed: ``unsigned``, ``wrong_signature`` or ``stale``.

    ``would_match`` is the method by which a wrongly signed call would have been right.
    """

    reason: str
    would_match: str | None = None


def verify_request(
    call: ParsedRequest | Malformed,
    body: bytes,
    authorization: str | None,
    keys: Keys,
    now: datetime,
) -> Parameters | Unverified:
    """The parameters that a signature vouches for.

    An SMS receipt carries ``sig``, made over query and body joined, or over the body alone where
    the query holds what a user wrote into the webhook's URL. A Messages API webhook carries a
    token, made over the body. What cannot be read cannot be verified: it is unsigned.

    Parameters
    ----------
    request : ParsedRequest or Malformed
        What ``body`` and the query say.
    authorization : str or None
        The header, None where there was none.
    now : datetime
        Naive UTC.

    Examples
    --------
    >>> call = ParsedRequest({"messageId": "0A00"}, {}, "get")
    >>> verify_request(call, b"", None, Keys((b"secret",)), datetime(2026, 11, 24))
    Unverified(reason='unsigned', would_match=None)
    """
    if isinstance(call, Malformed):
        return Unverified("unsigned")
    if call.transport == "json" and is_status_webhook(call.body):
        return _by_token(call, body, authorization, keys, now)
    return _by_signature(call, keys, now)


def _by_token(
    call: ParsedRequest, body: bytes, authorization: str | None, keys: Keys, now: datetime
) -> Parameters | Unverified:
    if authorization is None:
        return Unverified("unsigned")
    claims = verified_claims(authorization, body, keys.secrets)
    if claims is None:
        return Unverified("wrong_signature")
    issued_at = str(claims.get("iat")).partition(".")[0]
    return call.body if _is_fresh(issued_at, keys, now) else Unverified("stale")


def _by_signature(call: ParsedRequest, keys: Keys, now: datetime) -> Parameters | Unverified:
    if last(call.parameters.get("sig")) is None:
        return Unverified("unsigned")
    candidates = [call.parameters]
    if call.body and call.body is not call.parameters:
        candidates.append({"sig": call.parameters["sig"], **call.body})
    for signed in candidates:
        if has_valid_signature(signed, keys.secrets, keys.method):
            fresh = _is_fresh(text_of(signed.get("timestamp")) or "", keys, now)
            return signed if fresh else Unverified("stale")
    would = (matching_method(candidate, keys.secrets) for candidate in candidates)
    return Unverified("wrong_signature", next((method for method in would if method), None))


def _is_fresh(seconds: str, keys: Keys, now: datetime) -> bool:
    if keys.tolerance is None:
        return True
    moment = read_epoch(seconds)
    return moment is not None and abs((now - moment).total_seconds()) <= keys.tolerance
