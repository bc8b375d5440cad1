"""``dlr prune``: whole messages before a date are removed, and nothing else changes."""

from __future__ import annotations

import datetime as dt
import fcntl
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.erasure.plan import unfinished
from dlr_analytics.erasure.prune import prune
from dlr_analytics.errors import DamagedFile, StoreError
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, quarantine
from dlr_analytics.store.journal import release
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.journal.writer import Entry, Writer
from dlr_analytics.store.receipts.seal import seal_all
from tests.erasure.worlds import BEFORE, OLD, STAY, YOUNG, files, line, one, sent, world
from tests.support.commands import run
from tests.support.data_directories import receive
from tests.support.journals import Disk
from tests.support.receivers import PATH, Running, stored

MORE = ("prune", "--before", str(BEFORE))
QUESTIONS = ("delivery_rate", "latency", "cost", "errors", "coverage")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world, made once."""
    return world(tmp_path_factory.mktemp("world") / "data")


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of the world."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def lower(ids: Counter[str]) -> Counter[str]:
    """Receipts by message."""
    found: Counter[str] = Counter()
    for name, times in ids.items():
        found[name.strip().lower()] += times
    return found


def answers(data: Path) -> list[list[tuple[object, ...]]]:
    """What is asked from the date on."""
    db = Database(Settings(data=data), PRESENTER)
    questions = [getattr(db, name)(by=["day"], since=str(BEFORE)).rows() for name in QUESTIONS]
    messages = "select * from messages where message_time >= ? order by message_id"
    return [*questions, db.sql(messages.replace("?", f"timestamp '{BEFORE}'")).rows()]


def assert_pruned(data: Path) -> None:
    """Nothing of the old messages is left, and everything of the others."""
    assert lower(stored(data)) == STAY
    assert sent(data) == ["young-0", "young-1", "young-2"]
    assert [entry.arrived_at for entry in quarantine.entries(data)] == [YOUNG]
    assert [f.name for f in layout.receipts(data).iterdir()] == ["received_date=2026-10-11"]
    staged = {path.name for path in layout.staging(data).iterdir()}
    assert all(name.startswith("dlr-spill-") for name in staged), staged


def test_without_yes_it_says_what_would_go_and_touches_nothing(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(data)
    done = run(capsys, *MORE, "--data", data)
    assert (done.code, done.err) == (1, "")
    expected = "8 messages, 9 receipts, 3 send records, 2 quarantine lines"
    assert done.out == f"would remove: {expected}\n"
    assert files(data) == before


def test_with_yes_whole_messages_are_removed_and_the_next_run_changes_no_file(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, *MORE, "--yes", "--data", data)
    assert (done.code, done.err) == (0, "")
    assert_pruned(data)
    before = files(data)
    assert run(capsys, *MORE, "--data", data).code == 0
    assert run(capsys, *MORE, "--yes", "--data", data).code == 0
    assert files(data) == before
    assert run(capsys, "verify", "--data", data).code == 0


@pytest.mark.thorough
@pytest.mark.parametrize("compacted", [False, True])
def test_what_is_asked_from_the_date_on_answers_as_before(
    data: Path, compacted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if compacted:
        assert run(capsys, "compact", "--data", data).code == 0
    before = answers(data)
    assert prune(Settings(data=data), BEFORE, yes=True).left == ()
    assert answers(data) == before
    assert run(capsys, "compact", "--data", data).code == 0
    assert answers(data) == before
    for path in layout.messages(data).rglob("*.parquet"):
        assert "first_seen=2026-10-1" in str(path), "an old message is cached"


def test_receipts_of_no_message_are_removed_by_their_arrival(tmp_path: Path) -> None:
    """Earlier releases stored inbound messages as receipts."""
    inbound = {"status": None, "channel": None, "raw": '{"text":"hi"}'}
    receive(tmp_path, [one("in", OLD, **inbound), one("in-2", YOUNG, **inbound), one("a", YOUNG)])
    counts = prune(Settings(data=tmp_path), BEFORE, yes=True).counts
    assert (counts.messages, counts.receipts) == (0, 1)
    assert stored(tmp_path) == Counter({"in-2": 1, "a": 1})


def test_files_of_other_programs_keep_their_columns_and_neighbours(data: Path) -> None:
    folder = layout.receipts(data) / "received_date=2026-10-11"
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select * replace (message_id as message_id), 'kept' as own from"
            f" (select unnest(['old-0', 'young-0']) as message_id, timestamp '{YOUNG}' as"
            f" received_at)) to '{folder}/theirs.parquet' (format parquet)"
        )
    assert prune(Settings(data=data), BEFORE, yes=True).left == ()
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert lower(stored(data)) == STAY + Counter({"young-0": 1})
    with duckdb.connect() as connection:
        names = f"read_parquet('{folder}/*.parquet', union_by_name = true)"
        rows = connection.execute(f"select message_id from {names} where own = 'kept'").fetchall()
    assert rows == [("young-0",)]


@pytest.mark.thorough
def test_a_damaged_file_stays_and_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (damaged,) = (layout.receipts(data) / "received_date=2026-10-01").glob("*.parquet")
    content = bytearray(damaged.read_bytes())
    content[30] ^= 1
    damaged.write_bytes(content)
    done = run(capsys, *MORE, "--yes", "--data", data)
    assert done.code == 1
    assert f"{damaged}: it has changed since it was written; restore it" in done.err
    assert damaged.read_bytes() == content
    assert "old-0" not in sent(data)
    damaged.unlink()
    assert "unfinished      dlr prune" in run(capsys, "status", "--data", data).out
    assert run(capsys, "compact", "--data", data).code == 0
    assert "unfinished      none" in run(capsys, "status", "--data", data).out


def test_a_truncated_file_is_one_clear_error_and_nothing_is_removed(data: Path) -> None:
    (damaged,) = (layout.receipts(data) / "received_date=2026-10-01").glob("*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:100])
    before = contents(data)
    with pytest.raises(DamagedFile, match=re.escape(str(damaged))):
        prune(Settings(data=data), BEFORE, yes=True)
    assert contents(data) == before


def contents(data: Path) -> dict[Path, bytes]:
    """All Parquet files."""
    return {path: path.read_bytes() for path in data.rglob("*.parquet")}


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("2999-01-01", "receipts come for 72 hours"),
        (str(dt.datetime.now(dt.UTC).date() - dt.timedelta(days=3)), "give "),
        ("October", "is no date"),
        ("2026-10-01T00:00", "is no date"),
        ("-1", "is no date"),
    ],
)
def test_another_date_is_refused_in_one_line(
    data: Path, before: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    state = files(data)
    done = run(capsys, "prune", f"--before={before}", "--yes", "--data", data)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert reason in done.err
    assert files(data) == state


def test_four_days_back_is_late_enough(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=4)
    assert run(capsys, "prune", f"--before={day}", "--yes", "--data", data).code == 0
    assert stored(data) == Counter()
    assert list(layout.receipts(data).iterdir()) == []


def check_failing(made: Path, folder: Path, calls: range) -> None:
    """A disk fails from each of these calls on; the next run ends as if it had not."""
    for call in calls:
        data = Path(shutil.copytree(made, folder / str(call)))
        failing = Disk(call, 10**6)
        try:
            left = prune(Settings(data=data), BEFORE, yes=True, calls=failing.calls).left
        except StoreError:
            left = ("nothing was begun",)
            assert layout.erasure_plans(data) or stored(data).total() == 9 + STAY.total()
        assert left
        assert all("\n" not in line for line in left)
        assert lower(stored(data)) >= STAY, call
        assert prune(Settings(data=data), BEFORE, yes=True).left == ()
        assert_pruned(data)
        shutil.rmtree(data)


@pytest.mark.thorough
def test_a_disk_that_fails_leaves_what_the_next_run_finishes(made: Path, tmp_path: Path) -> None:
    check_failing(made, tmp_path, range(3, 56, 16))


@pytest.mark.slow
def test_a_disk_that_fails_at_any_call_leaves_what_the_next_run_finishes(
    made: Path, tmp_path: Path
) -> None:
    check_failing(made, tmp_path, range(1, 57, 2))


@pytest.mark.thorough
def test_the_plan_of_an_earlier_run_is_joined_to_the_next(data: Path) -> None:
    """Whatever the next date is: the first one's messages may be gone by halves."""
    failing = Disk(8, 999)
    assert prune(Settings(data=data), BEFORE, yes=True, calls=failing.calls).left
    assert unfinished(data).before == BEFORE
    assert prune(Settings(data=data), dt.date(2020, 1, 1), yes=True).left == ()
    assert_pruned(data)


