"""A server before the S3 server: it counts requests, and answers some of them wrongly."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Fault = Callable[[str, str, int, bytes], tuple[int, bytes]]
"""From method, target, status and body of an answer to the status and body that are sent."""


@dataclass
class Requests:
    """What was asked for: ``GET``, ``HEAD``, ``LIST`` …; ``objects`` counts the GETs by path."""

    kinds: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)
    fault: Fault | None = None

    def clear(self) -> None:
        """Count from zero."""
        self.kinds.clear()
        self.objects.clear()

    def add(self, method: str, target: str) -> None:
        """Count one request."""
        parts = urlsplit(target)
        listed = method == "GET" and "list-type=2" in parts.query
        self.kinds["LIST" if listed else method] += 1
        if method == "GET" and not listed:
            self.objects[parts.path] += 1


@contextlib.contextmanager
def counted(endpoint: str) -> Iterator[tuple[str, Requests]]:
    """The endpoint of a server that hands on what it is asked, and what it was asked."""
    behind = urlsplit(endpoint)
    requests, lock = Requests(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            with lock:
                requests.add(self.command, self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection(behind.hostname or "", behind.port, timeout=60)
            with contextlib.closing(connection):
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                status, body = answer.status, answer.read()
            if requests.fault is not None:
                status, body = requests.fault(self.command, self.path, status, body)
            self.send_response(status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection", "date", "server"}:
                    length = name.lower() == "content-length" and self.command != "HEAD"
                    self.send_header(name, str(len(body)) if length else value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        server.server_close()
