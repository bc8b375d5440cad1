"""A request in, a verdict out: the contract's table of answers as a pure function.

No socket, no disk, no clock: receiver, import, replay and fuzzer share it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dlr_analytics.settings import Network, Settings
from dlr_analytics.webhook.address import client_address, is_allowed
from dlr_analytics.webhook.authenticity import Keys, Unverified, verify_request
from dlr_analytics.webhook.encoding import decode, quote_surrogates
from dlr_analytics.webhook.parameters import (
    BLANK,
    Malformed,
    Parameters,
    ParsedRequest,
    parse_request,
)
from dlr_analytics.webhook.privacy import Privacy, mask_runs, protect
from dlr_analytics.webhook.receipt import Receipt, read_receipt

WEBHOOK_PATH: Final = "/webhooks/delivery-receipt"

SIZE_LIMIT: Final = 64 * 1024
"""Bytes that a body, and that a query, may have."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire: headers by lower-case name, the query and body as bytes.

    ``peer`` is the address that the connection came from. A header that came more than once holds
    its values joined by commas.
    """

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes
    peer: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about a call. By default nothing is checked and numbers are kept.

    ``path`` is the whole path that is answered, URL token included.
    """

    path: bytes = field(default=WEBHOOK_PATH.encode(), repr=False)
    keys: Keys | None = None
    allow: tuple[Network, ...] = ()
    trust_proxy: bool = False
    privacy: Privacy = field(default_factory=Privacy)

    @classmethod
    def from_settings(cls, settings: Settings) -> Rules:
        """Rules as the settings of a receiver say.

        Examples
        --------
        >>> Rules.from_settings(Settings(url_token="s3cret")).path
        b'/webhooks/delivery-receipt/s3cret'
        """
        token = "" if settings.url_token is None else f"/{settings.url_token}"
        return cls(
            path=f"{WEBHOOK_PATH}{token}".encode(),
            keys=Keys.from_settings(settings),
            allow=settings.allow,
            trust_proxy=settings.trust_proxy,
            privacy=Privacy.from_settings(settings),
        )


@dataclass(frozen=True, slots=True)
class Store:
    """A receipt: store it, then answer 200. ``transport`` is ``get``, ``form`` or ``json``."""

    receipt: Receipt
    transport: str = "get"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Sent in good faith, not understood: keep ``raw``, then answer 200.

    ``raw`` is JSON text with the ``query`` and the ``body`` that came, as :func:`replay` reads it.
    """

    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer ``code``; leave no byte of the call behind.

    ``reason`` is one of :data:`REASONS`; ``would_match`` names the signature method by which a
    wrongly signed call would have been right.
    """

    code: int
    reason: str
    would_match: str | None = None


@dataclass(frozen=True, slots=True)
class Ignore:
    """A call with no receipt in it, as Vonage checks the URL: answer 200, store nothing."""


Verdict = Store | Quarantine | Refuse | Ignore

REASONS: Final = {
    "path": "another path",
    "token": "the webhook's path with a wrong token, or without one",
    "method": "neither GET nor POST",
    "address": "the caller is not on the allow list",
    "size": "a body or a query over 64 KiB",
    "unsigned": "a secret is set, and the call is not signed or cannot be read",
    "wrong_signature": "a secret is set, and the signature is another one",
    "stale": "rightly signed, and its time is off by more than the tolerance",
}
"""Why a call is refused, a word for a counter and what it means."""


