"""Removal of a request's credentials, so that nothing stored is a valid request.

``sig`` covers the full number too: beside a masked number it is a digest from which the masked
digits can be found. It is removed from receipts and from the quarantine; ``nonce`` and
``timestamp``, its companions, from receipts, where they mean nothing else.
"""

from __future__ import annotations

import re
from typing import Final

from dlr_analytics.webhook.parameters import BLANK, Parameters, Value, unquote_form

_SMS: Final = frozenset({"sig", "nonce", "timestamp"})
_WEBHOOK: Final = frozenset({"sig", "nonce"})
"""The ``timestamp`` of a Messages API webhook is its message's time."""

_NAME: Final = (
    r"(?:s|\\u00[57]3|%(?:25)*[57]3)(?:i|\\u00[46]9|%(?:25)*[46]9)(?:g|\\u00[46]7|%(?:25)*[46]7)"
)
# White space is bounded: each of its characters is tried as a start.
_MEMBER: Final = (
    rf'"\s{{0,9}}{_NAME}\s{{0,9}}"\s{{0,9}}:\s{{0,9}}'
    r'(?:"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^\s,"{}\[\]]+)'
)
_MEMBERS: Final = re.compile(
    rf"(\{{\s{{0,9}})(?:{_MEMBER}\s{{0,9}},?\s{{0,9}})+|,?\s{{0,9}}{_MEMBER}",
    re.IGNORECASE | re.DOTALL,
)
_SHORTEST: Final = len("sig=") + 31
"""A text up to this length has no signature in it."""

# So are the signs between name and digest, which may be further names.
_DIGEST: Final = re.compile(
    rf"(?:(?<![a-z])|(?<=%[0-9a-f][a-f]))"
    rf"({_NAME}(?:[^0-9a-z%\\]|%(?:25)*[0-9a-f]{{2}}|\\u[0-9a-f]{{4}}|\\.){{1,32}})"
    "[0-9a-f]{32,}",
    re.IGNORECASE | re.DOTALL,
)


def without_credentials(parameters: Parameters, *, webhook: bool) -> Parameters:
    """Drop the signature and its companions from the parameters of a receipt.

    Examples
    --------
    >>> without_credentials({"messageId": "A", "sig": "00", "timestamp": "1"}, webhook=False)
    {'messageId': 'A'}
    """
    dropped = _WEBHOOK if webhook else _SMS
    return {
        name: _without_signature_in(value)
        for name, value in parameters.items()
        if name.strip().lower() not in dropped
    }


def _without_signature_in(value: Value) -> Value:
    """Drop the members named ``sig``, and in texts the digests behind that name."""
    if type(value) is str:
        # A proxy may pass on the whole URL in a parameter.
        return _DIGEST.sub(r"\1", value) if len(value) > _SHORTEST else value
    if isinstance(value, dict):
        return {
            name: _without_signature_in(member)
            for name, member in value.items()
            if name.strip().lower() != "sig"
        }
    if isinstance(value, list):
        return type(value)([_without_signature_in(item) for item in value])
    return value


def without_signature(text: str) -> str:
    r"""Drop each signature from the text of a query, a form, JSON or anything else.

    Examples
    --------
    >>> without_signature("a=1&sig=00"), without_signature('{"sig": "00", "a": 1}')
    ('a=1', '{"a": 1}')
    """
    if text.lstrip(BLANK)[:1] not in ("{", "["):
        text = "&".join([part for part in text.split("&") if not _is_signature(part)])
    return _DIGEST.sub(r"\1", _MEMBERS.sub(lambda member: member[1] or "", text))


def _is_signature(part: str) -> bool:
    name = part.partition("=")[0]
    return len(name) < 32 and unquote_form(name).strip().lower() == "sig"
