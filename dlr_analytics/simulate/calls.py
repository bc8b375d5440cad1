"""Webhook requests that carry the pushes, by the transport set for the account."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, Literal
from urllib.parse import quote_plus, urlencode

from dlr_analytics.simulate.messages_api import status_webhook
from dlr_analytics.simulate.world.clocks import to_time
from dlr_analytics.simulate.world.pushes import Push
from dlr_analytics.simulate.world.senders import Transport
from dlr_analytics.simulate.world.strays import Stray
from dlr_analytics.webhook.judge import WEBHOOK_PATH, Request

ARRIVAL_HEADER: Final = "x-simulated-arrival"
"""Header with the simulated arrival time, naive UTC; read by the demo's receiver only."""

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_AGENT: Final = "Nexmo/MessagingHUB/v1.0"
_UPPER_CASE: Final = 0.004
_COMMA: Final = 0.004
_ODD_TIME: Final = 0.004
_LOWER_ID: Final = 0.004

Kind = Literal["receipt", "quarantined", "empty"]


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One call of the webhook.

    ``arrived_at`` is naive UTC; ``fields`` are its parameters by wire name, empty if it has none
    or its body is malformed JSON.
    """

    arrived_at: dt.datetime
    kind: Kind
    transport: Transport
    method: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes
    fields: Mapping[str, object]

    @property
    def line(self) -> bytes:
        """The parameters as a line of JSON for any transport; a malformed body as it is."""
        return _json(self.fields) if self.fields or self.kind == "empty" else self.body

    def request(self, peer: str = "127.0.0.1") -> Request:
        """Convert to the receiver's type of request."""
        headers = dict(self.headers)
        return Request(self.method, WEBHOOK_PATH, self.query, headers, self.body, peer)


def receipt_call(push: Push, rng: Random) -> WebhookCall:
    """Make the webhook call of a push."""
    transport = push.message.account.transport
    fields = status_webhook(push, rng) if transport == "messages" else _fields(push, rng)
    return _call(push.arrived, "receipt", transport, fields)


def stray_call(stray: Stray) -> WebhookCall:
    """Make the webhook call of a stray."""
    return _call(stray.arrived, stray.kind, stray.transport, stray.fields, stray.broken)


def _call(
    arrived: int,
    kind: Kind,
    transport: Transport,
    fields: Mapping[str, object],
    broken: bytes = b"",
) -> WebhookCall:
    arrived_at = to_time(arrived)
    headers = {"user-agent": _AGENT, ARRIVAL_HEADER: arrived_at.isoformat()}
    if transport == "get":
        return WebhookCall(arrived_at, kind, transport, "GET", _form(fields), headers, b"", fields)
    headers["content-type"] = _FORM if transport == "form" else _JSON
    body = broken or (_form(fields) if transport == "form" else _json(fields))
    return WebhookCall(arrived_at, kind, transport, "POST", b"", headers, body, fields)


def _form(fields: Mapping[str, object]) -> bytes:
    return urlencode(fields).encode()


def _json(fields: Mapping[str, object]) -> bytes:
    return json.dumps(dict(fields), ensure_ascii=False, separators=(",", ":")).encode()


def _fields(push: Push, rng: Random) -> dict[str, object]:
    """Parameters of an SMS API receipt: strings, and a few err-codes as numbers."""
    message = push.message
    rare = rng.random()
    fields: dict[str, object | None] = {
        "msisdn": message.msisdn,
        "to": message.sender,
        "network-code": message.network.code if push.has_network_code else None,
        "messageId": message.message_id.lower() if rare < _LOWER_ID else message.message_id,
        "price": _price(push, rng),
        "status": _spell_status(push, rng),
        "scts": push.scts,
        "err-code": push.err_code if rare > 1 - _LOWER_ID else str(push.err_code),
        "api-key": message.account.api_key,
        "client-ref": message.client_ref,
        "message-timestamp": _timestamp(push, rng),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _price(push: Push, rng: Random) -> str:
    if not push.has_price:
        return ""
    price = push.message.price
    return price.replace(".", ",") if rng.random() < _COMMA else price


def _spell_status(push: Push, rng: Random) -> str:
    spellings = push.message.network.spellings
    if push.status in spellings and rng.random() < 0.5:
        return spellings[push.status]
    return push.status.upper() if rng.random() < _UPPER_CASE else push.status


def _timestamp(push: Push, rng: Random) -> str:
    time = to_time(push.pushed)
    plain = f"{time:%Y-%m-%d %H:%M:%S}"
    if rng.random() >= _ODD_TIME:
        return plain
    iso = time.isoformat(timespec="milliseconds")
    return rng.choice((f"{plain}+00:00", f"{plain} +0000", f"{iso}Z", quote_plus(plain)))
