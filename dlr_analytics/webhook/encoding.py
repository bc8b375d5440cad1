"""Text from bytes that may not be UTF-8.

An invalid byte becomes a lone surrogate (PEP 383), so that no byte is lost: signatures are
computed over the original bytes, typed columns get a replacement character, ``raw`` an escape.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Final
from urllib.parse import quote_from_bytes

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_HALF_OF_A_PAIR: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def decode(body: bytes) -> str:
    """Decode a query or body; an invalid byte becomes a lone surrogate.

    Examples
    --------
    >>> decode('{"to": "Café"}'.encode("utf-16"))
    '{"to": "Café"}'
    >>> decode(b"caf\\xe9")
    'caf\\udce9'
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _is_wide_json(body):
        return body.decode(json.detect_encoding(body), "replace")
    return body.decode("utf-8", "surrogateescape")


def _is_wide_json(body: bytes) -> bool:
    return b"\0" in body[:2] and body[:4].strip(b"\0")[:1] == b"{"


def has_surrogates(text: str) -> bool:
    """Check for lone surrogates: bytes that were not UTF-8, or half a surrogate pair."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def replace_surrogates(text: str) -> str:
    """Replace each lone surrogate by the replacement character U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def escape_surrogates(text: str) -> str:
    r"""Escape each invalid byte of JSON text as ``\\xe9`` inside its string.

    Examples
    --------
    >>> print(escape_surrogates('{"to":"caf\udce9"}'))
    {"to":"caf\\xe9"}
    """
    return text if text.isascii() else _SURROGATE.sub(_escaped, text)


def quote_surrogates(text: str) -> str:
    r"""Percent-encode each invalid byte of a query or form.

    Examples
    --------
    >>> quote_surrogates(decode(b"to=caf\xe9"))
    'to=caf%E9'
    """
    return (
        text if text.isascii() else _SURROGATE.sub(lambda m: quote_from_bytes(to_bytes(m[0])), text)
    )


def to_bytes(text: str) -> bytes:
    """Encode back to the original bytes; half a surrogate pair becomes CESU-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def json_bytes(text: str) -> bytes:
    r"""Encode JSON text back to the original bytes; half a surrogate pair is escaped.

    Examples
    --------
    >>> json_bytes('{"to":"caf\udce9 \ud83d"}')
    b'{"to":"caf\xe9 \\ud83d"}'
    """
    if not text.isascii():
        text = _HALF_OF_A_PAIR.sub(lambda match: rf"\u{ord(match[0]):04x}", text)
    return text.encode("utf-8", "surrogateescape")


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return rf"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else rf"\\u{code:04x}"
