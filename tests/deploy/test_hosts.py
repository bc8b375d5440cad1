"""Several hosts, and what a restore needs, with the commands of docs/production.md."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from dlr_analytics.store.sends import Send, record_sends
from tests.deploy.fronts import program
from tests.support.commands import run
from tests.support.data_directories import receive, store
from tests.support.pipelines import NOON, after, receipt
from tests.support.receivers import stored

pytestmark = pytest.mark.deploy

PAGE = (Path(__file__).parents[2] / "docs" / "production.md").read_text(encoding="utf-8")
COLLECT = re.findall(r"^\$ (flock data/compact\.lock rsync .*)$", PAGE, re.MULTILINE)
NUMBER = "447700900123"


def collect(host: Path, here: Path) -> None:
    """What the page says, from another folder of this machine."""
    assert len(COLLECT) == 2
    for line in COLLECT:
        words = shlex.split(line.replace("host1:/var/lib/dlr/data", str(host)))
        assert str(host) in " ".join(words)
        done = subprocess.run(
            [program(words[0]), *words[1:]], cwd=here, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.thorough
def test_one_host_collects_from_others_merges_prunes_and_forgets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, hosts = tmp_path / "data", [tmp_path / "one", tmp_path / "two"]
    receive(data, [receipt("own")])
    for turn in range(2):
        for host in hosts:
            name = f"{host.name}-{turn}"
            late = receipt(f"{name}-old", seconds=200_000, message_timestamp=after(-86_400 * 30))
            receive(host, [receipt(name), receipt(f"{name}-to", msisdn=NUMBER), late])
            record_sends(host, [Send(name, NOON)])
            store(host, receipt(f"{name}-unsealed"))
            collect(host, tmp_path)
            assert not list(layout.receipts(host).rglob("*.parquet"))
            assert len(list(layout.journal(host).iterdir())) == 1, "it is not collected"
        assert run(capsys, "compact", "--data", data).code == 0
    names = [f"{host.name}-{turn}" for host in hosts for turn in range(2)]
    sealed = [f"{host.name}-0-unsealed" for host in hosts]
    assert len(stored(data)) == 1 + 3 * len(names) + len(sealed)
    for command in (("prune", "--before=2026-11-01"), ("forget", NUMBER)):
        assert run(capsys, *command, "--yes", "--data", data).code == 0
    assert stored(data) == dict.fromkeys(["own", *names, *sealed], 1)
    assert run(capsys, "verify", "--data", data).code == 0
    sent = run(capsys, "sql", "select count(*) as n from sends", "--data", data, "--format", "csv")
    assert sent.out == "n\n4\n"