def judge(request: Request, rules: Rules, now: datetime) -> Verdict:
    """What is to be done with a request. Pure, and total: never raises on content.

    Checked in this order: path (404), method (405), address (403), size (414 for the query, 413
    for the body), empty call (200), signature (503 unsigned, 401 wrong), content.

    Parameters
    ----------
    now : datetime
        Naive UTC; becomes the receipt's ``received_at``.

    Examples
    --------
    >>> now = datetime(2026, 11, 24, 8, 0)
    >>> call = Request("GET", WEBHOOK_PATH, b"messageId=0A00&status=delivered", {}, b"", "::1")
    >>> judge(call, Rules(), now).receipt.status
    'delivered'
    >>> judge(call, Rules(keys=Keys((b"secret",))), now)
    Refuse(code=503, reason='unsigned', would_match=None)
    """
    refused = _at_the_door(request, rules)
    if refused is not None:
        return refused
    call = parse_request(request.query, request.body)
    if isinstance(call, ParsedRequest) and not call.parameters:
        return Ignore()
    if rules.keys is None:
        return _understand(call, None, request, rules.privacy, now)
    authorization = request.headers.get("authorization")
    believed = verify_request(call, request.body, authorization, rules.keys, now)
    if isinstance(believed, Unverified):
        code = 503 if believed.reason == "unsigned" else 401
        return Refuse(code, believed.reason, believed.would_match)
    return _understand(call, believed, request, rules.privacy, now)


def _at_the_door(request: Request, rules: Rules) -> Refuse | None:
    """The checks that need no look at the content."""
    path = request.path.encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(path, rules.path):
        return Refuse(404, "token" if _lacks_token(path, rules) else "path")
    if request.method not in ("GET", "POST"):
        return Refuse(405, "method")
    if rules.allow and not _is_welcome(request, rules):
        return Refuse(403, "address")
    if len(request.query) > SIZE_LIMIT:
        return Refuse(414, "size")
    if len(request.body) > SIZE_LIMIT:
        return Refuse(413, "size")
    return None


def _lacks_token(path: bytes, rules: Rules) -> bool:
    """Whether a path that is not answered would be, but for the URL token."""
    webhook = WEBHOOK_PATH.encode()
    return rules.path != webhook and (path + b"/").startswith(webhook + b"/")


def _is_welcome(request: Request, rules: Rules) -> bool:
    forwarded_for = request.headers.get("x-forwarded-for") if rules.trust_proxy else None
    return is_allowed(client_address(request.peer, forwarded_for), rules.allow)


def _understand(
    call: ParsedRequest | Malformed,
    believed: Parameters | None,
    request: Request,
    privacy: Privacy,
    received_at: datetime,
) -> Store | Quarantine:
    """Content: a receipt, or what is kept because it is none."""
    if isinstance(call, Malformed):
        return Quarantine(call.reason, _raw(request.query, request.body, privacy))
    came = protect(call.parameters, privacy)
    if believed is None or believed is call.parameters:
        receipt = read_receipt(came, received_at)
    else:
        receipt = read_receipt(protect(believed, privacy), received_at, came=came)
    if receipt is None:
        return Quarantine("no message ID", _raw(request.query, request.body, privacy))
    return Store(receipt, call.transport)


def _raw(query: bytes, body: bytes, privacy: Privacy) -> str:
    """JSON text of what came, each byte that is no UTF-8 escaped as its place would have it."""
    texts = {
        "query": quote_surrogates(query.decode("utf-8", "surrogateescape")),
        "body": _escaped(decode(body)),
    }
    if privacy.mode != "keep":
        texts = {name: mask_runs(text) for name, text in texts.items()}
    return json.dumps({name: text for name, text in texts.items() if text}, ensure_ascii=False)


def _escaped(text: str) -> str:
    """A body's text without lone surrogates: ``\\udce9`` in JSON, ``%E9`` in a form."""
    if text.lstrip(BLANK).startswith("{"):
        return text.encode("utf-8", "backslashreplace").decode()
    return quote_surrogates(text)


def replay(raw: str, privacy: Privacy, received_at: datetime) -> Store | Quarantine:
    """Try a quarantined call again. It was verified when it came: no signature is asked for.

    Parameters
    ----------
    raw : str
        A :class:`Quarantine`'s.
    received_at : datetime
        Naive UTC of its first arrival.

    Examples
    --------
    >>> replay('{"query": "messageId=0A00"}', Privacy(), datetime(2026, 11, 24)).receipt.message_id
    '0A00'
    """
    kept: dict[str, str] = json.loads(raw)
    query, body = kept.get("query", "").encode(), kept.get("body", "").encode()
    request = Request("POST", WEBHOOK_PATH, query, {}, body, "")
    return _understand(parse_request(query, body), None, request, privacy, received_at)
