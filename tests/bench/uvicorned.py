"""An ASGI application on a free port, as its authors recommend it: one process, no access log."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI


def run(app: FastAPI) -> None:
    """Print the address, then serve until killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
