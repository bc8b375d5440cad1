"""``dlr compact`` reports the days it merged and those it could not."""

from __future__ import annotations

import datetime as dt
import os
import pty
import shutil
import subprocess
import termios
from pathlib import Path

import pytest

from dlr_analytics.analysis.cache.writer import current_state
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.locks import exclusive_lock
from tests.support.cache import refresh_cache
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.pipelines import receipt
from tests.support.receivers import DLR, stored

SAMPLE = Path(__file__).parents[2] / "tests" / "data" / "sample"

DAYS = 5


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The last days of the sample."""
    days = sorted((SAMPLE / "receipts").iterdir())[-DAYS:]
    for folder in days:
        shutil.copytree(folder, tmp_path / "data" / "receipts" / folder.name)
    return tmp_path / "data"


@pytest.mark.thorough
def test_each_closed_day_becomes_one_file_and_answers_stay(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, rate = (
        stored(data),
        run(capsys, "query", "delivery-rate", "--by", "day", "--data", data),
    )
    done = run(capsys, "compact", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"messages of {DAYS} days cached; {DAYS} days are closed\n")
    assert stored(data) == before
    assert run(capsys, "query", "delivery-rate", "--by", "day", "--data", data).out == rate.out
    again = run(capsys, "compact", "--data", data)
    assert again.out == (
        f"0 files of 0 days merged, messages of 0 days cached; {DAYS} days are closed\n"
    )


@pytest.mark.thorough
def test_open_day_caches_the_messages_of_todays_sealed_files_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that came since the day was cached is cached before a closed day is merged."""
    data, now = tmp_path / "data", dt.datetime.now(dt.UTC).replace(tzinfo=None)
    closed = now - dt.timedelta(days=2)
    for received_at in (now, closed, now, closed):
        receive(data, [receipt(received_at.isoformat(), received_at=received_at)])
        if received_at == closed:
            assert refresh_cache(data, now.date()) == 1
    assert run(capsys, "compact", "--open-day", "--data", data).code == 0
    state = current_state(Settings(data=data))
    assert (state.new_files(), state.changed, state.merged) == ([], frozenset(), frozenset())
    assert {day: len(files) for day, files in state.valid.items()}[closed.date()] == 1
    assert state.valid.keys() == {closed.date(), now.date()}
    again = run(capsys, "compact", "--open-day", "--data", data)
    assert again.out.startswith("0 files of 0 days merged, messages of 0 days cached; ")


@pytest.mark.thorough
def test_a_damaged_file_is_named_and_the_exit_status_is_1(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = next((data / "receipts" / "received_date=2026-11-21").iterdir())
    file.write_bytes(file.read_bytes()[:100])
    done = run(capsys, "compact", "--data", data)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "received_date=2026-11-21: not compacted" in done.err


def test_a_folder_that_does_not_exist_is_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "compact", "--data", tmp_path / "nope")
    assert (done.code, done.out) == (2, "")


@pytest.mark.thorough
def test_a_second_one_says_that_it_waits_and_then_finds_nothing_to_do(data: Path) -> None:
    """Hold the lock of a first run until the second has reported it."""
    with exclusive_lock(layout.compact_lock(data)):
        second = subprocess.Popen(
            [*DLR, "compact", f"--data={data}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.stderr is not None
        said = second.stderr.readline()
        first_day = data / "receipts" / "received_date=2026-11-19"
        assert [path.name.startswith("z-") for path in first_day.iterdir()] == [False]
    out, more = second.communicate(timeout=60)
    assert said == f"dlr: another dlr compact is running in {data}: waiting for it\n"
    assert (second.returncode, more) == (0, "")
    assert out.endswith(f"{DAYS} days are closed\n")


@pytest.mark.thorough
def test_progress_is_shown_on_a_terminal(data: Path) -> None:
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    command = [*DLR, "compact", f"--data={data}"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.close(terminal)
    shown = b"".join(iter(lambda: piece(screen), b""))
    os.close(screen)
    assert running.communicate()[0].endswith(f"{DAYS} days are closed\n")
    assert running.returncode == 0
    assert f" 0/{DAYS}".encode() in shown


def piece(screen: int) -> bytes:
    """What a terminal was sent; at the end Linux says that there is an error, others nothing."""
    try:
        return os.read(screen, 4096)
    except OSError:
        return b""
