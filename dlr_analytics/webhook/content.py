"""What a request holds that is no plain receipt: gzip is read, all else is named.

An account has one URL for receipts, and others for inbound messages, Verify, Voice, Number Insight
and Reports. Where one URL is given for several of them, their calls arrive here. Such a call must
not become a message: it goes to the quarantine, with its kind as the reason.
"""

from __future__ import annotations

import zlib
from typing import Final

from dlr_analytics.webhook.encoding import decode
from dlr_analytics.webhook.parameters import (
    BLANK,
    Malformed,
    Parameters,
    Value,
    last,
    parse_form,
    parse_json,
    text_of,
)
from dlr_analytics.webhook.receipt import MESSAGE_ID_NAMES

_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 256
_ID_NAMES: Final = (*MESSAGE_ID_NAMES, "message_uuid")

ENVELOPE: Final = "an envelope around a receipt"
INBOUND: Final = "an inbound message"

_BODIES: Final = ("text", "keyword", "message", "messagetype")
_MEDIA: Final = (
    *("image", "audio", "video", "file", "vcard", "sticker", "location", "contacts"),
    *("reply", "button", "order", "reaction", "content", "profile"),
)
"""Names of what an inbound message of the Messages API holds instead of a text."""

_INBOUND_TYPES: Final = ("text", "unicode", "binary")
_CALLBACKS: Final = {
    "a Voice callback": (
        *("conversationuuid", "conversationuuidfrom", "conversationuuidto"),
        *("recordinguuid", "recordingurl", "callid"),
    ),
    "a Number Insight callback": (
        *("lookupoutcome", "internationalformatnumber", "statusmessage"),
        *("currentcarrier", "originalcarrier"),
    ),
    "a Reports callback": ("requeststatus", "itemscount"),
    "a Verify callback": ("triggeredat", "finalizedat", "verifyrequestid"),
}
"""Names that only the calls of one kind have, without ``-`` and ``_``, in lower case."""

KINDS: Final = (INBOUND, *_CALLBACKS)
"""What arrives at the receipt URL and is no receipt: the reasons in the quarantine."""


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
    """Name the format of a body without a receipt; None for a plain form or object.

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
    return ENVELOPE if is_envelope(_parsed(text)) else None


def _parsed(text: str) -> Parameters:
    """The members of an object, a form, or a text that was serialized twice."""
    if not text.startswith(("{", '"')):
        return parse_form(text)
    parsed = parse_json(text if text.startswith("{") else f'{{"": {text}}}')
    return {} if isinstance(parsed, Malformed) else parsed


def is_envelope(parameters: Parameters) -> bool:
    """Check for a receipt inside a parameter, as text or as an object.

    Examples
    --------
    >>> is_envelope({"Message": '{"messageId": "0A"}'}), is_envelope({"messageId": ""})
    (True, False)
    """
    return any(map(_holds_receipt, parameters.values()))


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


def kind_of_call(parameters: Parameters, *, has_id: bool) -> str | None:
    """Name what a call is that carries no receipt; None if it may be a receipt.

    An inbound message has a body and no status. A receipt has a status; one without any is a
    receipt all the same, unless it has what only other calls have. A message ID makes a callback
    of another product a receipt, since its URL may have parameters of the user's own.

    Parameters
    ----------
    parameters : mapping
        All parameters, as parsed by :mod:`dlr_analytics.webhook.parameters`.
    has_id : bool
        Whether a message ID is among them, as
        :func:`dlr_analytics.webhook.receipt.read_receipt` finds it.

    Examples
    --------
    >>> kind_of_call({"messageId": "0A", "text": "STOP", "to": "447700900001"}, has_id=True)
    'an inbound message'
    >>> kind_of_call({"messageId": "0A", "text": "STOP", "status": "delivered"}, has_id=True)
    >>> kind_of_call({"request_id": "1", "status": "completed", "finalized_at": "…"}, has_id=False)
    'a Verify callback'
    """
    if has_id:
        return INBOUND if is_inbound(parameters) else None
    plain = _plain(parameters)
    for kind, names in _CALLBACKS.items():
        if not plain.keys().isdisjoint(names):
            return kind
    if "requestid" in plain and _word(plain, "type") in ("event", "summary"):
        return "a Verify callback"
    # A queue or topic that forwards a receipt has it in `Message` or `message`.
    return INBOUND if is_inbound(parameters) and not is_envelope(parameters) else None


def is_inbound(parameters: Parameters) -> bool:
    """Check for an inbound message: it has a body, or says so, and has no status.

    Examples
    --------
    >>> is_inbound({"message_uuid": "aaaa", "message_type": "image"})
    True
    """
    if _word(parameters, "status"):
        return False
    plain = _plain(parameters)
    bodies = (*_BODIES, *_MEDIA) if "messageuuid" in plain else _BODIES
    return (
        not plain.keys().isdisjoint(bodies)
        or _word(plain, "direction") == "inbound"
        or _word(plain, "type") in _INBOUND_TYPES
    )


def _plain(parameters: Parameters) -> Parameters:
    """The parameters that are not null, by lower-case name without ``-`` and ``_``."""
    return {
        name.lower().replace("-", "").replace("_", ""): value
        for name, value in parameters.items()
        if last(value) is not None
    }


def _word(plain: Parameters, name: str) -> str:
    return (text_of(plain.get(name)) or "").strip().lower()


def plural(kind: str) -> str:
    """Write a kind for several calls.

    Examples
    --------
    >>> plural(INBOUND)
    'inbound messages'
    """
    return f"{kind.partition(' ')[2]}s"
