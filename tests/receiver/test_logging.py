"""Log lines: short or JSON, and in neither a number, a reference, a secret or a token."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from dlr_analytics.receiver import logging as logs
from dlr_analytics.receiver.subprocesses import _log_findings
from tests.support.receivers import PATH, Running

Start = Callable[..., Running]

STARTED = "from dlr_analytics.receiver import logging as logs; logs.configure_logging({!r})"
NUMBER = "447700900123"
REFERENCE = "order-of-j.doe@example.com"
SECRET = "s3cret-of-ours"
TOKEN = "t0ken-in-the-path"
ABOUT_SOMEBODY = (
    f"msisdn={NUMBER}&client-ref={REFERENCE}&messageId=0A0000001234ABCD&status=delivered"
)


def record(
    name: str, message: str, *arguments: object, error: Exception | None = None
) -> logging.LogRecord:
    caught = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, arguments, caught)


def test_a_json_line_says_when_how_bad_where_and_what() -> None:
    line = record("dlr_analytics.receiver.supervisor", "worker %d ended", 7)
    line.created = 1795507200.5
    text = json.loads(logs.JsonFormatter().format(line))
    assert text.pop("pid") > 0
    assert text == {
        "time": "2026-11-24T08:00:00.500Z",
        "level": "error",
        "part": "receiver.supervisor",
        "message": "worker 7 ended",
    }


def test_by_default_a_line_is_short() -> None:
    assert logs.TextFormatter().format(record("dlr_analytics.x", "worker %d\nended", 7)) == (
        "dlr: worker 7 ended"
    )


@pytest.mark.parametrize("form", [logs.TextFormatter(), logs.JsonFormatter()])
def test_texts_of_libraries_and_errors_are_left_out(form: logging.Formatter) -> None:
    try:
        int(NUMBER + "x")
    except ValueError as error:
        ours = form.format(record("dlr_analytics.x", "it broke", error=error))
        theirs = form.format(record("asyncio", f"in callback f({NUMBER})", error=error))
    text = form.format(record("asyncio", f"never retrieved\nfuture: <{NUMBER}>"))
    bound = form.format(record("tornado.general", "Malformed message: %s", NUMBER))
    assert NUMBER not in ours + theirs + text + bound
    assert "it broke: ValueError in " in ours
    assert "asyncio: ValueError in " in theirs
    assert "asyncio: never retrieved" in text
    assert "tornado.general: Malformed message: %s" in bound


@pytest.mark.parametrize("form", [logs.TextFormatter(), logs.JsonFormatter()])
def test_a_warning_is_logged_by_place_and_category(form: logging.Formatter) -> None:
    text = warnings.formatwarning(NUMBER, DeprecationWarning, "/x/y.py", 7, f"f({NUMBER})")
    line = form.format(record("py.warnings", "%s", text))
    assert "py.warnings: /x/y.py:7: DeprecationWarning" in line
    assert NUMBER not in line


def test_an_unexpected_error_while_storing_is_logged_by_its_type(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from dlr_analytics.receiver.commit import GroupCommit
    from dlr_analytics.store.journal.writer import Entry

    class Broken:
        def write(self, entries: list[Entry]) -> None:
            raise ValueError(NUMBER)

    async def scene() -> str:
        with ThreadPoolExecutor(1) as thread:
            commit = GroupCommit(Broken(), thread)  # type: ignore[arg-type]
            with pytest.raises(ValueError, match=NUMBER):
                await commit.add(Entry(None, b"{}\n"))
            return commit.last_error

    error = asyncio.run(scene())
    assert error.startswith("ValueError in ")
    assert NUMBER not in error + caplog.text
    assert "cannot store, answering 503 until it works again: ValueError" in caplog.text


def test_only_the_findings_of_a_child_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _log_findings("sealing", "dlr: line 2 is damaged\nsomething else\n", 1, ("seal",))
    _log_findings("sealing", f"Traceback:\nValueError: {NUMBER}\n", 1, ("seal", "the data"))
    assert [entry.getMessage() for entry in caplog.records] == [
        "line 2 is damaged",
        "sealing ended with 1; to see why, run: seal 'the data'",
    ]


def test_a_duckdb_error_that_quotes_a_value_is_logged_by_its_type(tmp_path: Path) -> None:
    import duckdb

    from dlr_analytics.store.connection import error_reason

    with pytest.raises(duckdb.ConversionException, match=NUMBER) as quoting:
        duckdb.execute(f"select '{NUMBER}x'::int").fetchall()
    with pytest.raises(duckdb.IOException) as on_disk:
        duckdb.execute(f"from read_parquet('{tmp_path}/none.parquet')").fetchall()
    assert error_reason(quoting.value) == "ConversionException"
    assert "none.parquet" in error_reason(on_disk.value)


def provoke(receiver: Running) -> list[int]:
    """Send every kind of request that could be logged; return the codes of the answers."""
    path = f"{PATH}/{TOKEN}"
    answers = [
        receiver.ask("GET", f"{path}?{ABOUT_SOMEBODY}&sig=wrong{SECRET}"),
        receiver.ask("GET", f"{path}?{ABOUT_SOMEBODY}"),
        receiver.ask("POST", f"{path}x", ABOUT_SOMEBODY),
        receiver.ask("PUT", path, ABOUT_SOMEBODY),
        receiver.ask("POST", path, f'{{"msisdn": "{NUMBER}", "client-ref": "{REFERENCE}'),
        receiver.ask("POST", path, f'{{"msisdn": "{NUMBER}"}}', {"Authorization": SECRET}),
    ]
    receiver.send(f"GET {path}?{ABOUT_SOMEBODY} HTTP/1.1\r\n{NUMBER}\r\n\r\n".encode())
    return [answer.code for answer in answers]


def is_json(line: str) -> bool:
    return set(json.loads(line)) == {"time", "level", "part", "pid", "message"}


def is_short(line: str) -> bool:
    return re.fullmatch(r"dlr: [^{}]+", line) is not None


@pytest.mark.thorough
@pytest.mark.parametrize(("how", "looks_right"), [("json", is_json), ("lines", is_short)])
def test_no_log_line_quotes_requests_or_secrets(
    start: Start, how: str, looks_right: Callable[[str], bool]
) -> None:
    signed = {"signature_secret": SECRET, "url_token": TOKEN}
    strict = start(log=how, prot=TOKEN, **signed)
    open_to_all = start("--workers=2", data=strict.data.with_name("other"), log=how)
    lines: list[str] = []
    assert provoke(strict) == [401, 503, 404, 405, 503, 503]
    shutil.rmtree(open_to_all.data)
    open_to_all.data.write_text("no folder")
    assert open_to_all.ask("GET", f"{PATH}?{ABOUT_SOMEBODY}").code == 503
    os.kill(open_to_all.children()[0], signal.SIGKILL)
    assert open_to_all.process.stderr is not None
    while "another is started" not in (line := open_to_all.process.stderr.readline()):
        lines.append(line)
    lines += [line, *strict.stop()[1].splitlines()]
    lines += open_to_all.stop(signal.SIGINT)[1].splitlines()
    text = "\n".join(lines)
    assert "DLR_PROT is not a setting and is ignored" in text
    assert "cannot store, answering 503 until it works again" in text
    assert "ended with -9; another is started" in text
    assert [line for line in lines if not looks_right(line)] == []
    for private in (NUMBER, REFERENCE, "doe", SECRET, TOKEN, "0A0000001234ABCD"):
        assert private not in text


@pytest.mark.thorough
@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_log_line_of_any_level_quotes_requests_or_secrets(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    """asyncio in debug mode, each logger at its lowest level, every warning of Python's shown."""
    (tmp_path / "sitecustomize.py").write_text("import logging; logging.getLogger().setLevel(1)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    signed = {"signature_secret": SECRET, "url_token": TOKEN}
    receiver = start(f"--workers={workers}", log="json", **signed)
    assert provoke(receiver) == [401, 503, 404, 405, 503, 503]
    with receiver.connect() as connection:
        connection.sendall(f"POST {PATH}/{TOKEN}?{ABOUT_SOMEBODY} HTTP/1.1\r\n{NUMBER}".encode())
    code, text = receiver.stop()
    assert code == 0
    assert "tornado.general: Malformed HTTP message from %s: %s" in text
    assert '"level": "debug", "part": "asyncio"' in text
    assert [line for line in text.splitlines() if not is_json(line)] == []
    for private in (NUMBER, REFERENCE, "doe", SECRET, TOKEN, "0A0000001234ABCD"):
        assert private not in text


LAST_WORDS = {
    "the process": "int(NUMBER)",
    "a thread": "import threading; threading.Thread(target=int, args=(NUMBER,)).start()",
    "an unraisable error": "class X:\n __del__ = lambda _: int(NUMBER)\nX()",
    "a warning": "import warnings; warnings.warn(NUMBER)",
}


@pytest.mark.parametrize("breaking", LAST_WORDS.values(), ids=list(LAST_WORDS))
@pytest.mark.parametrize(("how", "looks_right"), [("json", is_json), ("lines", is_short)])
def test_messages_of_python_are_one_line_without_the_error_text(
    how: str, looks_right: Callable[[str], bool], breaking: str
) -> None:
    before = f"{STARTED.format(how)}; NUMBER = '{NUMBER}x'\n"
    ended = subprocess.run(
        [sys.executable, "-c", before + breaking], capture_output=True, text=True
    )
    (line,) = ended.stderr.splitlines()
    assert looks_right(line)
    assert "ValueError" in line or "UserWarning" in line
    assert NUMBER not in line


@pytest.mark.parametrize(("how", "looks_right"), [("json", is_json), ("lines", is_short)])
def test_a_fatal_error_is_one_line_without_its_text(
    how: str, looks_right: Callable[[str], bool]
) -> None:
    breaking = f"{STARTED.format(how)}; int('{NUMBER}x')"
    ended = subprocess.run([sys.executable, "-c", breaking], capture_output=True, text=True)
    (line,) = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert looks_right(line)
    assert "ended by ValueError in " in line
    assert NUMBER not in line
