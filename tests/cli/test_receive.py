"""``dlr receive``: start, stop and log."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.store import layout
from tests.support.receivers import DLR, PATH, Running, stored

Start = Callable[..., Running]


def failing(*arguments: str, cwd: Path, **variables: str) -> str:
    """The one line on stderr of a ``dlr receive`` that does not start."""
    done = subprocess.run(
        [*DLR, "receive", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **variables},
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def sealed(data: Path) -> list[Path]:
    return sorted(layout.receipts(data).rglob("*.parquet"))


def journals(data: Path) -> list[Path]:
    return sorted(layout.journal(data).iterdir())


def accepts(receiver: Running) -> bool:
    try:
        receiver.connect().close()
    except ConnectionRefusedError:
        return False
    return True


def wait_for(condition: Callable[[], object]) -> None:
    """Wait for a condition, at most 20 s."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_says_its_address_on_one_line_and_then_accepts_requests(start: Start) -> None:
    receiver = start()
    assert receiver.announced == f"receiving {PATH} on {receiver.url.geturl()}\n"
    assert receiver.ask(path="/healthz").code == 200
    receiver.process.send_signal(signal.SIGTERM)
    rest, complaints = receiver.process.communicate(timeout=30)
    assert (rest, complaints) == ("", "")


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_seals_and_exits_0(start: Start, number: signal.Signals) -> None:
    receiver = start()
    assert receiver.ask("GET", f"{PATH}?messageId=1").code == 200
    assert receiver.stop(number) == (0, "")
    assert journals(receiver.data) == []
    assert len(sealed(receiver.data)) == 1
    assert stored(receiver.data) == {"1": 1}


def test_where_sealing_fails_the_journal_stays_and_one_line_says_so(start: Start) -> None:
    receiver = start()
    assert receiver.ask("GET", f"{PATH}?messageId=1").code == 200
    day = layout.JournalName.parse(journals(receiver.data)[0].name).day  # type: ignore[union-attr]
    (layout.receipts(receiver.data) / layout.day_folder(day)).touch()
    code, complaints = receiver.stop()
    assert code == 0
    assert complaints.count("\n") == 1
    assert "not sealed, stays as it is" in complaints
    assert len(journals(receiver.data)) == 1
    assert stored(receiver.data) == {"1": 1}


def test_a_request_in_hand_is_answered_before_it_stops(start: Start) -> None:
    receiver = start()
    body = b"messageId=inhand&status=delivered"
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    with receiver.connect() as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        receiver.process.send_signal(signal.SIGTERM)
        wait_for(lambda: not accepts(receiver))
        connection.sendall(body)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Connection: close\r\n" in answer
    assert receiver.process.wait(30) == 0
    assert stored(receiver.data) == {"inhand": 1}


def test_journals_are_sealed_after_a_fraction_of_a_second_if_so_set(start: Start) -> None:
    receiver = start(seal_seconds="0.2")
    assert receiver.ask("GET", f"{PATH}?messageId=1").code == 200
    wait_for(lambda: sealed(receiver.data) and not journals(receiver.data))
    assert stored(receiver.data) == {"1": 1}


@pytest.mark.thorough
def test_journals_are_sealed_when_they_are_large_enough(start: Start) -> None:
    receiver = start(seal_seconds="3600", seal_bytes="1kB")
    for number in range(5):
        assert receiver.ask("GET", f"{PATH}?messageId={number}").code == 200
    wait_for(lambda: sealed(receiver.data))
    assert stored(receiver.data) == {str(number): 1 for number in range(5)}


def test_after_kill_9_the_next_start_seals_what_was_acknowledged(start: Start) -> None:
    first = start()
    assert first.ask("GET", f"{PATH}?messageId=1").code == 200
    first.process.kill()
    first.process.wait()
    assert stored(first.data) == {"1": 1}
    second = start(seal_seconds="3600")
    wait_for(lambda: sealed(second.data) and not journals(second.data))
    assert second.ask("GET", f"{PATH}?messageId=2").code == 200
    assert second.stop() == (0, "")
    assert stored(second.data) == {"1": 1, "2": 1}


@pytest.mark.thorough
def test_two_receivers_share_a_data_directory_and_touch_no_journal_of_the_other(
    start: Start,
) -> None:
    first = start(seal_seconds="3600")
    assert first.ask("GET", f"{PATH}?messageId=1").code == 200
    second = start(seal_seconds="0.2")
    assert second.ask("GET", f"{PATH}?messageId=2").code == 200
    wait_for(lambda: sealed(second.data) and len(journals(second.data)) == 1)
    assert first.ask("GET", f"{PATH}?messageId=3").code == 200
    assert second.stop() == first.stop() == (0, "")
    assert stored(first.data) == {"1": 1, "2": 1, "3": 1}


