"""The verdict on a webhook request: a pure function of request, rules and clock.

Receiver, importers, replay and fuzzer share it, so a receipt means the same wherever it comes from.
No socket, no disk, no clock of its own: each test is a call with values. A secret is compared in
constant time, and the checks run in an order that reveals least to a stranger: path and token,
method, address, size, and only then the content.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from dlr_analytics.settings import Network, Settings
from dlr_analytics.webhook.address import client_address, is_allowed
from dlr_analytics.webhook.authenticity import Keys, Unverified, verify_request
from dlr_analytics.webhook.content import KINDS, describe, kind_of_call, unpack
from dlr_analytics.webhook.credentials import without_signature
from dlr_analytics.webhook.encoding import decode, quote_surrogates
from dlr_analytics.webhook.parameters import (
    BLANK,
    Malformed,
    Parameters,
    ParsedRequest,
    parse_request,
)
from dlr_analytics.webhook.privacy import Privacy, mask_numbers, protect
from dlr_analytics.webhook.receipt import Receipt, read_receipt

WEBHOOK_PATH: Final = "/webhooks/delivery-receipt"

SIZE_LIMIT: Final = 64 * 1024
"""Maximum size in bytes of a body, and of a query."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request: headers by lower-case name, query and body as bytes.

    ``peer`` is the address of the connection's other end. A repeated header holds its values
    joined by commas.
    """

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes
    peer: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Checks to apply to a request; by default none, and numbers stay as they are.

    ``path`` is the webhook's full path, URL token included.
    """

    path: bytes = field(default=WEBHOOK_PATH.encode(), repr=False)
    keys: Keys | None = None
    allow: tuple[Network, ...] = ()
    trust_proxy: bool = False
    privacy: Privacy = field(default_factory=Privacy)

    @classmethod
    def from_settings(cls, settings: Settings) -> Rules:
        """Rules from the settings of a receiver.

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
    """Store the receipt, then answer 200; ``transport`` is get, form or json."""

    receipt: Receipt
    transport: str = "get"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Store the request in the quarantine, then answer 200.

    ``reason`` is what is wrong with it, or one of :data:`~.content.KINDS`. ``raw`` is JSON
    text with the request's ``query`` and ``body``; :func:`replay` reads it.
    """

    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer ``code`` and store nothing of the request.

    ``reason`` is one of :data:`REASONS`; ``would_match`` is the signature method under which a
    wrong signature would be valid.
    """

    code: int
    reason: str
    would_match: str | None = None


@dataclass(frozen=True, slots=True)
class Ignore:
    """Answer 200, store nothing: no parameters, as when Vonage checks the URL."""


Verdict = Store | Quarantine | Refuse | Ignore

REASONS: Final = {
    "path": "another path",
    "token": "the webhook's path with a wrong token, or without one",
    "method": "neither GET nor POST",
    "address": "the client is not on the allow list",
    "size": "a body or a query over 64 KiB",
    "unsigned": "a secret is set, and the request is not signed or cannot be parsed",
    "wrong_signature": "a secret is set, and the signature does not match",
    "stale": "correctly signed, and its time is off by more than the tolerance",
}
"""Reasons of a refusal, as labels of counters, and their meaning."""


def judge(request: Request, rules: Rules, now: datetime) -> Verdict:
    """Decide what to do with a request. Pure and total: no content makes it raise.

    Checked in this order: path (404), method (405), address (403), size (414 for the query, 413
    for the body), empty call (200), signature (503 unsigned, 401 wrong), content.

    Parameters
    ----------
    now : datetime
        Naive UTC; becomes the receipt's ``received_at``.

    Examples
    --------
    >>> now = datetime(2026, 11, 24, 8, 0)
    >>> request = Request("GET", WEBHOOK_PATH, b"messageId=0A&status=delivered", {}, b"", "::1")
    >>> judge(request, Rules(), now).receipt.status
    'delivered'
    >>> judge(request, Rules(keys=Keys((b"secret",))), now)
    Refuse(code=503, reason='unsigned', would_match=None)
    """
    refusal = _check_envelope(request, rules)
    if refusal is not None:
        return refusal
    packed = request.body
    body, flaw = unpack(packed, SIZE_LIMIT)
    if len(body) > SIZE_LIMIT:
        return Refuse(413, "size")
    if body is not packed:
        request = replace(request, body=body)
    parsed = Malformed(flaw) if flaw else parse_request(request.query, body)
    if isinstance(parsed, ParsedRequest) and not parsed.parameters:
        return Ignore()
    if rules.keys is None:
        verdict = _judge_content(parsed, None, request, rules.privacy, now)
        return _named(verdict, packed, body)
    authorization = request.headers.get("authorization")
    verified = verify_request(parsed, request.body, authorization, rules.keys, now)
    if isinstance(verified, Unverified):
        code = 503 if verified.reason == "unsigned" else 401
        return Refuse(code, verified.reason, verified.would_match)
    return _named(_judge_content(parsed, verified, request, rules.privacy, now), packed, body)


def _named(verdict: Store | Quarantine, packed: bytes, body: bytes) -> Store | Quarantine:
    """Name gzip in the reason of a quarantined request; ``raw`` holds it unpacked."""
    if isinstance(verdict, Store) or packed is body or "gzip" in verdict.reason:
        return verdict
    if verdict.reason in KINDS:
        return verdict
    return replace(verdict, reason=f"{verdict.reason} (gzip)")


def _check_envelope(request: Request, rules: Rules) -> Refuse | None:
    """Check path, method, address and size, before anything is parsed."""
    path = request.path.encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(path, rules.path):
        return Refuse(404, "token" if _lacks_token(path, rules) else "path")
    if request.method not in ("GET", "POST"):
        return Refuse(405, "method")
    if rules.allow and not _is_allowed_client(request, rules):
        return Refuse(403, "address")
    if len(request.query) > SIZE_LIMIT:
        return Refuse(414, "size")
    if len(request.body) > SIZE_LIMIT:
        return Refuse(413, "size")
    return None


def _lacks_token(path: bytes, rules: Rules) -> bool:
    """Check whether a path is the webhook's with a wrong URL token or none."""
    webhook = WEBHOOK_PATH.encode()
    return rules.path != webhook and (path + b"/").startswith(webhook + b"/")


