"""Vonage on loopback that fails by plan, and pushes receipts by plan."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlencode, urlsplit

from dlr_analytics.simulate.vonage import (
    ApiRequest,
    ApiResponse,
    SentPart,
    Vonage,
    json_response,
    read_request,
    write_response,
)
from dlr_analytics.webhook.signature import sign


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one response; with ``acts`` the request takes effect all the same.

    ``kind`` is ``status`` (answered with ``response``), ``cut`` (closed without an answer),
    ``half`` (closed in the middle of the body), ``trickle`` (a byte a second), ``silent`` (nothing
    for 30 s), ``garbage`` (no HTTP) or ``redirect`` (307 to the same path).
    """

    kind: str
    response: ApiResponse = field(default_factory=lambda: json_response({}, 500))
    acts: bool = False


def answered(status: int, body: str = "", content_type: str = "text/html") -> Fault:
    """A response with this status and body; the request has no effect."""
    return Fault("status", ApiResponse(status, body.encode(), content_type))


HTML = answered(200, "<html><body>Welcome</body></html>")


@dataclass(frozen=True)
class Push:
    """One push of a receipt: by ``get``, ``form``, ``json`` or ``messages`` after ``delay`` s."""

    by: str = "get"
    status: str = "delivered"
    err_code: str = "0"
    delay: float = 0.1
    signed_by: str = ""
    secret: str = "signature secret"
    fields: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class FakeVonage(Vonage):
    """Vonage with faults by path, used up one a request, and a plan of the pushes of each part.

    ``statuses`` are the submit statuses of the parts; ``clock_ahead`` seconds are added to the
    ``Date`` of each response; ``changes`` are called before the settings are answered.
    """

    delay: float = 0.0
    faults: defaultdict[str, list[Fault | None]] = field(default_factory=lambda: defaultdict(list))
    pushes: list[Push] = field(default_factory=lambda: [Push()])
    statuses: tuple[str, ...] = ("0",)
    clock_ahead: float = 0.0
    saves: bool = True

    def clock(self) -> float:
        return super().clock() + self.clock_ahead

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        request = read_request(handler)
        self.requests.append(request)
        planned = self.faults[request.path]
        fault = planned.pop(0) if planned else None
        if fault is None:
            write_response(handler, self.respond(request))
            return
        response = self.respond(request) if fault.acts else fault.response
        with contextlib.suppress(OSError):  # the caller has given up
            _fail(handler, fault.kind, response)

    def accepts(self, url: str) -> bool:
        return self.saves and super().accepts(url)

    def parts_of(self, form: dict[str, str]) -> list[dict[str, str]]:
        (entry,) = super().parts_of(form)
        return [
            {**entry, "message-id": f"{entry['message-id'][:-2]}{number:02d}", "status": status}
            if status == "0"
            else {"status": status, "error-text": f"Refused for {form['to']}", "to": form["to"]}
            for number, status in enumerate(self.statuses)
        ]

    def push(self, part: SentPart) -> None:
        for push in self.pushes:
            time.sleep(push.delay)
            if push.cut:
                _cut(part.url)
            else:
                self.call(self._request(part, push))

    def _request(self, part: SentPart, push: Push) -> urllib.request.Request:
        part.status, part.err_code = push.status, int(push.err_code)
        fields = {**self.receipt(part), **push.fields}
        if push.signed_by:
            fields["timestamp"] = str(int(time.time()))
            text = "".join(f"&{name}={fields[name]}" for name in sorted(fields)).encode()
            fields["sig"] = sign(text, push.secret.encode(), push.signed_by).decode()
        if push.by == "messages":
            fields = {
                "message_uuid": part.message_id,
                "status": push.status,
                "to": part.form["to"],
                "from": part.form["from"],
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "client_ref": part.form["client-ref"],
            }
        body = {
            "get": None,
            "form": urlencode(fields).encode(),
            "json": json.dumps(fields).encode(),
            "messages": json.dumps(fields).encode(),
        }[push.by]
        url = part.url if body else f"{part.url}?{urlencode(fields)}"
        kind = "application/x-www-form-urlencoded" if push.by == "form" else "application/json"
        headers = {"Content-Type": kind} if body else {}
        return urllib.request.Request(url, body, headers)

    def to(self, path: str) -> list[ApiRequest]:
        """Requests to a path, in order of arrival."""
        return [request for request in self.requests if request.path == path]


def _cut(url: str) -> None:
    """Connect to the webhook and close before a request is complete."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(b"\x16\x03\x01")


def _fail(handler: BaseHTTPRequestHandler, kind: str, response: ApiResponse) -> None:
    match kind:
        case "status":
            write_response(handler, response)
        case "cut":
            handler.connection.shutdown(socket.SHUT_RDWR)
        case "half":
            handler.send_response(response.status)
            handler.send_header("Content-Length", str(len(response.body) + 1))
            handler.end_headers()
            handler.wfile.write(response.body)
        case "trickle":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(30):
                handler.wfile.write(b" ")
                time.sleep(1)
        case "silent":
            time.sleep(30)
        case "garbage":
            handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        case "redirect":
            handler.send_response(307)
            handler.send_header("Location", handler.path)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        case _:
            raise ValueError(kind)
