"""Status webhooks of the Messages API, in versions 0.1 and 1."""

from __future__ import annotations

import uuid
from random import Random
from typing import Final

from dlr_analytics.simulate.world.clocks import to_time
from dlr_analytics.simulate.world.pushes import Push

_STATUSES: Final = {"accepted": "submitted", "failed": "undeliverable"}
_OLD_VERSION: Final = 0.05
_ERROR_NUMBERS: Final = 1300
"""Offset of the Messages API's error numbers, which are not listed as err-codes."""


def status_webhook(push: Push, rng: Random) -> dict[str, object]:
    """Make the body of the webhook of a push; in it ``to`` is the recipient."""
    message = push.message
    old = rng.random() < _OLD_VERSION
    body: dict[str, object] = {
        "message_uuid": message.message_id,
        "to": {"type": "sms", "number": message.msisdn} if old else message.msisdn,
        "from": {"type": "sms", "number": message.sender} if old else message.sender,
        "timestamp": to_time(push.pushed).isoformat(timespec="milliseconds") + "Z",
        "status": _STATUSES.get(push.status, push.status),
        "channel": "sms",
    }
    if message.client_ref is not None:
        body["client_ref"] = message.client_ref
    if push.has_network_code:
        body["destination"] = {"network_code": message.network.code}
    if push.has_price:
        body["usage"] = {"currency": "EUR", "price": message.price}
    if push.err_code:
        body["error"] = _old_error(push) if old else _error(push)
    return body


def _error(push: Push) -> dict[str, str]:
    number = _ERROR_NUMBERS + push.err_code
    return {
        "type": f"https://developer.vonage.com/api-errors/messages#{number}",
        "title": str(number),
        "detail": "The message could not be delivered",
        "instance": str(uuid.UUID(int=push.pushed)),
    }


def _old_error(push: Push) -> dict[str, object]:
    return {"code": _ERROR_NUMBERS + push.err_code, "reason": "Not delivered"}
