"""Messages API tokens: ``Authorization: Bearer`` JWT that vouches for a body."""

from __future__ import annotations

import hashlib
import hmac
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jwt.types import Options

_OPTIONS: Final[Options] = {
    "require": ["payload_hash"],
    # What time it is, judge is told; a retry may be days old (settings: signature_tolerance).
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def verified_claims(
    authorization: str, body: bytes, secrets: Sequence[bytes]
) -> Mapping[str, Any] | None:
    """Claims of the token, None unless one of the secrets signed it, for this very body.

    The algorithm is pinned to HS256, and ``payload_hash`` must be the SHA-256 of the raw body.

    Examples
    --------
    >>> verified_claims("Bearer a.b.c", b"{}", [b"secret"]) is None
    True
    """
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.isascii():
        return None
    expected = hashlib.sha256(body).hexdigest().encode()
    for secret in secrets:
        claims = _decoded(token, secret)
        if claims is not None:
            given = str(claims["payload_hash"]).encode("utf-8", "surrogatepass").lower()
            return claims if hmac.compare_digest(given, expected) else None
    return None


def _decoded(token: str, secret: bytes) -> Mapping[str, Any] | None:
    # Loaded here: a receiver that checks no signatures needs no JWT library.
    import jwt

    with warnings.catch_warnings():
        # How long the secret is, Vonage decides.
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, secret, algorithms=["HS256"], options=_OPTIONS
            )
        except (jwt.PyJWTError, ValueError, RecursionError):  # the last: PyJWT 2.13 and before
            return None
    return claims
