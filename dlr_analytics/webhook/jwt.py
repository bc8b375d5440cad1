"""Messages API tokens: a JWT in ``Authorization: Bearer``, with the body's hash."""

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
    # judge gets the clock as an argument; a retry may be days old (setting signature_tolerance).
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
    """Verify a token for a body and return its claims; None if it is invalid.

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
        claims = _decode(token, secret)
        if claims is not None:
            actual = str(claims["payload_hash"]).encode("utf-8", "surrogatepass").lower()
            return claims if hmac.compare_digest(actual, expected) else None
    return None


def _decode(token: str, secret: bytes) -> Mapping[str, Any] | None:
    # Imported late: a receiver without signature checks does not load the JWT library.
    import jwt

    with warnings.catch_warnings():
        # Vonage chooses the length of the secret, not the user.
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, secret, algorithms=["HS256"], options=_OPTIONS
            )
        except (jwt.PyJWTError, ValueError, RecursionError):  # the last: PyJWT 2.13 and before
            return None
    return claims
