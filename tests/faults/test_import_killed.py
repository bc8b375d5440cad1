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
ROUNDS = 4
DAYS = 27


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
    return duckdb.execute(
        f"select message_id, received_at, raw from {files} order by all"
    ).fetchall()


def published(folder: Path, data: str) -> int:
    """How many days have their file."""
    return len(list((folder / data / "receipts").glob("*/*.parquet")))


def kill_at(folder: Path, data: str, days: int) -> None:
    """Import, and kill as soon as so many days are published; 0 kills while the file is read."""
    importing = run(folder, data)
    while importing.poll() is None and published(folder, data) < days:
        time.sleep(0.0005)
    if days == 0:
        time.sleep(0.5)
    importing.kill()
    importing.wait(10)


@pytest.mark.slow
def test_killed_at_random_moments_of_publishing_and_before(tmp_path: Path) -> None:
    write_log(tmp_path / "log.csv")
    assert run(tmp_path, "once").wait(120) == 0
    expected = stored(tmp_path, "once")
    assert len(expected) == 20_000
    assert published(tmp_path, "once") == DAYS
    rng = random.Random()
    partly = 0
    for number in range(ROUNDS):
        data = f"killed-{number}"
        for days in sorted(rng.sample(range(DAYS), 3)):
            kill_at(tmp_path, data, days)
            partly += 0 < published(tmp_path, data) < DAYS
        assert run(tmp_path, data).wait(120) == 0
        assert stored(tmp_path, data) == expected
        assert not list((tmp_path / data / "staging").iterdir())
    print(f"\nimports killed {3 * ROUNDS}, partly published {partly}, lost 0, doubled 0")
    assert partly >= ROUNDS, "the kills missed the moment that this is about"
