"""A real receiver in a process of its own, and what it takes to talk to it and read its data."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from dlr_analytics.store.receipts.read import open_receipts, select_receipts

PATH = "/webhooks/delivery-receipt"
DLR = (sys.executable, "-m", "dlr_analytics")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    code: int
    headers: http.client.HTTPMessage
    body: bytes


def free_port() -> int:
    """A TCP port of the loopback that nothing listens on.

    Not one of those that systems give to whoever asks for any: another test may be given it.
    """
    while True:
        with (
            contextlib.suppress(OSError),
            socket.create_server(("127.0.0.1", secrets.choice(range(20_000, 32_000)))) as listener,
        ):
            return int(listener.getsockname()[1])


def ask_admin(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    """Send one request to the admin listener; return the code and the body of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Running:
    """``dlr receive`` on a free port. Settings are given as variables, without ``DLR_``."""

    def __init__(self, data: Path, *options: str, **settings: str) -> None:
        self.data = data
        variables = {f"DLR_{name.upper()}": value for name, value in settings.items()}
        self.process = subprocess.Popen(
            [*DLR, "receive", f"--data={data}", "--port=0", "--admin-port=0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=data.parent,
            env={**os.environ, **variables},
        )
        assert self.process.stdout is not None
        self.announced = self.process.stdout.readline()
        self.url = urlsplit(self.announced.split()[-1])
        self.port = self.url.port or 0

    def ask(
        self,
        method: str = "GET",
        path: str = PATH,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(self.url.hostname or "", self.url.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection((self.url.hostname, self.url.port), timeout=20)

    def send(self, data: bytes) -> bytes:
        """Bytes as they are, and all that comes back until the receiver closes."""
        with self.connect() as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def children(self) -> list[int]:
        """Child processes: its workers, or the process that seals."""
        command = ["pgrep", "-P", str(self.process.pid)]
        listed = subprocess.run(command, capture_output=True, text=True)
        return [int(line) for line in listed.stdout.split()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Have it stop; its exit status and what it said on stderr."""
        self.process.send_signal(number)
        _, complaints = self.process.communicate(timeout=30)
        return self.process.returncode, complaints


def stored(data: Path) -> Counter[str]:
    """Message IDs of all receipts that a reader sees now, and how often."""
    while True:
        with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
            holdings = open_receipts(data, Path(scratch))
            try:
                rows = connection.execute(
                    f"select message_id from ({select_receipts(holdings)})"
                ).fetchall()
            except duckdb.IOException:
                if all(file.exists() for file in holdings.sealed):
                    raise
                continue  # merged since they were listed: a reader lists them again
        return Counter(message_id for (message_id,) in rows)
