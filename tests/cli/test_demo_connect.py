"""``dlr demo --connect``: the whole way to the first receipt, on loopback."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dlr_analytics

SHOWN = """\
$ dlr setup --apply
ok       receiver     http://127.0.0.1:N, stores in DATA
ok       url          https://localhost:N/webhooks/delivery-receipt
ok       reach        GET and POST answered N, the POST in N ms
ok       account      key and secret are right, balance N.N
ok       setting      the account's receipt URL is this one
ok       called       Vonage has called the URL

$ dlr try --to N --yes
ok       receiver     http://127.0.0.1:N, stores in DATA
ok       url          https://localhost:N/webhooks/delivery-receipt
ok       reach        GET and POST answered N, the POST in N ms
ok       account      key and secret are right, balance N.N
ok       send         Vonage took N part
ok       receipt      stored
ok       outcome      delivered, err-code N, N.N s after sending

$ dlr doctor
ok       receiver     http://127.0.0.1:N, stores in DATA
ok       url          https://localhost:N/webhooks/delivery-receipt
ok       reach        GET and POST answered N, the POST in N ms
ok       certificate  valid until N-N-N
ok       account      key and secret are right, balance N.N
ok       setting      the account's receipt URL is this one
ok       clock        within N s of Vonage's
ok       refusals     none since the receiver's start
ok       receipts     the newest came at N-N-N N:N:N UTC, N s ago

"""


def plain(text: str, data: Path) -> str:
    """Text with each number as N, this machine's address excepted."""
    text = text.replace(str(data), "DATA").replace("127.0.0.1", "LOOPBACK")
    return re.sub(r"\d+", "N", text).replace("LOOPBACK", "127.0.0.1")


@pytest.mark.thorough
def test_it_ends_with_a_delivered_receipt_and_its_latency(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    command = [sys.executable, "-m", "dlr_analytics", "demo", "--connect", f"--data={data}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert plain(done.stdout, data) == SHOWN
    assert done.returncode == 0
    rows = dlr_analytics.open(data).sql("select status, sent_at is not null from messages").rows()
    assert rows == [("delivered", True)]


def test_without_openssl_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dlr_analytics.cli.demonstration.account import connect_account
    from dlr_analytics.errors import MissingTool

    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingTool, match="openssl is not installed"):
        connect_account(tmp_path)
