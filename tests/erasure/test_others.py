"""``dlr forget`` and what is not to be forgotten: figures of others, damaged files, the user's."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.erasure import proof
from dlr_analytics.erasure import run as run_module
from dlr_analytics.erasure.forget import forget
from dlr_analytics.erasure.numbers import read_numbers
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.scanning import scan_folder
from dlr_analytics.store.sends import Send, record_sends
from tests.erasure.planted import NUMBER, holding, write_quarantine
from tests.erasure.worlds import BEFORE, OLD, YOUNG, files, line, one
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.receivers import stored

QUESTIONS = ("delivery_rate", "latency", "cost", "errors")


def figures(data: Path) -> list[list[tuple[object, ...]]]:
    """All that is asked of the messages to others."""
    settings = Settings(data=data, client_ref_time=re.compile(r"-(?P<epoch>\d{10})$"))
    db = Database(settings, PRESENTER)
    others = f"msisdn <> '{NUMBER}'"
    found = [getattr(db, name)(by=["day", "network_code"], where=others) for name in QUESTIONS]
    messages = f"select * exclude (client_ref) from messages where {others} order by message_id"
    return [result.rows() for result in (*found, db.sql(messages))]


@pytest.mark.thorough
def test_the_figures_of_others_stand(tmp_path: Path) -> None:
    """With the number in their references, a send time behind it, and in all that came."""
    statuses = ("delivered", "failed", "accepted", "expired")
    for n in range(24):
        at = OLD + dt.timedelta(minutes=n)
        sent_at = int((at - dt.timedelta(seconds=5)).replace(tzinfo=dt.UTC).timestamp())
        fields = {
            "msisdn": NUMBER if n % 6 == 0 else f"4477009002{n:02}",
            "status": statuses[n % 4],
            "client_ref": f"+44 7700 900123-{sent_at}",
            "raw": json.dumps({"to": NUMBER, "price": "0.0333"}),
            "scts": at.replace(second=0),
        }
        receive(tmp_path, [one(f"m-{n}", at, **fields)])
    record_sends(
        tmp_path, [Send("m-1", OLD, client_ref=NUMBER), Send("m-2", OLD, client_ref="none")]
    )
    before = figures(tmp_path)
    assert forget(Settings(data=tmp_path), read_numbers([NUMBER]), yes=True).left == ()
    assert (holding(tmp_path), len(stored(tmp_path))) == ([], 20)
    assert figures(tmp_path) == before
    sources = {
        row[0]
        for row in Database(Settings(data=tmp_path), PRESENTER).sql(
            "select client_ref from messages"
        )
    }
    assert all(str(text).startswith(("+***-", "***")) for text in sources), sources


def test_a_damaged_file_stays_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receive(tmp_path, [one("a", OLD, msisdn=NUMBER)])
    receive(tmp_path, [one("b", YOUNG, msisdn=NUMBER)])
    (damaged,) = (layout.receipts(tmp_path) / layout.day_folder(OLD.date())).iterdir()
    content = bytearray(damaged.read_bytes())
    content[content.index(b"DLRSUM1") + 20] ^= 1
    damaged.write_bytes(content)
    for more in ((), ("--yes",)):
        done = run(capsys, "forget", NUMBER, *more, "--data", tmp_path)
        assert done.code == 1
        assert f"{damaged}: it has changed since it was written; restore it" in done.err
    assert damaged.read_bytes() == content
    assert stored(tmp_path) == Counter({"a": 1})


@pytest.mark.thorough
@pytest.mark.parametrize("command", [("forget", NUMBER), ("prune", f"--before={BEFORE}")])
def test_no_file_changes_under_its_name(
    tmp_path: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Receipts, send records, quarantine and the cache: written anew, or left as they are."""
    for at in (OLD, YOUNG):
        to_it = one(f"{at.day}-a", at, msisdn=NUMBER)
        receive(tmp_path, [to_it, one(f"{at.day}-b", at, client_ref=NUMBER), one("c", YOUNG)])
        record_sends(tmp_path, [Send(f"{at.day}-{name}", at) for name in "ab"])
        write_quarantine(tmp_path, [line(OLD, NUMBER), line(YOUNG, "{}")])
    assert run(capsys, "compact", "--data", tmp_path).code == 0
    folders = ("receipts", "sends", "quarantine", "messages")
    before = {
        path: path.read_bytes()
        for folder in folders
        for path in (tmp_path / folder).rglob("*.*")
        if path.is_file() and path != layout.cache_manifest(layout.messages(tmp_path))
    }
    assert run(capsys, *command, "--yes", "--data", tmp_path).code == 0
    for folder in folders:
        assert any(path.is_relative_to(tmp_path / folder) for path in before if not path.exists())
    left = {path: path.read_bytes() for path in before if path.exists()}
    assert left == {path: before[path] for path in left}


