"""TLS in front of a port of this machine, as a tunnel or a reverse proxy is."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from typing import Final

_CHUNK: Final = 65536


class TlsFront:
    """Decrypts connections to a free loopback port and forwards them.

    Parameters
    ----------
    port : int
        Loopback port that is forwarded to.
    context : SSLContext
        With the certificate of ``localhost``.

    Attributes
    ----------
    url : str
        Its address, ``https://localhost:…``.
    """

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        self._target = ("127.0.0.1", port)
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # stopped
                return
            threading.Thread(target=self._forward, args=[client], daemon=True).start()

    def _forward(self, raw: socket.socket) -> None:
        # A client that rejects the certificate, or closes in the middle, is no error of ours.
        with (
            contextlib.suppress(OSError),
            self._context.wrap_socket(raw, server_side=True) as client,
            socket.create_connection(self._target) as server,
        ):
            _relay(client, server)


def _relay(client: ssl.SSLSocket, server: socket.socket) -> None:
    """Copy both ways until one side closes, in one thread as TLS sockets require."""
    targets: dict[socket.socket, socket.socket] = {client: server, server: client}
    while True:
        for source in select.select(list(targets), [], [])[0]:
            chunk = source.recv(_CHUNK)
            while client.pending() and source is client:
                chunk += source.recv(_CHUNK)
            if not chunk:
                return
            targets[source].sendall(chunk)
