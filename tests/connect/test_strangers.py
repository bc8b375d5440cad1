"""Vonage's own SDKs against the fake, so that the fake is not only our idea of Vonage."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dlr_analytics
from dlr_analytics.connect.http import fetch
from dlr_analytics.simulate.tls_front import TlsFront
from tests.fakes.vonage import FakeVonage
from tests.fakes.world import NUMBER, Authority, World

SCRIPT = """
import sys
from vonage import Auth, HttpClientOptions, Vonage
from vonage_sms import SmsMessage

key, secret, host, number = sys.argv[1:]
options = HttpClientOptions(api_host=host, rest_host=host)
vonage = Vonage(Auth(api_key=key, api_secret=secret), options)
print(vonage.account.get_balance().value)
settings = vonage.account.update_default_sms_webhook(dr_callback_url="https://a.example/b")
print(repr(settings.dr_callback_url))
message = SmsMessage(to=number, from_="Acme", text="hello", client_ref="ours")
(part,) = vonage.sms.send(message).messages
print(part.status, part.message_id, part.client_ref)
"""


@pytest.fixture
def sdk() -> str:
    """An interpreter that has PyPI's ``vonage``: this one, or the one in VONAGE_SDK_PYTHON."""
    python = os.environ.get("VONAGE_SDK_PYTHON", sys.executable)
    done = subprocess.run([python, "-c", "import vonage"], capture_output=True, env={})
    if done.returncode != 0:
        pytest.skip("PyPI's vonage is not installed; name a Python that has it: VONAGE_SDK_PYTHON")
    return python


def test_the_python_sdk_talks_to_the_fake(sdk: str, authority: Authority, tmp_path: Path) -> None:
    vonage = FakeVonage()
    vonage.accepts = lambda url: True  # type: ignore[method-assign]
    front = TlsFront(int(vonage.start().rpartition(":")[2]), authority.server())
    host = front.url.removeprefix("https://")
    done = subprocess.run(
        [sdk, "-c", SCRIPT, vonage.key, vonage.secret, host, NUMBER],
        cwd=tmp_path,
        env={"REQUESTS_CA_BUNDLE": str(authority.file)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    front.stop()
    vonage.stop()
    assert done.returncode == 0, done.stderr
    (sent,) = vonage.sent
    # The SDK writes drCallbackUrl with a small b, which is no setting: nothing is changed.
    assert done.stdout.splitlines() == ["10.17", "''", f"0 {sent.message_id} ours"]
    assert [request.path for request in vonage.requests] == [
        "/account/get-balance",
        "/account/settings",
        "/sms/json",
    ]


NODE_SCRIPT = """
const [key, secret, host, url, number] = process.argv.slice(1);
const { Auth } = require("@vonage/auth");
const { Accounts } = require("@vonage/accounts");
const { SMS } = require("@vonage/sms");

(async () => {
  const auth = new Auth({ apiKey: key, apiSecret: secret });
  const accounts = new Accounts(auth, { restHost: host });
  console.log((await accounts.getBalance()).value);
  const settings = await accounts.updateAccountCallbacks({ drCallBackUrl: url });
  console.log(settings["dr-callback-url"]);
  const message = { to: number, from: "Acme", text: "hello", clientRef: "ours" };
  const [part] = (await new SMS(auth, { restHost: host }).send(message)).messages;
  console.log(part.status, part.messageId, part.clientRef, part.messagePrice, part.network);
})();
"""

PACKAGES = ("@vonage/auth", "@vonage/accounts", "@vonage/sms")


@pytest.fixture
def node() -> Path:
    """A folder from which node finds npm's packages: this one, or the one in VONAGE_SDK_NODE."""
    folder = Path(os.environ.get("VONAGE_SDK_NODE", "."))
    requires = "".join(f"require({json.dumps(package)});" for package in PACKAGES)
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if subprocess.run(["node", "-e", requires], cwd=folder, capture_output=True).returncode != 0:
        pytest.skip(
            f"npm's {', '.join(PACKAGES)} are not installed; name a folder in which they are:"
            " VONAGE_SDK_NODE"
        )
    return folder


def test_npm_s_packages_set_the_url_and_send_and_the_receipt_is_stored(
    node: Path, world: World
) -> None:
    """They post settings as a form and messages as JSON; the URL is called before it is saved."""
    world.receive()
    vonage = world.vonage
    arguments = [vonage.key, vonage.secret, world.vonage_url, world.url, NUMBER]
    done = subprocess.run(
        ["node", "-e", NODE_SCRIPT, "--", *arguments],
        cwd=node,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    (sent,) = vonage.sent
    assert done.stdout.splitlines() == [
        "10.17",
        world.url,
        f"0 {sent.message_id} ours 0.03330000 23410",
    ]
    assert vonage.receipt_url == world.url
    (message,) = vonage.to("/sms/json")
    assert json.loads(message.body)["client-ref"] == "ours"
    row = f"{sent.message_id}, delivered, ours"
    assert row in stored_rows(world), "its receipt came to the receiver and is stored"


@pytest.mark.thorough
@pytest.mark.parametrize("left_out", ["to", "from", "text", None])
def test_a_message_in_json_is_read_like_one_in_a_form(left_out: str | None) -> None:
    """A stranger showed that messages are posted as JSON too; this holds without node."""
    vonage = FakeVonage()
    url = vonage.start()
    message = {"to": NUMBER, "from": "Acme", "text": "hello"}
    message.pop(left_out or "", None)
    authorization = base64.b64encode(f"{vonage.key}:{vonage.secret}".encode()).decode()
    headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
    response = fetch("POST", f"{url}/sms/json", 10, headers, json.dumps(message).encode())
    vonage.stop()
    (part,) = json.loads(response.body)["messages"]
    assert part["status"] == ("0" if left_out is None else "2")
    assert len(vonage.sent) == (left_out is None)


def stored_rows(world: World) -> list[str]:
    """ID, status and reference of each stored receipt, once there is one."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        receipts = dlr_analytics.open(world.data).receipts
        found = receipts.select("message_id", "status", "client_ref").fetchall()
        if found:
            return [", ".join(row) for row in found]
        time.sleep(0.1)
    return []
