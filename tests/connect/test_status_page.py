"""The receiver's status page and the commands make the same checks, in the same words."""

from __future__ import annotations

import json
from html import unescape

import pytest

from tests.fakes.world import World
from tests.support.receivers import ask_admin


@pytest.mark.thorough
@pytest.mark.parametrize("signed", [False, True], ids=["receives", "refuses"])
def test_the_status_page_says_what_doctor_says(world: World, *, signed: bool) -> None:
    """Receiver, refusals and receipts of both are one check, in the same words."""
    receiver = world.receive(**({"signature_secret": "s"} if signed else {}))
    receiver.ask("GET", "/webhooks/delivery-receipt?messageId=0A&status=delivered")
    checks = json.loads(world.run("doctor", "--offline", "--format=json").raw)
    page = world.plain(unescape(ask_admin(world.admin_port, "/")[1]))
    said = {check["check"]: f"{check['detail']}; {check['remedy']}" for check in checks}
    told = {name: world.plain(line).removesuffix("; None") for name, line in said.items()}
    assert told.keys() == {"receiver", "refusals", "receipts"}
    assert f"<p>{told['receiver']}.</p>" in page
    if signed:
        assert f'<p class="bad">{told["refusals"]}.</p>' in page
        assert "<p>none since the receiver's start; send one message with dlr try.</p>" in page
    else:
        assert f"<p>{told['receipts']}.</p>" in page


def test_the_status_page_says_what_setup_says_of_vonage_s_call(world: World) -> None:
    world.receive()
    told = unescape(ask_admin(world.admin_port, "/")[1])
    assert "the receiver counted no call since its start; set the account's" in told
    done = world.run("setup", "--apply")
    page = unescape(ask_admin(world.admin_port, "/")[1])
    assert done.line("called").endswith("Vonage has called the URL")
    assert "<p>Vonage has called the URL.</p>" in page
