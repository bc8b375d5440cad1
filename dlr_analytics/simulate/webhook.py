"""The Messages API's status webhook that carries a push, in both its forms."""

from __future__ import annotations

import uuid
from random import Random
from typing import Final

from dlr_analytics.simulate.clocks import to_time
from dlr_analytics.simulate.pushes import Push

_WORDS: Final = {"accepted": "submitted", "failed": "undeliverable"}
_OLD_FORM: Final = 0.05
_ERROR_NUMBERS: Final = 1300
"""The Messages API's own numbers, which pass through as err-codes that nobody lists."""


def webhook(push: Push, rng: Random) -> dict[str, object]:
    """The body of the webhook; here ``to`` is the recipient."""
    message = push.message
    old = rng.random() < _OLD_FORM
    body: dict[str, object] = {
        "message_uuid": message.message_id,
        "to": {"type": "sms", "number": message.msisdn} if old else message.msisdn,
        "from": {"type": "sms", "number": message.sender} if old else message.sender,
        "timestamp": to_time(push.pushed).isoformat(timespec="milliseconds") + "Z",
        "status": _WORDS.get(push.status, push.status),
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
