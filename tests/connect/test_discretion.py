"""No command prints a secret, a token, a URL of others or a whole number, whatever it finds."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler

import pytest

import dlr_analytics
from tests.fakes.vonage import Fault, Push, answered
from tests.fakes.web import answer, served
from tests.fakes.world import NUMBER, World
from tests.support.receivers import free_port

TOKEN = "t0ken-of-the-url"
THEIRS = "https://hooks.example.com/their-path?key=their-key"
COMMANDS = (
    ("setup",),
    ("setup", "--apply"),
    ("setup", "--apply", "--replace"),
    ("setup", "--undo", "--replace"),
    ("try", f"--to={NUMBER}", "--yes", "--wait=0.2", f"--from={NUMBER}"),
    ("try", f"--to={NUMBER}", "--yes", "--wait=0.2", "--account-url", "--format=json"),
    ("doctor",),
    ("doctor", "--format=json"),
)


def check(world: World) -> None:
    """Run every command and look through all that it printed."""
    secrets = (TOKEN, world.vonage.secret, "their-path", "their-key", NUMBER, NUMBER[2:], "Basic ")
    for command in COMMANDS:
        done = world.run(*command)
        printed = done.raw + done.err
        assert [secret for secret in secrets if secret in printed] == [], command


@pytest.mark.thorough
@pytest.mark.parametrize("faults", ["none", "refused", "echoed", "html"])
def test_nothing_private_is_printed(world: World, faults: str) -> None:
    world.receive(url_token=TOKEN, signature_secret="signature-secret")
    world.vonage.receipt_url = THEIRS
    if faults == "refused":
        world.vonage.statuses = ("15",)
        world.vonage.saves = False
    if faults == "echoed":
        echo = f"{world.vonage.secret} {NUMBER} {THEIRS} {TOKEN}"
        for path in ("/account/get-balance", "/sms/json", "/v2/reports/records"):
            world.vonage.faults[path] = [answered(500, echo)] * 2
        world.vonage.pushes = [Push(status=NUMBER)]
    if faults == "html":
        world.vonage.faults["/account/settings"] = [answered(200, THEIRS), Fault("redirect")] * 4
    check(world)


def test_a_url_of_another_server_is_called_with_no_credentials(world: World) -> None:
    world.receive()
    heard: list[str] = []

    def listen(handler: BaseHTTPRequestHandler) -> None:
        heard.append(str(handler.headers))
        answer(handler, 200)

    with served(listen, world.authority.server()) as port:
        world.run("setup", f"--url=https://localhost:{port}")
    assert heard
    assert "Authorization" not in "".join(heard)


@pytest.mark.thorough
def test_no_port_of_this_machine_is_asked_through_a_proxy(world: World) -> None:
    world.receive()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        world.environment |= {
            name: f"http://127.0.0.1:{free_port()}",
            name.lower(): f"http://127.0.0.1:{free_port()}",
        }
    assert world.run("setup", "--apply").code == 0
    assert world.run("try", f"--to={NUMBER}", "--yes", "--wait=20").code == 0


def test_no_command_makes_the_data_directory(world: World) -> None:
    for command in COMMANDS:
        world.run(*command)
    assert not world.data.exists()


def test_a_notebook_gets_the_same_checks_as_a_table(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.receive()
    for name in [name for name in os.environ if "PROXY" in name.upper()]:
        monkeypatch.delenv(name)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    checks = dlr_analytics.connect.doctor(world.data, port=world.port, admin_port=world.admin_port)
    assert world.plain(repr(checks)) + "\n" == world.run("doctor").out
    assert checks.columns == ("check", "result", "detail", "remedy")
    assert len(checks) == len(checks.rows()) == len(checks["check"])
    assert not checks.ok
    assert "<td>receipts</td>" in checks._repr_html_()
