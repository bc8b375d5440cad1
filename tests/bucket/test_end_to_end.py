"""Receivers, a real S3 server, a keeper: real processes, and a store that goes away."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dlr_analytics.bucket.access import open_store, read_address
from dlr_analytics.bucket.objects import Objects
from tests.bucket.directories import contents
from tests.bucket.fronts import Front
from tests.support.buckets import Bucket
from tests.support.receivers import DLR, PATH, Running, ask_admin, free_port, stored

Start = Callable[..., Running]


@pytest.fixture
def front(s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """The way to the server; this process and its children take it."""
    front = Front(s3.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL", front.endpoint)
    yield front
    front.stop()


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with receipts of some days."""
    folder = tmp_path_factory.mktemp("collected")
    file = folder / "receipts.jsonl"
    simulated = dlr(
        *("simulate", "--messages", "300", "--days", "5", "--seed", "1", "--end", "2026-10-24"),
        *("-o", file),
    )
    assert simulated.returncode == 0, simulated.stderr
    assert dlr("import", file, "--data", folder / "data").returncode == 1, "strays are refused"
    sends = folder / "sends.csv"
    sends.write_text("message_id,sent_at\n0A00,2026-10-24T08:00:00Z\n")
    assert dlr("sends", sends, "--data", folder / "data").returncode == 0
    return folder / "data"


def objects(s3: Bucket) -> Objects:
    address = read_address(s3.url)
    return Objects(address, open_store(address))


def names(s3: Bucket) -> set[str]:
    """Names of all objects."""
    return set(objects(s3).sizes(""))


def post(receiver: Running, *numbers: int) -> None:
    for number in numbers:
        body = {"messageId": f"{number:04d}", "status": "delivered", "msisdn": "447700900123"}
        headers = {"Content-Type": "application/json"}
        assert receiver.ask("POST", PATH, json.dumps(body), headers).code == 200


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until something has happened."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"not {what} within a minute")


def dlr(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [*DLR, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **variables}, timeout=300
    )


def rows(data: Path | str) -> str:
    answer = dlr("query", "delivery-rate", "--data", data, "--format", "json")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("workers", [1, 2])
def test_receipts_reach_the_keeper_through_an_outage_of_the_store(
    start: Start, s3: Bucket, front: Front, tmp_path: Path, workers: int
) -> None:
    admin = free_port()
    receiver = start(
        f"--admin-port={admin}", f"--workers={workers}", ship_to=s3.url, seal_seconds="0.2"
    )
    data, keeper = tmp_path / "data", tmp_path / "keeper"

    def unshipped() -> float:
        _, text = ask_admin(admin, "/metrics")
        (line,) = [one for one in text.splitlines() if one.startswith("dlr_unshipped_files ")]
        return float(line.split()[1])

    post(receiver, *range(10))
    until(lambda: len(names(s3)) >= 1 and unshipped() == 0, "shipped")
    until(lambda: contents(data) == {}, "removed here")

    front.down()
    post(receiver, *range(10, 15))
    until(lambda: unshipped() >= 1, "waiting")
    time.sleep(2.5)  # for a second attempt, which says nothing
    post(receiver, *range(15, 20))
    until(lambda: unshipped() >= 2, "waiting")
    _, page = ask_admin(admin, "/")
    assert "Waiting to be shipped" in page
    assert "unshipped" in dlr("status", "--data", data, DLR_SHIP_TO=s3.url).stdout
    front.up()
    until(lambda: unshipped() == 0, "shipped after the outage")
    post(receiver, 20)
    there = len(names(s3))
    until(lambda: len(names(s3)) > there, "shipped by another run")
    post(receiver, 21)
    code, complaints = receiver.stop()
    assert code == 0
    once, again = complaints.splitlines()
    assert once == (
        f"dlr: not shipped: {s3.url}: the store at {front.endpoint} does not answer;"
        " check the network and AWS_ENDPOINT_URL, or wait"
    )
    assert again == f"dlr: shipping to {s3.url} works again"
    assert contents(data) == {}, "the last receipt was shipped at the stop"

    assert dlr("pull", s3.url, "--data", keeper).returncode == 0
    assert stored(keeper) == {f"{number:04d}": 1 for number in range(22)}


