"""The recipes of docs/alerts.md: their shell lines are run as they stand, against stand-ins."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.support.bad_morning import BAD_MORNING, bad_morning
from tests.support.data_directories import receive

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
KINDS = ["silence", "delivery", "latency", "filtered", "volume"]
QUIET = "2026-11-12T06:00"
HOSTILE = "Sh\"op\\<&>$(touch owned)`touch owned`'\n# not a line"

pytestmark = pytest.mark.skipif(
    not (shutil.which("jq") and shutil.which("curl")), reason="the recipes need jq and curl"
)


def block(heading: str, language: str = "sh") -> str:
    """The code below a heading of the page."""
    chapter = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", chapter, re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Receipts that end in an alert of each kind; the refused sender's name is hostile."""
    folder = tmp_path_factory.mktemp("data")
    receive(folder, bad_morning(HOSTILE))
    return folder


@dataclass
class Heard:
    """What an HTTP server on loopback was sent, and how it answers."""

    url: str = ""
    bodies: list[tuple[str, Any]] = field(default_factory=list)
    answer: int = 200


@pytest.fixture
def heard() -> Iterator[Heard]:
    """A stand-in for a webhook."""
    told = Heard()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/json"
            told.bodies.append((self.path, json.loads(body)))
            self.send_response(told.answer)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield told
        server.shutdown()


@dataclass
class Shell:
    """Runs recipes in a folder of their own; ``dlr`` is asked as of a given moment."""

    folder: Path
    data: Path

    def run(self, recipe: str, as_of: str = BAD_MORNING.isoformat(), **env: str) -> int:
        """Run a recipe with these variables; returns its exit status."""
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        dlr = programs / "dlr"
        dlr.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -m dlr_analytics "$@" --as-of {as_of}\n'
        )
        dlr.chmod(0o755)
        script = self.folder / "recipe"
        script.write_text(block(recipe))
        script.chmod(0o755)
        given = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "DLR_DATA": str(self.data),
            "PYTHONPATH": str(ROOT),
            "no_proxy": "127.0.0.1",
        }
        done = subprocess.run([script], cwd=self.folder, env=given | env, capture_output=True)
        assert b"rror" not in done.stderr or done.returncode
        assert not (self.folder / "owned").exists()
        return done.returncode


@pytest.fixture
def shell(tmp_path: Path, data: Path) -> Shell:
    return Shell(tmp_path, data)


@pytest.mark.thorough
def test_node_exporter_gets_a_series_an_alert_and_the_exit_status(
    shell: Shell, tmp_path: Path
) -> None:
    assert shell.run("node_exporter", TEXTFILES=str(tmp_path)) == 0
    text = (tmp_path / "dlr_watch.prom").read_text(encoding="utf-8")
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    assert [one.value for one in samples if one.name == "dlr_watch_exit_status"] == [1]
    assert next(one.value for one in samples if one.name == "dlr_watch_timestamp_seconds") > 1e9
    alerts = {one.labels["kind"]: one for one in samples if one.name == "dlr_watch_alert"}
    assert sorted(alerts) == sorted(KINDS)
    assert alerts["filtered"].labels["sender"] == HOSTILE.replace("\n", " ")
    assert alerts["delivery"].labels["network_code"] == "23410"


@pytest.mark.thorough
def test_node_exporter_gets_the_exit_status_where_nothing_is_wrong_or_watch_fails(
    shell: Shell, tmp_path: Path
) -> None:
    for as_of, status in ((QUIET, 0), ("soon", 2)):
        assert shell.run("node_exporter", as_of, TEXTFILES=str(tmp_path)) == 0
        text = (tmp_path / "dlr_watch.prom").read_text(encoding="utf-8")
        assert f"dlr_watch_exit_status {status}\n" in text
        assert "dlr_watch_alert" not in text


def test_the_rules_for_prometheus_name_what_the_file_has() -> None:
    (group,) = yaml.safe_load(block("node_exporter", "yaml"))["groups"]
    names = set(re.findall(r"dlr_\w+", " ".join(rule["expr"] for rule in group["rules"])))
    assert names
    for name in names:
        assert name in block("node_exporter")


@pytest.mark.thorough
def test_alertmanager_gets_each_alert_with_its_sentence(shell: Shell, heard: Heard) -> None:
    assert shell.run("Alertmanager", ALERTMANAGER=heard.url) == 0
    ((path, alerts),) = heard.bodies
    assert path == "/api/v2/alerts"
    assert [alert["labels"]["kind"] for alert in alerts] == KINDS
    assert all(alert["labels"]["alertname"] == "DlrWatch" for alert in alerts)
    assert all(value for alert in alerts for value in alert["labels"].values())
    assert alerts[3]["labels"]["sender"] == HOSTILE
    assert alerts[1]["annotations"]["summary"].startswith("23410 (")
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
    assert all(moment.fullmatch(alert[at]) for alert in alerts for at in ("startsAt", "endsAt"))


@pytest.mark.thorough
def test_alertmanager_is_sent_nothing_where_watch_fails(shell: Shell, heard: Heard) -> None:
    assert shell.run("Alertmanager", "soon", ALERTMANAGER=heard.url) == 2
    assert heard.bodies == []
    heard.answer = 503
    assert shell.run("Alertmanager", ALERTMANAGER=heard.url) != 0


@pytest.mark.thorough
def test_a_chat_is_sent_an_alert_once(shell: Shell, heard: Heard, tmp_path: Path) -> None:
    env = {"CHAT_URL": f"{heard.url}/hook", "SEEN": str(tmp_path / "seen")}
    heard.answer = 500
    assert shell.run("Chat", **env) == 2
    heard.answer = 200
    for as_of in (BAD_MORNING.isoformat(), BAD_MORNING.isoformat(), QUIET):
        assert shell.run("Chat", as_of, **env) == 0
    failed, sent = heard.bodies
    assert sent == failed
    lines = sent[1]["text"].splitlines()
    assert [line.partition(":")[0] for line in lines] == KINDS
    assert "&lt;&amp;&gt;" in lines[3]
    assert (tmp_path / "seen").read_text() == ""
    assert shell.run("Chat", "soon", **env) == 2


@pytest.mark.thorough
def test_mail_is_one_message_with_all_new_alerts(shell: Shell, tmp_path: Path) -> None:
    sendmail = tmp_path / "sendmail"
    sendmail.write_text(f'#!/bin/sh\n[ "$1" = -t ] && cat >> {tmp_path}/mail\n')
    sendmail.chmod(0o755)
    env = {"SENDMAIL": str(sendmail), "SEEN": str(tmp_path / "seen")}
    for as_of in (QUIET, BAD_MORNING.isoformat(), BAD_MORNING.isoformat()):
        assert shell.run("Mail", as_of, **env) == 0
    mail = message_from_bytes((tmp_path / "mail").read_bytes())
    assert (mail["To"], mail["Subject"]) == ("oncall@example.com", "dlr watch: 5 new")
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert [line.partition(":")[0] for line in payload.decode().splitlines()] == KINDS
    assert shell.run("Mail", "soon", **env) == 2


def test_the_timer_starts_the_service_of_its_name() -> None:
    files = re.findall(r"^```ini\n# (\S+)\n", PAGE, re.MULTILINE)
    assert [Path(file).name for file in files] == ["dlr-watch.service", "dlr-watch.timer"]
