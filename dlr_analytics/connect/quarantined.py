"""Whether a quarantined call may be about one message.

A call that names another message, reference or recipient is not; a call that names none, or that
cannot be parsed, may be.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from dlr_analytics.webhook.parameters import ParsedRequest, parse_request, text_of
from dlr_analytics.webhook.privacy import mask_numbers

_IDENTIFYING: Final = frozenset({"messageid", "messageuuid", "clientref", "msisdn"})
"""Parameters that name a message, by their letters."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What names a message: known IDs, reference, digits of the recipient."""

    message_ids: frozenset[str]
    client_ref: str
    number: str

    def is_named_in(self, text: str) -> bool:
        """Whether a text has any of it, the number also as the quarantine hides it."""
        names = {*self.message_ids, self.client_ref, self.number, mask_numbers(self.number)}
        return any(name.lower() in text.lower() for name in names if name)


def may_concern(raw: str, message: Identity) -> bool:
    """Whether a quarantined call may be about a message.

    Parameters
    ----------
    raw : str
        As the quarantine keeps it.

    Examples
    --------
    >>> message = Identity(frozenset({"0A00"}), "dlr-try-abc", "447700900001")
    >>> [may_concern(raw, message) for raw in ('{"query": "client-ref=dlr-try-abc"}',
    ...     '{"query": "client-ref=order-1"}', '{"body": "{\\\\"mess"}')]
    [True, False, True]
    """
    content = json.loads(raw)
    query, body = (str(content.get(name, "")) for name in ("query", "body"))
    if message.is_named_in(f"{raw} {unquote_plus(query)} {unquote_plus(body)}"):
        return True
    parsed = parse_request(query.encode(), body.encode())
    if not isinstance(parsed, ParsedRequest):
        return True
    named = (
        text_of(value)
        for name, value in parsed.parameters.items()
        if name.lower().replace("-", "").replace("_", "") in _IDENTIFYING
    )
    return not any(named)