@pytest.mark.thorough
def test_a_running_receiver_lets_go_of_old_lines_and_of_late_receipts(
    data: Path, start: Callable[..., Running]
) -> None:
    """Held in files that would be sealed in an hour."""
    receiver = start(data=data, seal_seconds="3600")
    late = "messageId=old-2&msisdn=447700900001&to=Acme&status=delivered"
    assert receiver.ask(path=f"{PATH}?{late}").code == 200
    assert receiver.ask(path=f"{PATH}?x=1").code == 200
    began = stored(data)["old-2"]
    assert prune(Settings(data=data), BEFORE, yes=True).left == ()
    assert began == 2
    assert lower(stored(data)) == STAY
    assert receiver.stop()[0] == 0
    assert lower(stored(data)) == STAY


@pytest.mark.thorough
def test_a_journal_that_a_crash_left_after_sealing_brings_nothing_back(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "RELEASE_SECONDS", 0.3)
    (sealed,) = (layout.receipts(data) / "received_date=2026-10-01").glob("*.parquet")
    journal = layout.journal(data) / f"2026-10-01.{sealed.stem}.jsonl"
    journal.write_bytes(b"".join(encode(one(f"old-{n}", OLD)) for n in range(6)))
    held = journal.open("rb")
    fcntl.flock(held, fcntl.LOCK_EX)  # its sealer is still at work
    assert prune(Settings(data=data), BEFORE, yes=True).left
    held.close()
    assert seal_all(data) == []
    assert lower(stored(data)) == STAY
    assert prune(Settings(data=data), BEFORE, yes=True).left == ()
    assert_pruned(data)


def test_an_open_quarantine_file_without_old_lines_stays_open(data: Path) -> None:
    writer = Writer(data)
    writer.write([Entry(None, line(YOUNG))])
    assert prune(Settings(data=data), BEFORE, yes=True).left == ()
    writer.write([Entry(None, line(YOUNG))])
    writer.release()
    assert sum(1 for _ in quarantine.entries(data)) == 3


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name",
    [
        f"tmp_compact-{OLD.date()}.draft",
        f"tmp_erase-received_date={OLD.date()}-1.draft",
        "tmp_erase-sends.draft",
        f"tmp_{OLD.date()}.testtest-000999.jsonl.parquet",
    ],
)
def test_what_a_run_killed_while_duckdb_wrote_left_is_removed(
    data: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """DuckDB writes beside the name that a file gets, with ``tmp_`` before it."""
    left = layout.staging(data) / name
    left.write_bytes(b"PAR1 and receipts that are pruned")
    assert run(capsys, *MORE, "--yes", "--data", data).code == 0
    assert not left.exists()
