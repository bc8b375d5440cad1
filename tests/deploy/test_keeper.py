"""Two receivers, a bucket and the keeper of deploy/systemd, all real, on loopback."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.fronts import DEPLOY
from tests.support.buckets import Bucket
from tests.support.receivers import PATH, Running, stored

UNIT = (DEPLOY / "systemd" / "dlr-keeper.service").read_text(encoding="utf-8")
QUERY = "msisdn=447700900123&status=delivered&messageId="


def run_of_the_keeper(data: Path, bucket: Bucket) -> list[str]:
    """Run the unit's commands, one after the other; what each says."""
    said = []
    for line in re.findall(r"^ExecStart=(.+)$", UNIT, re.MULTILINE):
        words = shlex.split(line.replace("${BUCKET}", bucket.url))
        done = subprocess.run(
            [sys.executable, "-m", "dlr_analytics", *words[1:]],
            env={**os.environ, "DLR_DATA": str(data)},
            cwd=data.parent,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    return said


@pytest.mark.thorough
def test_the_keeper_has_each_receipt_of_both_receivers_once(
    start: Callable[..., Running], tmp_path: Path, s3: Bucket
) -> None:
    """Vonage repeats to the other receiver what it believes was not stored: one message."""
    settings = {"ship_to": s3.url, "seal_seconds": "1"}
    receivers = [start(data=tmp_path / name, **settings) for name in ("one", "other")]
    for number in range(20):
        answer = receivers[number % 2].ask("POST", PATH, f"{QUERY}A{number}")
        assert answer.code == 200
    assert receivers[0].ask("POST", PATH, f"{QUERY}A1").code == 200
    expected = {f"A{number}": 1 for number in range(20)} | {"A1": 2}

    deadline = time.monotonic() + 120
    while any(stored(receiver.data) for receiver in receivers):  # what is shipped is removed there
        assert time.monotonic() < deadline, "not everything was shipped"
        time.sleep(0.5)

    keeper = tmp_path / "keeper"
    run_of_the_keeper(keeper, s3)
    assert stored(keeper) == expected
    pulled, _, published = run_of_the_keeper(keeper, s3)
    assert pulled.startswith("0 files fetched")
    assert published.startswith("0 objects created")
    assert stored(keeper) == expected
