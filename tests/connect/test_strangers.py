"""Vonage's own SDK against the fake, so that the fake is not only our idea of Vonage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlr_analytics.simulate.tls_front import TlsFront
from tests.fakes.vonage import FakeVonage
from tests.fakes.world import NUMBER, Authority

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
