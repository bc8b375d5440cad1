"""An import that is killed and run again ends where one run would have ended."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

DLR = (sys.executable, "-m", "dlr_analytics")
ROUNDS = 6


def write_log(path: Path) -> None:
    """20,000 receipts of 40 days, some of them twice or thrice, on days apart."""
    rng = random.Random(7)
    with path.open("w") as file:
        file.write("message_id,status,scts,message_timestamp,received_at\n")
        for n in rng.choices(range(15_000), k=20_000):
            day = rng.randrange(1, 28)
            pushed = f"2026-10-{n % 27 + 1:02d} 12:00:00"
            file.write(
                f"{n:08X},delivered,2610011200,{pushed},2026-11-{day:02d} 09:{n % 60:02d}:00\n"
            )


def run(folder: Path, data: str) -> subprocess.Popen[bytes]:
    command = [*DLR, "import", "--data", data, "log.csv"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)


def stored(folder: Path, data: str) -> list[tuple[object, ...]]:
    files = f"read_parquet('{folder}/{data}/receipts/*/*.parquet')"
    return duckdb.sql(f"select message_id, received_at, raw from {files} order by all").fetchall()


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path) -> None:
    write_log(tmp_path / "log.csv")
    begun = time.monotonic()
    assert run(tmp_path, "once").wait(120) == 0
    lasted = time.monotonic() - begun
    expected = stored(tmp_path, "once")
    assert len(expected) == 20_000
    rng = random.Random()
    partly = 0
    for number in range(ROUNDS):
        data = f"killed-{number}"
        for _ in range(3):
            importing = run(tmp_path, data)
            time.sleep(lasted * rng.uniform(0.6, 1))
            importing.kill()
            importing.wait(10)
        days = len(list((tmp_path / data / "receipts").glob("*/*.parquet")))
        partly += 0 < days < 27
        assert run(tmp_path, data).wait(120) == 0
        assert stored(tmp_path, data) == expected
        assert not list((tmp_path / data / "staging").iterdir())
    print(f"\nimports killed {3 * ROUNDS}, partly published {partly}, lost 0, doubled 0")
