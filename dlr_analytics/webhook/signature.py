"""SMS API signatures over the parameters of a request.

Source: Vonage's documentation on signing messages and the SDKs that follow it. All decoded
parameters except ``sig``, sorted by name in code-point order, are written as ``&name=value``, with
``&`` and ``=`` in values replaced by ``_``. ``md5hash`` is the MD5 of that text followed by the
secret; the other methods are an HMAC of the text.

The text does not say where a name or a value ends, nor of what type a value is, so one text may
belong to several requests. :func:`is_ambiguous` finds the requests whose text could be another's;
only ``_`` in a value, which the method itself cannot tell from ``&`` and ``=``, stays ambiguous.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from dlr_analytics.webhook.encoding import to_bytes
from dlr_analytics.webhook.parameters import Parameters, Value, last, text_of, to_json

METHODS: Final = ("md5hash", "md5", "sha1", "sha256", "sha512")


def has_valid_signature(parameters: Parameters, secrets: Sequence[bytes], method: str) -> bool:
    """Check ``sig`` against each secret.

    SDKs differ on empty values, some leave them out: either is accepted. Hex digits may be in
    either case. Compared in constant time, on bytes.

    Examples
    --------
    >>> signed = {"message-timestamp": "2013-11-21 15:27:30", "messageId": "020000001B0FE827",
    ...           "msisdn": "14843472194", "text": "Test again", "timestamp": "1385047698",
    ...           "to": "13239877404", "type": "text", "sig": "d2e7b1dc968737c5998ad624e02f90b7"}
    >>> has_valid_signature(signed, [b"my_secret_key_for_testing"], "md5hash")
    True
    """
    signature = to_bytes(text_of(parameters.get("sig")) or "").lower()
    return any(
        hmac.compare_digest(signature, sign(text, secret, method))
        for text in signed_texts(parameters)
        for secret in secrets
    )


def matching_method(parameters: Parameters, secrets: Sequence[bytes]) -> str | None:
    """Find the method under which the signature would be valid; None if there is none."""
    return next((m for m in METHODS if has_valid_signature(parameters, secrets, m)), None)


def sign(text: bytes, secret: bytes, method: str) -> bytes:
    """Compute the signature of a text in lower-case hex.

    Examples
    --------
    >>> sign(b"&a=1", b"secret", "md5")
    b'8e92c65ea2dfeef6605b97bedd49cb5e'
    """
    if method == "md5hash":
        digest = hashlib.md5(text + secret, usedforsecurity=False).hexdigest()
    else:
        digest = hmac.digest(secret, text, method).hex()
    return digest.encode()


def signed_texts(parameters: Parameters) -> list[bytes]:
    """List the texts that may have been signed: with and without empty values.

    Examples
    --------
    >>> signed_texts({"to": "A&B", "client-ref": "", "sig": "00"})
    [b'&client-ref=&to=A_B', b'&to=A_B']
    """
    values = [(name, _literal(parameters[name])) for name in sorted(parameters) if name != "sig"]
    filled = [(name, value) for name, value in values if value]
    return (
        [_signed_text(values)]
        if len(filled) == len(values)
        else [_signed_text(values), _signed_text(filled)]
    )


def is_ambiguous(parameters: Parameters) -> bool:
    """Check whether the signed text could be that of other parameters.

    It could be where a name holds ``&`` or ``=``, where a value is a list or an object, whose JSON
    is also a text, and where JSON escapes spell the bytes of other characters.

    Examples
    --------
    >>> is_ambiguous({"a": "1&b=2"}), is_ambiguous({"a=1&b": "2"}), is_ambiguous({"a": ["1"]})
    (False, True, True)
    """
    return any(
        "&" in name
        or "=" in name
        or isinstance(last(value), list | dict)
        or _is_other_text(name)
        or _is_other_text(text_of(value) or "")
        for name, value in parameters.items()
    )


def _is_other_text(text: str) -> bool:
    return not text.isascii() and to_bytes(text).decode("utf-8", "surrogateescape") != text


def _signed_text(values: list[tuple[str, str]]) -> bytes:
    return to_bytes("".join([f"&{name}={value}" for name, value in values]))


def _literal(value: Value) -> str:
    """Literal text of a value, ``&`` and ``=`` replaced; JSON text of an object."""
    if type(value) is not str:
        value = last(value)
        value = to_json(value) if isinstance(value, list | dict) else text_of(value) or ""
    return value.replace("&", "_").replace("=", "_")
