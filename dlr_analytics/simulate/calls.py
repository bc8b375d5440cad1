"""A receipt's clothes: the request that carries it, by the transport its account has set."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, Literal
from urllib.parse import quote_plus, urlencode

from dlr_analytics.simulate.clocks import to_time
from dlr_analytics.simulate.pushes import Push
from dlr_analytics.simulate.senders import Transport
from dlr_analytics.simulate.strays import Stray
from dlr_analytics.simulate.webhook import webhook
from dlr_analytics.webhook.judge import WEBHOOK_PATH, Request

ARRIVAL_HEADER: Final = "x-simulated-arrival"
"""The simulated time of arrival, naive UTC; only the demo's receiver believes it."""

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_AGENT: Final = "Nexmo/MessagingHUB/v1.0"
_SHOUTED: Final = 0.004
_COMMA: Final = 0.004
_ODD_TIME: Final = 0.004
_LOWER_ID: Final = 0.004

Kind = Literal["receipt", "quarantined", "empty"]


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One call of the webhook.

    ``arrived_at`` is naive UTC; ``fields`` are its parameters by their wire names, empty where
    there are none or the body is broken JSON.
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
        """What it says as one line of JSON, whatever its transport; broken where it is broken."""
        return _json(self.fields) if self.fields or self.kind == "empty" else self.body

    def request(self, peer: str = "127.0.0.1") -> Request:
        """The call as the receiver sees it."""
        headers = dict(self.headers)
        return Request(self.method, WEBHOOK_PATH, self.query, headers, self.body, peer)


def receipt_call(push: Push, rng: Random) -> WebhookCall:
    """The call that carries a push."""
    transport = push.message.account.transport
    fields = webhook(push, rng) if transport == "messages" else _fields(push, rng)
    return _call(push.arrived, "receipt", transport, fields)


def stray_call(stray: Stray) -> WebhookCall:
    """The call of a stray: nothing to understand in it, or nothing in it at all."""
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
    """The parameters of an SMS API receipt, all of them strings but for a rare err-code."""
    message = push.message
    rare = rng.random()
    told: dict[str, object | None] = {
        "msisdn": message.msisdn,
        "to": message.sender,
        "network-code": message.network.code if push.has_network_code else None,
        "messageId": message.message_id.lower() if rare < _LOWER_ID else message.message_id,
        "price": _price(push, rng),
        "status": _spelled(push, rng),
        "scts": push.scts,
        "err-code": push.err_code if rare > 1 - _LOWER_ID else str(push.err_code),
        "api-key": message.account.api_key,
        "client-ref": message.client_ref,
        "message-timestamp": _timestamp(push, rng),
    }
    return {name: value for name, value in told.items() if value is not None}


def _price(push: Push, rng: Random) -> str:
    if not push.has_price:
        return ""
    price = push.message.price
    return price.replace(".", ",") if rng.random() < _COMMA else price


def _spelled(push: Push, rng: Random) -> str:
    words = push.message.network.words
    if push.status in words and rng.random() < 0.5:
        return words[push.status]
    return push.status.upper() if rng.random() < _SHOUTED else push.status


def _timestamp(push: Push, rng: Random) -> str:
    time = to_time(push.pushed)
    plain = f"{time:%Y-%m-%d %H:%M:%S}"
    if rng.random() >= _ODD_TIME:
        return plain
    iso = time.isoformat(timespec="milliseconds")
    return rng.choice((f"{plain}+00:00", f"{plain} +0000", f"{iso}Z", quote_plus(plain)))