def _is_allowed_client(request: Request, rules: Rules) -> bool:
    forwarded_for = request.headers.get("x-forwarded-for") if rules.trust_proxy else None
    return is_allowed(client_address(request.peer, forwarded_for), rules.allow)


def _judge_content(
    parsed: ParsedRequest | Malformed,
    verified: Parameters | None,
    request: Request,
    privacy: Privacy,
    received_at: datetime,
) -> Store | Quarantine:
    """Read the receipt, else quarantine the request.

    ``verified`` are the parameters that a signature covers; None if signatures are not checked.
    """
    if isinstance(parsed, Malformed):
        return Quarantine(parsed.reason, _raw(request.query, request.body, privacy))
    if verified is None or verified is parsed.parameters:
        receipt = read_receipt(protect(parsed.parameters, privacy), received_at)
    else:
        # The analysis reads the currency from an object in raw: only as it was signed.
        objects = {name: value for name, value in verified.items() if isinstance(value, dict)}
        raw = protect({**parsed.parameters, **objects}, privacy)
        receipt = read_receipt(protect(verified, privacy), received_at, raw=raw)
    signed = parsed.parameters if verified is None else verified
    kind = None if receipt and receipt.status else kind_of_call(signed, has_id=receipt is not None)
    if kind is not None:
        return Quarantine(kind, _raw(request.query, request.body, privacy))
    if receipt is None:
        form = describe(request.body)
        reason = f"no message ID: {form}" if form else "no message ID"
        return Quarantine(reason, _raw(request.query, request.body, privacy))
    return Store(receipt, parsed.transport)


def _raw(query: bytes, body: bytes, privacy: Privacy) -> str:
    """JSON text of query and body without signatures, invalid bytes escaped."""
    texts = {
        "query": quote_surrogates(query.decode("utf-8", "surrogateescape")),
        "body": _escaped(decode(body)),
    }
    texts = {name: without_signature(text) for name, text in texts.items()}
    if privacy.mode != "keep":
        texts = {name: mask_numbers(text) for name, text in texts.items()}
    return json.dumps({name: text for name, text in texts.items() if text}, ensure_ascii=False)


def _escaped(text: str) -> str:
    """Escape invalid bytes of a body: ``\\udce9`` in JSON, ``%E9`` in a form."""
    if text.lstrip(BLANK).startswith("{"):
        return text.encode("utf-8", "backslashreplace").decode()
    return quote_surrogates(text)


def replay(raw: str, privacy: Privacy, received_at: datetime) -> Store | Quarantine:
    """Judge a quarantined request again.

    Its signature was verified on arrival and is not checked again.

    Parameters
    ----------
    raw : str
        ``raw`` of the :class:`Quarantine`.
    received_at : datetime
        Time of its first arrival, naive UTC.

    Examples
    --------
    >>> replay('{"query": "messageId=0A00"}', Privacy(), datetime(2026, 11, 24)).receipt.message_id
    '0A00'
    """
    texts: dict[str, str] = json.loads(raw)
    query, body = texts.get("query", "").encode(), texts.get("body", "").encode()
    request = Request("POST", WEBHOOK_PATH, query, {}, body, "")
    return _judge_content(parse_request(query, body), None, request, privacy, received_at)
