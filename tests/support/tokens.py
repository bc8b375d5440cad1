"""Tokens of the Messages API, signed and unsigned."""

from __future__ import annotations

import base64
import hashlib
import json
import warnings
from collections.abc import Mapping

import jwt

SECRET = b"a signature secret of a fair length"
BODY = b'{"message_uuid": "aaaa", "status": "delivered"}'
PAYLOAD_HASH = hashlib.sha256(BODY).hexdigest()
CLAIMS: Mapping[str, object] = {
    "iat": 1795507200,
    "jti": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
    "iss": "Vonage",
    "payload_hash": PAYLOAD_HASH,
    "api_key": "abcd1234",
}


def bearer(
    claims: Mapping[str, object] = CLAIMS, secret: bytes = SECRET, algorithm: str = "HS256"
) -> str:
    """An Authorization header with these claims, signed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
        return f"Bearer {jwt.encode(dict(claims), secret, algorithm)}"


def unsigned(header: Mapping[str, object], claims: Mapping[str, object] = CLAIMS) -> str:
    """An Authorization header with these claims and an empty signature."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(x).encode()).rstrip(b"=") for x in (header, claims)
    ]
    return f"Bearer {b'.'.join([*parts, b'']).decode()}"
