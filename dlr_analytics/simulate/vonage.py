"""A test server of Vonage on loopback: the API of one account.

It keeps state as the real service does: a URL is saved only after a GET of it was answered 200,
and a message that was sent is followed by its delivery receipt.
"""

from __future__ import annotations

import base64
import json
import secrets
import ssl
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

NETWORK: Final = "23410"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request to the API, with the parameters of its query and its form or JSON."""

    method: str
    path: str
    parameters: dict[str, str]
    authorization: str
    body: bytes


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response of the API."""

    status: int
    body: bytes
    content_type: str = "application/json"


@dataclass(slots=True)
class SentPart:
    """A message part that was sent, the content and the URL of its receipts."""

    message_id: str
    form: dict[str, str]
    url: str
    status: str = "delivered"
    err_code: int = 0


def json_response(content: Any, status: int = 200) -> ApiResponse:
    """A response whose body is JSON."""
    return ApiResponse(status, json.dumps(content).encode())


@dataclass
class Vonage:
    """An account and its API, on a free loopback port from ``start`` to ``stop``.

    Attributes
    ----------
    receipt_url, inbound_url : str
        The account's settings; empty: not set.
    trust : SSLContext, optional
        Authorities that may have signed the receiver's certificate; by default the system's.
    requests : list of ApiRequest
        All requests, in order of arrival.
    delay : float
        Seconds from sending to the receipt.
    """

    key: str = "abcd1234"
    secret: str = "Secret12"  # noqa: S105 - opens nothing
    trust: ssl.SSLContext | None = None
    receipt_url: str = ""
    inbound_url: str = ""
    balance: float = 10.17
    delay: float = 0.5
    requests: list[ApiRequest] = field(default_factory=list)
    sent: list[SentPart] = field(default_factory=list)

    def start(self) -> str:
        """Serve in threads; the base URL."""
        vonage = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                vonage.serve(self)

            do_POST = do_GET  # noqa: N815

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(vonage.clock() if timestamp is None else timestamp)

            def log_message(self, *_: Any) -> None:
                """Without it each request would be a line on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Accept no more requests."""
        self._server.shutdown()
        self._server.server_close()

    def clock(self) -> float:
        """Unix time that its responses are dated with."""
        return datetime.now(UTC).timestamp()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Read a request, answer it."""
        request = read_request(handler)
        self.requests.append(request)
        write_response(handler, self.respond(request))

    def respond(self, request: ApiRequest) -> ApiResponse:
        """What the API answers; what it changes has happened when this returns."""
        expected = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        if request.authorization != f"Basic {expected}":
            return json_response({"title": "Unauthorized", "type": "UNAUTHORIZED"}, 401)
        match request.method, request.path:
            case "GET", "/account/get-balance":
                return json_response({"value": self.balance, "autoReload": False})
            case "POST", "/account/settings":
                return self._settings(request.parameters)
            case "POST", "/sms/json":
                return self._send(request.parameters)
            case "GET", "/v2/reports/records":
                return self._report(request.parameters.get("id", ""))
        return json_response({"title": "Not found"}, 404)

    def _settings(self, form: dict[str, str]) -> ApiResponse:
        if "drCallBackUrl" in form and self.accepts(form["drCallBackUrl"]):
            self.receipt_url = form["drCallBackUrl"]
        if "moCallBackUrl" in form and self.accepts(form["moCallBackUrl"]):
            self.inbound_url = form["moCallBackUrl"]
        return json_response(
            {
                "mo-callback-url": self.inbound_url,
                "dr-callback-url": self.receipt_url,
                "max-outbound-request": 30,
                "max-inbound-request": 30,
                "max-calls-per-second": 30,
            }
        )

    def accepts(self, url: str) -> bool:
        """Whether a URL may be saved: it is empty, or a GET of it is answered 200."""
        return not url or self.call(urllib.request.Request(url))  # noqa: S310 - the URL to check

    def call(self, request: urllib.request.Request) -> bool:
        """Call the webhook; whether the answer was 200."""
        handlers = [
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self.trust),
        ]
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=15) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError):  # refused, cut, another status, no URL
            return False

    def _send(self, form: dict[str, str]) -> ApiResponse:
        if missing := [name for name in ("to", "from", "text") if not form.get(name)]:
            refused = {"status": "2", "error-text": f"Missing {missing[0]} param"}
            return json_response({"message-count": "1", "messages": [refused]})
        parts = self.parts_of(form)
        accepted = [part for part in parts if part["status"] == "0"]
        for part in accepted:
            url = form.get("callback") or self.receipt_url
            sent = SentPart(part["message-id"], form, url)
            self.sent.append(sent)
            if url:
                timer = threading.Timer(self.delay, self.push, [sent])
                timer.daemon = True
                timer.start()
        return json_response({"message-count": str(len(parts)), "messages": parts})

    def parts_of(self, form: dict[str, str]) -> list[dict[str, str]]:
        """The response's entry of each part."""
        return [
            {
                "to": form["to"],
                "message-id": secrets.token_hex(8).upper(),
                "status": "0",
                "remaining-balance": f"{self.balance:.8f}",
                "message-price": "0.03330000",
                "network": NETWORK,
                "client-ref": form.get("client-ref", ""),
            }
        ]

    def push(self, part: SentPart) -> None:
        """Call the webhook with the part's receipt, by GET."""
        separator = "&" if urlsplit(part.url).query else "?"
        query = urlencode(self.receipt(part))
        self.call(urllib.request.Request(f"{part.url}{separator}{query}"))  # noqa: S310 - ours

    def receipt(self, part: SentPart) -> dict[str, str]:
        """Parameters of a receipt of the SMS API."""
        now = datetime.now(UTC)
        return {
            "msisdn": part.form["to"],
            "to": part.form.get("from", ""),
            "network-code": NETWORK,
            "messageId": part.message_id,
            "price": "0.03330000",
            "status": part.status,
            "scts": f"{now:%y%m%d%H%M}",
            "err-code": str(part.err_code),
            "api-key": self.key,
            "client-ref": part.form.get("client-ref", ""),
            "message-timestamp": f"{now:%Y-%m-%d %H:%M:%S}",
        }

    def _report(self, wanted: str) -> ApiResponse:
        ids = wanted.split(",")
        records = [
            {"account_id": self.key, "message_id": part.message_id, "status": part.status}
            for part in self.sent
            if part.message_id in ids
        ]
        found = {record["message_id"] for record in records}
        return json_response(
            {
                "request_status": "SUCCESS",
                "items_count": len(records),
                "records": records,
                "ids_not_found": ",".join(each for each in ids if each not in found),
            }
        )


def read_request(handler: BaseHTTPRequestHandler) -> ApiRequest:
    """Take the request that a handler has received."""
    url = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    of_body = _body_parameters(body, handler.headers.get("Content-Type", ""))
    return ApiRequest(
        handler.command,
        url.path,
        {**dict(parse_qsl(url.query, keep_blank_values=True)), **of_body},
        handler.headers.get("Authorization", ""),
        body,
    )


def _body_parameters(body: bytes, content_type: str) -> dict[str, str]:
    """Parameters of a body: a JSON object, as some SDKs send messages, else a form."""
    text = body.decode("utf-8", "replace")
    if not content_type.startswith("application/json"):
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        content = json.loads(text or "{}")
    except ValueError:
        return {}
    return {name: str(value) for name, value in content.items() if value is not None}


def write_response(handler: BaseHTTPRequestHandler, response: ApiResponse) -> None:
    """Write a response as a handler's answer."""
    handler.send_response(response.status)
    handler.send_header("Content-Type", response.content_type)
    handler.send_header("Content-Length", str(len(response.body)))
    handler.end_headers()
    handler.wfile.write(response.body)
