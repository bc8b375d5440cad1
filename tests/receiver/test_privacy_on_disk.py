"""What is on disk: readable by its owner alone, and with no number that was to be hidden."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.commands import run
from tests.support.receivers import PATH, Running, stored

Start = Callable[..., Running]

NUMBER = "447700900123"
SENDS = '{"message-id": "A1", "sent_at": "2026-11-24T08:00:00Z", "to": "447700900123"}\n'


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """Set a umask that restricts nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def send(receiver: Running) -> None:
    """Send receipts by each transport, and a request that cannot be parsed."""
    fields = f"msisdn={NUMBER}&status=delivered&note=%2B44+7700+900123"
    assert receiver.ask("GET", f"{PATH}?messageId=A1&{fields}").code == 200
    assert receiver.ask("POST", PATH, f"messageId=A2&{fields}").code == 200
    assert receiver.ask("POST", PATH, f'{{"messageId": "A3", "msisdn": {NUMBER}}}').code == 200
    assert receiver.ask("POST", PATH, f'{{"message_uuid": "A4", "to": "{NUMBER}"}}').code == 200
    assert receiver.ask("POST", PATH, f'{{"msisdn": "{NUMBER}').code == 200
    assert receiver.ask("POST", PATH, f"msisdn={NUMBER}").code == 200


def accessible(data: Path) -> list[tuple[str, str]]:
    """Files and folders that others than their owner may access."""
    modes = [(path, stat.S_IMODE(path.lstat().st_mode)) for path in (data, *data.rglob("*"))]
    return [(str(path), oct(mode)) for path, mode in modes if mode & 0o077]


@pytest.mark.usefixtures("open_to_all")
def test_whatever_is_made_only_its_owner_may_read(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver = start("--workers=2")
    data = receiver.data
    send(receiver)
    assert list((data / "journal").iterdir())
    assert accessible(data) == []
    assert receiver.stop()[0] == 0
    (tmp_path / "sends.jsonl").write_text(SENDS)
    (tmp_path / "receipts.jsonl").write_text(
        '{"messageId": "B1", "received_at": "2026-11-01T08:00:00Z"}\n'
    )
    assert run(capsys, "sends", tmp_path / "sends.jsonl", "--data", data).code == 0
    assert run(capsys, "import", tmp_path / "receipts.jsonl", "--data", data).code == 0
    assert run(capsys, "quarantine", "--replay", "--data", data).code == 1
    assert run(capsys, "compact", "--data", data).code == 0
    made = {path.relative_to(data).parts[0] for path in data.rglob("*") if path.is_file()}
    assert made >= {"receipts", "quarantine", "sends", "messages", "instance"}
    assert accessible(data) == []


@pytest.mark.parametrize("how", ["hash", "mask"])
def test_no_byte_of_a_number_that_is_to_be_hidden_touches_the_disk(start: Start, how: str) -> None:
    receiver = start(msisdn=how, msisdn_key="a key", seal_seconds="3600")
    send(receiver)
    files = [path for path in receiver.data.rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert written.count(b"A1") >= 2
    assert receiver.stop()[0] == 0
    assert stored(receiver.data) == {"A1": 1, "A2": 1, "A3": 1, "A4": 1}
    rows = duckdb.execute(f"from read_parquet('{receiver.data}/receipts/**/*.parquet')").fetchall()
    for text in (written.decode(), str(rows)):
        assert re.search(r"7700\D*900\D*123|00123", text) is None
