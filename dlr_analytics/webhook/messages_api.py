"""Messages API status webhooks, versions 0.1 and 1, as SMS receipts."""

from __future__ import annotations

import re
from typing import Final

from dlr_analytics.webhook.encoding import replace_surrogates
from dlr_analytics.webhook.parameters import Parameters, Value, last, text_of

SMS: Final = "sms"
"""The channel of SMS API receipts, and of a webhook that names none."""

_TRAILING_NUMBER: Final = re.compile(r"(?:^|[#/])(\d+)$", re.ASCII)


def is_status_webhook(parameters: Parameters) -> bool:
    """Check whether the parameters are of a Messages API status webhook."""
    return "message_uuid" in parameters


def as_sms(webhook: Parameters) -> Parameters:
    """Map a webhook to the fields of an SMS receipt; absent fields are left out.

    In a webhook ``to`` is the recipient and ``from`` the sender: text in version 1, an object
    with a ``number`` in 0.1. ``submitted`` means handed over to the carrier, so ``accepted``.

    Examples
    --------
    >>> as_sms({"message_uuid": "aaaa", "to": {"type": "sms", "number": "447700900001"},
    ...         "status": "submitted", "error": {"code": "1320", "reason": "x"}})
    {'messageId': 'aaaa', 'msisdn': '447700900001', 'status': 'accepted', 'err-code': '1320'}
    """
    status = text_of(webhook.get("status"))
    fields: dict[str, Value] = {
        "messageId": webhook["message_uuid"],
        "msisdn": _number(webhook, "to"),
        "to": _number(webhook, "from"),
        "network-code": _inside(webhook, "destination", "network_code"),
        "price": _inside(webhook, "usage", "price"),
        "status": "accepted" if _is_submitted(status) else last(webhook.get("status")),
        "err-code": _err_code(webhook),
        "message-timestamp": last(webhook.get("timestamp")),
        "api-key": last(webhook.get("api_key")),
        "client-ref": last(webhook.get("client_ref")),
    }
    return {name: value for name, value in fields.items() if value is not None}


def channel_of(webhook: Parameters) -> str:
    """Name the channel of a webhook in lower case.

    Version 1 has it in ``channel``, 0.1 as the ``type`` of ``to``.

    Examples
    --------
    >>> channel_of({"channel": "WhatsApp"}), channel_of({"to": {"type": "viber_service_msg"}})
    ('whatsapp', 'viber_service_msg')
    >>> channel_of({"to": "447700900001"})
    'sms'
    """
    for value in (webhook.get("channel"), _inside(webhook, "to", "type")):
        name = replace_surrogates(text_of(value) or "").strip().lower()
        if name:
            return name
    return SMS


def _is_submitted(status: str | None) -> bool:
    return status is not None and status.strip().lower() == "submitted"


def _number(webhook: Parameters, name: str) -> Value:
    value = last(webhook.get(name))
    return _inside(webhook, name, "number") if isinstance(value, dict) else value


def _inside(webhook: Parameters, outer: str, inner: str) -> Value:
    value = last(webhook.get(outer))
    return last(value.get(inner)) if isinstance(value, dict) else None


def _err_code(webhook: Parameters) -> Value:
    """Number of the error: ``code`` in 0.1, title or end of the type's URL in 1.

    Some webhooks have the error once more within ``error``, in a list, or as text alone.
    """
    error = last(webhook.get("error"))
    while isinstance(error, dict | list):
        if isinstance(error, list):
            error = last(error[-1]) if error else None
            continue
        code = last(error.get("code"))
        if code is not None:
            return code
        for name in ("title", "type"):
            match = _TRAILING_NUMBER.search(text_of(error.get(name)) or "")
            if match:
                return match[1]
        error = last(error.get("error", error.get("errors")))
    match = _TRAILING_NUMBER.search(text_of(error) or "")
    return match[1] if match else None