def test_all_is_read_without_yes_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no message, receipt or line would go."""
    receive(tmp_path, [one("a", OLD)])
    assert run(capsys, "forget", NUMBER, "--data", tmp_path).code == 0
    (tmp_path / "notes.txt").write_text("+44 7700 900123")
    state = files(tmp_path)
    done = run(capsys, "forget", NUMBER, "--data", tmp_path)
    assert (done.code, "found in 1 files" in done.out) == (1, True)
    assert files(tmp_path) == state


def test_a_folder_that_may_not_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user's: what is in it nobody can say; all else is removed."""
    receive(tmp_path, [one("a", OLD, msisdn=NUMBER), one("b", OLD)])
    private = layout.staging(tmp_path) / "incoming-x"

    def scan(folder: Path) -> list[os.DirEntry[str]]:
        if folder == private:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return scan_folder(folder)

    monkeypatch.setattr(proof, "scan_folder", scan)
    monkeypatch.setattr(run_module, "remove_leftovers", lambda *_: [])
    for more in ((), ("--yes",)):
        private.mkdir(parents=True, exist_ok=True)
        done = run(capsys, "forget", NUMBER, *more, "--data", tmp_path)
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert done.err.startswith(f"dlr: {private}: it cannot be read (")
    plans = [str(path.relative_to(tmp_path)) for path in layout.erasure_plans(tmp_path)]
    assert holding(tmp_path) == plans
    assert stored(tmp_path) == Counter({"b": 1})


def test_what_is_in_a_folder_that_may_be_listed_and_not_entered_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(tmp_path, [one("a", OLD, msisdn=NUMBER), one("b", OLD)])
    private = tmp_path / "theirs" / "notes.txt"
    private.parent.mkdir()
    private.write_text("+44 7700 900123")
    asked = Path.stat

    def refuse(self: Path, **how: Any) -> os.stat_result:
        if self == private:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return asked(self, **how)

    opened = Path.open

    def shut(self: Path, *arguments: Any, **how: Any) -> Any:
        if self == private:
            refuse(self)
        return opened(self, *arguments, **how)

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "open", shut)
    for more in ((), ("--yes",)):
        done = run(capsys, "forget", NUMBER, *more, "--data", tmp_path)
        assert (done.code, done.err.count("\n")) == (1, 1)
        assert done.err.startswith(f"dlr: {private}: it cannot be read (")
    monkeypatch.undo()
    assert stored(tmp_path) == Counter({"b": 1})


@pytest.mark.thorough
def test_a_receipt_that_comes_late_is_forgotten_with_the_same_file_of_requests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the requests nothing is kept in between."""
    data, requests = tmp_path / "data", tmp_path / "requests.txt"
    requests.write_text(f"+{NUMBER}\n", encoding="utf-8")
    for _ in range(2):
        receive(data, [one("a", YOUNG, msisdn=NUMBER), one("b", YOUNG)])
        done = run(capsys, "forget", "--file", requests, "--yes", "--data", data)
        assert (done.code, holding(data)) == (0, [])
    assert stored(data) == Counter({"b": 2})


@pytest.mark.parametrize(
    "wrong",
    [
        ("prune", "--yes"),
        ("forget", "--yes"),
        ("forget", "07700 900123", "--yes"),
        ("forget", NUMBER, "Acme", "--yes"),
        ("forget", "--file", "missing.txt", "--yes"),
        ("forget", NUMBER, "--all", "--yes"),
    ],
)
def test_wrong_usage_touches_nothing(
    tmp_path: Path, wrong: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    receive(tmp_path, [one("a", OLD, msisdn=NUMBER)])
    state = files(tmp_path)
    done = run(capsys, *wrong, "--data", tmp_path)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert files(tmp_path) == state
