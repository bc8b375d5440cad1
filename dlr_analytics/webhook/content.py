"""Bodies that are no plain form or JSON object: gzip is read, others are named."""

from __future__ import annotations

import zlib
from typing import Final

from dlr_analytics.webhook.encoding import decode
from dlr_analytics.webhook.parameters import BLANK, Malformed, Value, parse_json
from dlr_analytics.webhook.receipt import MESSAGE_ID_NAMES

_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 256
_ID_NAMES: Final = (*MESSAGE_ID_NAMES, "message_uuid")


def unpack(body: bytes, limit: int) -> tuple[bytes, str | None]:
    """Unpack a gzip body, recognized by its first bytes; return others unchanged.

    Returns
    -------
    body, flaw
        At most ``limit`` + 1 bytes, up to the damage if there is any, and what is wrong with it.

    Examples
    --------
    >>> import gzip
    >>> unpack(gzip.compress(b"messageId=A"), 65536), unpack(b"messageId=A", 65536)
    ((b'messageId=A', None), (b'messageId=A', None))
    """
    if not body.startswith(_GZIP):
        return body, None
    unpacker = zlib.decompressobj(31)
    unpacked = b""
    try:
        for start in range(0, len(body), _CHUNK):
            unpacked += unpacker.decompress(body[start : start + _CHUNK], limit + 1 - len(unpacked))
            if len(unpacked) > limit:
                return unpacked, None
    except zlib.error:
        return unpacked, "damaged gzip"
    whole = unpacker.eof and not unpacker.unused_data
    return unpacked, None if whole else "damaged gzip"


def describe(body: bytes) -> str | None:
    """Name the format of a body without a receipt; None for a form or an object.

    Examples
    --------
    >>> describe(b'[{"messageId": "A"}]'), describe(b'{"data": {"messageId": "A"}}')
    ('a JSON array', 'an envelope around a receipt')
    >>> describe(b"status=delivered") is None
    True
    """
    text = decode(body).lstrip(BLANK)
    if text.startswith("--") and "content-disposition:" in text[:1000].lower():
        return "multipart/form-data"
    if text.startswith("["):
        return "a JSON array"
    parsed = parse_json(text) if text.startswith("{") else Malformed("no object")
    if isinstance(parsed, Malformed):
        return None
    return "an envelope around a receipt" if _holds_receipt(parsed) else None


def _holds_receipt(value: Value) -> bool:
    if isinstance(value, dict):
        return any(
            name in _ID_NAMES or _holds_receipt(member) for name, member in value.items() if member
        )
    if isinstance(value, list):
        return any(map(_holds_receipt, value))
    return isinstance(value, str) and any(
        f'"{name}"' in value or f"{name}=" in value for name in _ID_NAMES
    )
