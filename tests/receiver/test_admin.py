"""The admin listener: metrics and health of the receiver, for its operator."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.webhook.signature import sign
from tests.support.receivers import PATH, Running, ask_admin, free_port

Start = Callable[..., Running]


def test_it_counts_what_came_by_answer_reason_status_source_and_transport(start: Start) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}")
    receiver.ask("GET", f"{PATH}?messageId=1&status=delivered")
    receiver.ask("POST", PATH, '{"messageId": "2", "status": "DELIVRD"}')
    receiver.ask("POST", PATH, '{"messageId": "3", "status": "delivered"}')
    receiver.ask("POST", PATH, '{"message_uuid": "4", "status": "submitted"}')
    receiver.ask("POST", PATH, "messageId=5&status=teleported")
    receiver.ask("GET", PATH)
    receiver.ask("POST", PATH, '{"messageId":')
    receiver.ask("PUT", PATH)
    code, text = ask_admin(port, "/metrics")
    counted = dict(re.findall(r"^(\w+_total\S*) ([\d.]+)$", text, re.MULTILINE))
    assert code == 200
    assert counted == {
        'dlr_answers_total{code="200"}': "7.0",
        'dlr_answers_total{code="405"}': "1.0",
        'dlr_refusals_total{reason="method",would_match=""}': "1.0",
        'dlr_receipts_total{source="sms",status="delivered",transport="get"}': "1.0",
        'dlr_receipts_total{source="sms",status="delivered",transport="json"}': "2.0",
        'dlr_receipts_total{source="messages",status="accepted",transport="json"}': "1.0",
        'dlr_receipts_total{source="sms",status="unrecognised",transport="form"}': "1.0",
        "dlr_quarantined_total": "1.0",
        "dlr_refused_connections_total": "0.0",
        "dlr_empty_calls_total": "1.0",
        "dlr_workers_replaced_total": "0.0",
    }


def test_a_refusal_names_the_signature_method_that_would_have_been_right(start: Start) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}", signature_secret="secret", signature_method="sha256")
    sig = sign(b"&messageId=1", b"secret", "sha512").decode()
    assert receiver.ask("GET", f"{PATH}?messageId=1&sig={sig}").code == 401
    assert receiver.ask("GET", f"{PATH}?messageId=2&sig={sig}").code == 401
    assert receiver.ask("GET", f"{PATH}?messageId=1").code == 503
    refusals = re.findall(
        r"^dlr_refusals_total(\S+) 1.0$", ask_admin(port, "/metrics")[1], re.MULTILINE
    )
    assert set(refusals) == {
        '{reason="wrong_signature",would_match="sha512"}',
        '{reason="wrong_signature",would_match=""}',
        '{reason="unsigned",would_match=""}',
    }
    assert "right by sha512" in ask_admin(port, "/")[1]


def test_a_refusal_has_the_time_of_the_last_one_by_reason(start: Start) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}", url_token="s3cret")
    before = time.time()
    assert receiver.ask("GET", PATH).code == 404
    text = ask_admin(port, "/metrics")[1]
    found = re.search(r"^dlr_last_refusal_timestamp_seconds(\S+) (\S+)$", text, re.MULTILINE)
    assert found
    assert found[1] == '{reason="token",would_match=""}'
    assert before <= float(found[2]) <= time.time()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_probe_of_ours_is_answered_and_is_no_url_check(start: Start, method: str) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}")
    instance = receiver.ask("GET", "/healthz").headers["X-Dlr-Instance"]
    answer = receiver.ask(method, PATH, headers={"X-Dlr-Probe": instance})
    assert answer.code == 200
    assert answer.headers["X-Dlr-Instance"] == instance
    assert "dlr_empty_calls_total 0.0" in ask_admin(port, "/metrics")[1]
    assert "The URL was checked" not in ask_admin(port, "/")[1]
    receiver.ask(method, PATH)
    assert "dlr_empty_calls_total 1.0" in ask_admin(port, "/metrics")[1]
    assert "The URL was checked" in ask_admin(port, "/")[1]


def test_a_probe_of_ours_is_refused_as_any_call_and_is_no_refusal(start: Start) -> None:
    port = free_port()
    receiver = start(f"--admin-port={port}", allow="192.0.2.0/24")
    instance = receiver.ask("GET", "/healthz").headers["X-Dlr-Instance"]
    assert receiver.ask("GET", PATH, headers={"X-Dlr-Probe": instance}).code == 403
    assert 'reason="address"' not in ask_admin(port, "/metrics")[1]
    assert receiver.ask("GET", PATH).code == 403
    assert (
        'dlr_refusals_total{reason="address",would_match=""} 1.0' in ask_admin(port, "/metrics")[1]
    )


def test_it_is_alive_and_knows_nothing_else(start: Start) -> None:
    port = free_port()
    start(f"--admin-port={port}")
    assert ask_admin(port, "/healthz") == (200, "")
    assert ask_admin(port, PATH)[0] == 404
    assert ask_admin(port, "/metrics", "POST")[0] == 405


def test_exposed_and_documented_metrics_are_the_same(start: Start, tmp_path: Path) -> None:
    """Some are absent without a setting, and the two exclude each other."""
    exposed: set[str] = set()
    for number, settings in enumerate(({"compact_at": "03:00"}, {"ship_to": "s3://acme/live"})):
        port = free_port()
        start(f"--admin-port={port}", data=tmp_path / str(number), **settings)
        exposed |= set(re.findall(r"(?m)^# HELP (\w+)", ask_admin(port, "/metrics")[1]))
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == exposed
