"""Small servers on loopback: local APIs of tunnels, and what may stand behind a public URL."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Respond = Callable[[BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def served(respond: Respond, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that answers every request by ``respond``, over TLS with a context."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with contextlib.suppress(OSError):  # the caller has given up
                respond(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients reject certificates
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """Write a whole answer; underscores in the names of headers become hyphens."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def by_path(pages: dict[str, Any]) -> Respond:
    """Answer each path with its page: a status, or an object as JSON; else 404."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        page = pages.get(handler.path.partition("?")[0], 404)
        if isinstance(page, int):
            answer(handler, page)
        else:
            answer(handler, 200, json.dumps(page).encode(), Content_Type="application/json")

    return respond


def ngrok(*tunnels: tuple[str, str]) -> Respond:
    """ngrok's agent API with tunnels, each a public URL and an address."""
    listed = [{"public_url": url, "config": {"addr": address}} for url, address in tunnels]
    return by_path({"/api/tunnels": {"tunnels": listed, "uri": "/api/tunnels"}})


def ngrok_endpoints(*endpoints: tuple[str, str]) -> Respond:
    """The newer agent API with endpoints, each a public URL and an upstream."""
    listed = [{"url": url, "upstream": {"url": address}} for url, address in endpoints]
    return by_path({"/api/endpoints": {"endpoints": listed}})


def cloudflared(hostname: str, port: int | None = None, *, ready: bool = True) -> Respond:
    """cloudflared's metrics server of a quick tunnel, with or without its configuration."""
    pages: dict[str, Any] = {
        "/ready": 200 if ready else 503,
        "/quicktunnel": {"hostname": hostname},
    }
    if port is not None:
        rules = [{"service": f"http://localhost:{port}"}]
        pages["/config"] = {"version": -1, "config": {"ingress": rules}}
    return by_path(pages)


def trickle(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte a second."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
        handler.wfile.write(bytes([byte]))
        time.sleep(1)
