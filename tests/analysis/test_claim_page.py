"""The snippets of docs/claim.md run as they stand."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt

PAGE = (Path(__file__).parents[2] / "docs" / "claim.md").read_text(encoding="utf-8")


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_snippets_of_the_page_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And find the message that is billed as delivered and was not."""
    monkeypatch.chdir(tmp_path)
    receive(tmp_path / "data", [receipt(status="failed")])
    row = "0A,23410,2026-11-03T12:00:00Z,delivered,EUR,0.0333"
    columns = "message_id,network,date_received,status,currency,total_price"
    Path("november.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8")
    commands = "".join(snippets("bash")).splitlines()
    assert len(commands) == 3
    for command in commands:
        done = run(capsys, *shlex.split(command.partition(" > ")[0])[1:])
        assert (done.code, done.err) == (1, "")
    for code in snippets("python"):
        exec(code, {})
    with Path("claim.csv").open(encoding="utf-8", newline="") as file:
        (found,) = csv.DictReader(file)
    assert found == {
        "message_id": "0A",
        "day": "2026-11-03",
        "reported": "delivered",
        "received": "failed",
    }
