"""Time limits: 3 s to connect and 15 s in all of a call as Vonage makes it, 10 s of one to it."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from tests.fakes.vonage import Fault
from tests.fakes.web import answer, served, trickle
from tests.fakes.world import World


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_url_that_trickles_ends_at_15_s(world: World, method: str) -> None:
    """The limit is that of each call: a GET that is answered leaves the POST its own."""
    receiver = world.receive()
    instance = receiver.ask("GET", "/healthz").headers["X-Dlr-Instance"]

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == method:
            trickle(handler)
        else:
            answer(handler, 200, X_Dlr_Instance=instance)

    with served(respond, world.authority.server()) as port:
        line = world.run_alone("setup", f"--url=https://localhost:{port}").line("reach")
    name = "" if method == "GET" else "POST: "
    assert line.startswith(f"wrong    reach        {name}no answer within the time limit of 15 s")


@pytest.mark.thorough
def test_a_url_that_takes_no_connection_ends_at_3_s(world: World) -> None:
    """TCP is accepted by the listener's queue; nobody answers the handshake."""
    world.receive()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}"
        line = world.run_alone("setup", f"--url={url}").line("reach")
    assert line.startswith("wrong    reach        no connection within the time limit of 3 s; look")


@pytest.mark.thorough
def test_vonage_may_take_longer_than_3_s_to_be_connected(world: World) -> None:
    """For calls to Vonage there is one limit, 10 s in all."""
    world.receive()
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        threading.Thread(target=_handshake_late, args=[world, listener], daemon=True).start()
        world.environment["VONAGE_REST_URL"] = f"https://localhost:{port}"
        done = world.run_alone("setup")
    assert done.results["account"] == "ok"


def _handshake_late(world: World, listener: socket.socket) -> None:
    """Answer one balance over TLS, 4 s after its connection."""
    client, _ = listener.accept()
    time.sleep(4)
    with world.authority.server().wrap_socket(client, server_side=True) as secure:
        secure.recv(65536)
        secure.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"value": 1.5}')


@pytest.mark.parametrize("path", ["/account/get-balance", "/account/settings"])
@pytest.mark.slow
def test_vonage_that_trickles_ends_at_10_s(world: World, path: str) -> None:
    world.receive()
    world.vonage.faults[path] = [Fault("trickle")]
    assert "no answer within the time limit of 10 s" in world.run_alone("setup").out
