"""Calls at the receipt URL that carry no receipt, but something else of a Vonage account.

An account has one URL for receipts, and others for inbound messages, Verify, Voice, Number Insight
and Reports. Where the same URL is given for several of them, their calls arrive here. Such a call
must not become a message: it goes to the quarantine, with its kind as the reason.
"""

from __future__ import annotations

from typing import Final

from dlr_analytics.webhook.parameters import Parameters, last, text_of

INBOUND: Final = "an inbound message"

_BODIES: Final = ("text", "keyword", "message", "messagetype")
_INBOUND_TYPES: Final = ("text", "unicode", "binary")
_CALLBACKS: Final = {
    "a Voice callback": ("conversationuuid", "recordinguuid", "recordingurl", "callid"),
    "a Number Insight callback": ("lookupoutcome", "internationalformatnumber"),
    "a Reports callback": ("requeststatus", "itemscount"),
    "a Verify callback": ("triggeredat", "finalizedat", "verifyrequestid"),
}
"""Names that only the calls of one kind have, without ``-`` and ``_``, in lower case."""

KINDS: Final = (INBOUND, *_CALLBACKS)
"""What arrives at the receipt URL and is no receipt: the reasons in the quarantine."""


def kind_of_call(parameters: Parameters, *, has_id: bool) -> str | None:
    """Name what a call is that carries no receipt; None for a receipt, and if it cannot be told.

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
    return INBOUND if is_inbound(parameters) else None


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
    return (
        not plain.keys().isdisjoint(_BODIES)
        or _word(plain, "direction") == "inbound"
        or _word(plain, "type") in _INBOUND_TYPES
    )


def _plain(parameters: Parameters) -> Parameters:
    """The parameters that are not null, by name without ``-`` and ``_``, in lower case."""
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
