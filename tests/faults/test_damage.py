"""Files that a crash, a disk or a person has damaged: reported, and nothing else is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from dlr_analytics.store.journal.writer import Writer
from tests.support.journals import entry
from tests.support.receivers import DLR, PATH, Running, stored

Start = Callable[..., Running]


def dlr(command: str, data: Path) -> tuple[int, str]:
    done = subprocess.run([*DLR, command, f"--data={data}"], capture_output=True, text=True)
    return done.returncode, done.stdout


def journal(data: Path, *message_ids: str) -> Path:
    """A journal that its writer has released."""
    before = set(layout.journal(data).iterdir())
    writer = Writer(data)
    writer.write([entry(message_id) for message_id in message_ids])
    writer.release()
    (path,) = set(layout.journal(data).iterdir()) - before
    return path


def damage(data: Path, sealed: Path) -> dict[Path, str]:
    """Every kind of damage, a file each; what ``dlr verify`` is to say of it."""
    torn = journal(data, "torn1", "torn2", "torn3")
    torn.write_bytes(torn.read_bytes()[:-20])
    flipped = journal(data, "flip1", "flip2", "flip3")
    lines = flipped.read_bytes().splitlines(keepends=True)
    middle = bytearray(lines[1])
    middle[middle.index(b"flip2")] ^= 0x01
    flipped.write_bytes(lines[0] + middle + lines[2])
    empty = journal(data, "x")
    empty.write_bytes(b"")
    foreign = layout.journal(data) / "notes.txt"
    foreign.write_text("do not touch")
    half = sealed.with_name("half.parquet")
    half.write_bytes(sealed.read_bytes()[: sealed.stat().st_size // 2])
    return {
        torn: "its last line is torn; it was never acknowledged",
        flipped: "line 2 is damaged",
        empty: "empty",
        foreign: "unknown file name",
        half: "",
    }


@pytest.mark.thorough
def test_verify_names_each_damaged_file_and_a_start_copes_and_loses_nothing_else(
    start: Start,
) -> None:
    first = start()
    assert first.ask("GET", f"{PATH}?messageId=sound").code == 200
    assert first.stop() == (0, "")
    data = first.data
    (sealed,) = layout.receipts(data).rglob("*.parquet")
    expected = damage(data, sealed)

    code, out = dlr("verify", data)
    said = {Path(name): fault for name, _, fault in (s.partition(": ") for s in out.splitlines())}
    assert code == 1
    assert said.keys() == expected.keys()
    assert all(fault in said[path] for path, fault in expected.items())

    second = start()
    assert second.ask("GET", f"{PATH}?messageId=new").code == 200
    code, complaints = second.stop()
    assert code == 0
    assert "notes.txt: unknown file name; ignored" in complaints
    assert "half.parquet: not a whole Parquet file" in complaints
    assert "line 2 is damaged, now in " in complaints
    assert [path.name for path in layout.journal(data).iterdir()] == ["notes.txt"]

    sealed.with_name("half.parquet").unlink()
    whole = ["sound", "new", "torn1", "torn2", "flip1", "flip3"]
    assert stored(data) == dict.fromkeys(whole, 1)
    code, out = dlr("quarantine", data)
    assert code == 1
    assert "a damaged line" in out
    assert "glip2" in out, "what is left of the line is in the quarantine"