@pytest.mark.thorough
def test_faults_of_the_data_directory_are_logged_at_the_start_and_stop_nothing(
    start: Start,
) -> None:
    first = start()
    assert first.ask("GET", f"{PATH}?messageId=1").code == 200
    first.stop()
    (layout.journal(first.data) / "notes.txt").touch()
    (file,) = sealed(first.data)
    (file.parent / "half.parquet").write_bytes(file.read_bytes()[:999])
    second = start()
    assert second.ask("GET", f"{PATH}?messageId=2").code == 200
    code, complaints = second.stop()
    assert (code, complaints.count("\n")) == (0, 2)
    assert "notes.txt: unknown file name; ignored" in complaints
    assert "half.parquet: not a whole Parquet file" in complaints


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = failing("--data", "data", "--port", port, cwd=tmp_path)
    assert line == f"dlr: 127.0.0.1:{port} is in use; choose another --port\n"
    assert list(tmp_path.iterdir()) == []


def test_an_admin_port_in_use_is_one_line_that_names_the_way_without(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = failing("--data=data", "--port=0", f"--admin-port={port}", cwd=tmp_path)
    assert line == (
        f"dlr: 127.0.0.1:{port} is in use;"
        " choose another --admin-port, or none with --admin-port 0\n"
    )


def test_an_address_that_is_not_ours_is_one_line_and_exit_2(tmp_path: Path) -> None:
    line = failing("--data", "data", "--host", "192.0.2.1", "--port", "0", cwd=tmp_path)
    assert line.startswith("dlr: cannot listen on 192.0.2.1:0: ")
    assert line.endswith("; check --host and --port\n")


def test_a_data_directory_that_cannot_be_written_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = failing("--data", "file/data", "--port", "0", cwd=tmp_path)
    assert line.startswith("dlr: ")
    assert "file/data: Not a directory" in line


def test_an_empty_secret_is_one_line_and_exit_2(tmp_path: Path) -> None:
    line = failing("--port", "0", cwd=tmp_path, DLR_SIGNATURE_SECRET="")
    assert "DLR_SIGNATURE_SECRET" in line


def test_a_variable_that_names_no_setting_is_named_and_ignored(start: Start) -> None:
    receiver = start(prot="80")
    assert receiver.ask(path="/healthz").code == 200
    assert receiver.stop() == (0, "dlr: DLR_PROT is not a setting and is ignored\n")


def test_it_runs_without_duckdb_pyarrow_pandas_plotly_and_numpy(tmp_path: Path) -> None:
    code = (
        "import asyncio, json, sys\n"
        "from dlr_analytics.cli.main import main\n"
        "import atexit\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules))))\n"
        "main(['receive', '--data', 'data', '--port', '0', '--admin-port', '0'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    modules = {name.partition(".")[0] for name in json.loads(process.communicate(timeout=30)[0])}
    assert "tornado" in modules
    assert modules.isdisjoint({"duckdb", "pyarrow", "pandas", "plotly", "numpy", "jinja2"})


@pytest.mark.thorough
@pytest.mark.parametrize("given", ["", "3", "24:00", "03:60", "3 o'clock", "03:00+01:00"])
def test_a_time_of_day_that_cannot_be_read_is_one_line_and_exit_2(
    tmp_path: Path, given: str
) -> None:
    expected = f"{given!r} cannot be used; give a time of day like 03:00 (UTC)\n"
    assert failing(f"--compact-at={given}", cwd=tmp_path) == f"dlr: --compact-at: {expected}"
    line = failing(cwd=tmp_path, DLR_COMPACT_AT=given)
    assert line == f"dlr: DLR_COMPACT_AT: {expected}"


def test_a_time_of_day_may_stand_in_dlr_toml_as_a_time(tmp_path: Path) -> None:
    from dlr_analytics.settings import load_settings

    (tmp_path / "dlr.toml").write_text("compact_at = 03:00:00\n")
    assert str(load_settings({}, {}, tmp_path).compact_at) == "03:00:00"
    (tmp_path / "dlr.toml").write_text('compact_at = "3"\n')
    assert "compact_at in dlr.toml: '3' cannot be used" in failing(cwd=tmp_path)