@pytest.mark.thorough
def test_what_a_keeper_publishes_gives_the_same_rows(
    s3: Bucket, collected: Path, tmp_path: Path
) -> None:
    receiver, keeper, copy = tmp_path / "receiver", tmp_path / "keeper", tmp_path / "copy"
    shutil.copytree(collected, receiver)
    expected = rows(receiver)
    ship = ("dlr_analytics.bucket.ship", str(receiver), s3.url, "0")
    done = subprocess.run([DLR[0], "-m", *ship], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

    assert dlr("pull", s3.url, "--data", keeper).returncode == 0
    assert rows(keeper) == expected
    assert dlr("compact", "--data", keeper).returncode == 0
    published = dlr("publish", s3.url, "--data", keeper)
    assert (published.returncode, published.stderr) == (0, "")
    there = names(s3)
    assert "messages/_kept.json" in there
    assert contents(keeper, "receipts", "sends", "quarantine", "messages").keys() == there
    assert (
        "0 objects created, 0 replaced, 0 deleted"
        in dlr("publish", s3.url, "--data", keeper).stdout
    )
    assert "0 files fetched" in dlr("pull", s3.url, "--data", keeper).stdout
    assert rows(keeper) == rows(s3.url) == expected

    for name in there:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        objects(s3).fetch(name, copy / name)
    assert rows(copy) == expected
    assert contents(copy) == contents(keeper)


@pytest.mark.thorough
def test_cached_files_of_the_manifest_before_go_after_the_new_one_is_there(
    s3: Bucket, collected: Path, tmp_path: Path
) -> None:
    keeper = tmp_path / "keeper"
    shutil.copytree(collected, keeper)
    assert dlr("compact", "--data", keeper).returncode == 0
    assert dlr("publish", s3.url, "--data", keeper).returncode == 0
    shutil.rmtree(keeper / "messages")
    assert dlr("compact", "--data", keeper).returncode == 0
    published = dlr("publish", s3.url, "--data", keeper).stdout
    assert ", 1 replaced, " in published
    assert contents(keeper, "receipts", "sends", "quarantine", "messages").keys() == names(s3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_killed_commands_leave_each_receipt_once(
    s3: Bucket, collected: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    receiver, keeper = tmp_path / "receiver", tmp_path / "keeper"
    shutil.copytree(collected, receiver)
    expected = stored(receiver)
    commands = [
        (DLR[0], "-m", "dlr_analytics.bucket.ship", str(receiver), s3.url, "0"),
        (*DLR, "pull", s3.url, "--data", str(keeper)),
        (*DLR, "compact", "--data", str(keeper)),
        (*DLR, "publish", s3.url, "--data", str(keeper)),
    ]
    for _ in range(20):
        killed = subprocess.Popen(
            chance.choice(commands), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(chance.uniform(0.1, 1.5))
        killed.kill()
        killed.wait()
    for command in commands:
        subprocess.run(command, check=True, capture_output=True)
    assert stored(keeper) == expected
    copy = tmp_path / "copy"
    assert dlr("pull", s3.url, "--data", copy).returncode == 0
    assert stored(copy) == expected
    assert contents(copy).keys() == contents(keeper).keys()


@pytest.mark.thorough
def test_the_receiver_loads_neither_obstore_nor_duckdb_when_it_ships(
    start: Start, s3: Bucket, tmp_path: Path
) -> None:
    receiver = start(ship_to=s3.url, seal_seconds="0.2")
    post(receiver, 1)
    until(lambda: names(s3) != set(), "shipped")
    maps = Path(f"/proc/{receiver.process.pid}/maps")
    if not maps.exists():
        pytest.skip("no /proc on this system")
    loaded = maps.read_text()
    assert "obstore" not in loaded
    assert "duckdb" not in loaded
    assert receiver.stop() == (0, "")


@pytest.mark.thorough
def test_kept_files_stay_and_are_not_sent_again(start: Start, s3: Bucket, tmp_path: Path) -> None:
    receiver = start(ship_to=s3.url, ship_keep_days="3", seal_seconds="0.2")
    post(receiver, 1)
    until(lambda: names(s3) != set(), "shipped")
    receiver.stop()
    assert contents(tmp_path / "data").keys() == names(s3)
    status = dlr("status", "--data", tmp_path / "data", DLR_SHIP_TO=s3.url).stdout
    assert "unshipped       0 files" in status


def test_a_day_that_is_over_is_removed_here_and_its_folder_too(
    s3: Bucket, collected: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(collected, data)
    command = (DLR[0], "-m", "dlr_analytics.bucket.ship", str(data), s3.url, "0")
    subprocess.run(command, check=True)
    assert list((data / "receipts").iterdir()) == []
