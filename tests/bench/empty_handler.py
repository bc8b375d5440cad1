"""The measure of all ratios: a Tornado RequestHandler that stores nothing.

``python -m tests.bench.empty_handler`` prints its address once it accepts requests.
"""

from __future__ import annotations

import asyncio

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler


class Empty(RequestHandler):
    """Answers 200 and does nothing else; not ``async``, which would cost 7 % more."""

    def get(self) -> None:
        """Nothing."""


async def main() -> None:
    """Serve until killed."""
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([("/webhooks/delivery-receipt", Empty)])).add_sockets(sockets)
    print(f"http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
