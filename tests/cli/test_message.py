"""``dlr message`` and ``dlr number``: all known events, in order of time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.privacy import Privacy, protect_number
from tests.support.commands import Done, run
from tests.support.data_directories import store
from tests.support.pipelines import after, receipt

Ask = Callable[..., Done]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store(tmp_path, receipt("A", "accepted", 1), receipt("A", "delivered", 9, sender="\u202eA\nB"))
    store(tmp_path, receipt("B", "failed", 60, err_code=3, msisdn="447700900002"))
    record_sends(tmp_path, [Send("A", after(0), "sends")])
    return tmp_path


@pytest.fixture
def ask(data: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return lambda *arguments: run(capsys, *arguments, "--data", data)


def test_events_of_a_message_are_in_order_of_time(ask: Ask) -> None:
    done = ask("message", "a")
    assert (done.code, done.err) == (0, "")
    heads = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert heads == [
        "2026-11-03 12:00:00  send",
        "2026-11-03 12:00:01  receipt",
        "2026-11-03 12:00:09  receipt",
        "2026-11-03 12:01:00  message",
    ]
    for told in ("status             delivered", "push_latency_s     9", "receipts           2"):
        assert told in done.out


def test_what_says_nothing_is_left_out_and_what_a_stranger_wrote_is_tamed(ask: Ask) -> None:
    done = ask("message", "A")
    assert "client_ref" not in done.out
    assert "\u202e" not in done.out
    assert "sender             �A B" in done.out


def test_an_unknown_message_is_named_on_stderr_and_no_error(ask: Ask) -> None:
    done = ask("message", "nope")
    assert (done.code, done.out) == (0, "")
    assert done.err == "dlr: nothing is known of message nope\n"


def test_a_number_has_all_its_messages_and_no_other(ask: Ask, data: Path) -> None:
    store(data, receipt("C", seconds=30))
    done = ask("number", "+44 7700 900001")
    assert done.out.count("message_id         A") == 4
    assert done.out.count("message_id         C") == 2
    assert "message_id         B" not in done.out


@pytest.mark.thorough
@pytest.mark.parametrize("stored", ["+44 7700 900009", "00447700900009", "447700900009"])
@pytest.mark.parametrize("asked", ["+447700900009", "0044 7700 900009", "447700900009"])
def test_a_number_is_found_however_it_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stored: str, asked: str
) -> None:
    store(tmp_path, receipt("A", msisdn=stored))
    assert "message_id         A" in run(capsys, "number", asked, "--data", tmp_path).out


@pytest.mark.parametrize("command", ["message", "number", "sql", "query cost --where"])
def test_what_is_no_text_is_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    store(tmp_path, receipt("A"))
    done = run(capsys, *command.split(), "\udcff", "--data", tmp_path)
    assert done.code == 2
    assert done.err.endswith("is not text in UTF-8; write it as text\n")


def test_an_unknown_number_is_named_on_stderr_and_no_error(ask: Ask) -> None:
    done = ask("number", "447700900999")
    assert (done.code, done.out) == (0, "")
    assert done.err == "dlr: nothing is known of number 447700900999\n"


def test_a_hashed_number_is_hashed_before_it_is_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLR_MSISDN", "hash")
    monkeypatch.setenv("DLR_MSISDN_KEY", "key")
    hashed = protect_number("447700900001", Privacy("hash", b"key"))
    store(tmp_path, receipt("A", msisdn=hashed))
    done = run(capsys, "number", "447700900001", "--data", tmp_path)
    assert (done.code, done.out.count(hashed)) == (0, 2)
    assert "447700900001" not in done.out


def test_on_an_empty_folder_there_is_a_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "message", "A", "--data", tmp_path)
    assert done.code == 0
    assert "no receipts in" in done.err
