"""Commands of the how-to pages run as they stand."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXPORT = "message_id,direction,date_received,date_finalized,status,network\n"
SENT = "2026-11-20T07:59:58+0000"


def snippets(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(script: str, folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Run a snippet in a shell whose ``dlr`` is this one."""
    shim = folder / "bin" / "dlr"
    if not shim.exists():
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dlr_analytics "$@"\n')
        shim.chmod(0o755)
    given = {"DLR_DATA": str(data), "PYTHONPATH": str(ROOT)}
    env = os.environ | given | {"PATH": f"{shim.parent}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", "-ec", script], cwd=folder, env=env, capture_output=True, text=True
    )


@pytest.mark.thorough
def test_a_filtered_sender_is_found_and_its_messages_listed(tmp_path: Path) -> None:
    for snippet in snippets("filtered-sender.md"):
        done = run(snippet, tmp_path, ROOT / "data" / "sample")
        assert (done.returncode, done.stderr) == (0, ""), snippet
    listed = (tmp_path / "filtered.csv").read_text(encoding="utf-8").splitlines()
    assert listed[0] == "message_id,message_time,network_code,sender,status,err_code"
    assert len(listed) > 10


@pytest.mark.thorough
def test_history_is_moved_in_and_agrees_with_the_export(tmp_path: Path) -> None:
    for folder in ("history", "sends"):
        (tmp_path / folder).mkdir()
    with gzip.open(tmp_path / "history" / "a.csv.gz", "wt") as file:
        file.write("messageId,status,network-code,received_at\n")
        file.writelines(f"H{n},delivered,23410,2026-11-20T08:00:0{n}Z\n" for n in range(5))
    (tmp_path / "sends" / "a.csv").write_text("message_id,sent_at\nH0,2026-11-20T07:59:58Z\n")
    rows = (f"H{n},outbound,{SENT},{SENT},delivered,23410\n" for n in range(5))
    (tmp_path / "export.csv").write_text(EXPORT + "".join(rows))
    done = [run(snippet, tmp_path, tmp_path / "data") for snippet in snippets("move-history.md")]
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    assert done[0].stdout.count("5 new, 0 known, 0 refused") == 1
    assert "missing" in done[1].stdout
    assert list((tmp_path / "data" / "messages").rglob("*.parquet"))
