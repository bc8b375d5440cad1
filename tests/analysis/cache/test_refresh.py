"""Cached messages are the same as those derived from all receipts, whatever arrived when."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import json
import os
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlr_analytics.analysis.cache import fingerprint, manifest, refresh, snapshot, writer
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.messages import pipeline
from dlr_analytics.notebook.presenter import PRESENTER
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout, spill
from dlr_analytics.store.receipts.compact import closed_days, compact
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.receipt import Receipt
from tests.support.cache import (
    EVER,
    cache_state,
    cached_rows,
    open_receipts,
    refresh_cache,
    rows_from_receipts,
    snapshot_rows,
)
from tests.support.data_directories import receive
from tests.support.histories import ARRIVALS, IDS, History, histories
from tests.support.journals import Disk
from tests.support.pipelines import NOON, after, receipt

TOMORROW = NOON.date() + dt.timedelta(days=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three messages over three days, one of them with receipts of two."""
    folder = tmp_path / "data"
    receive(folder, [receipt("a"), receipt("b", "accepted"), receipt("b", seconds=90_000)])
    receive(folder, [receipt("c", seconds=180_000)])
    return folder


def batches(data: Path) -> dict[str, str]:
    """The name of each day's file of cached messages."""
    found = layout.messages(data).rglob("*.parquet")
    return {path.parent.name.removeprefix("first_seen="): path.stem for path in found}


def test_the_cache_gives_the_same_rows_as_the_receipts(data: Path) -> None:
    before = snapshot_rows(data)
    assert refresh_cache(data) == 3
    assert snapshot_rows(data) == rows_from_receipts(data) == before
    assert len(cached_rows(data)) == 3
    assert refresh_cache(data) == 0


def test_a_refreshed_cache_is_valid_and_complete(data: Path) -> None:
    refresh_cache(data)
    state = writer.current_state(Settings(data=data))
    assert (state.new_files(), state.changed) == ([], frozenset())
    assert state.stale_days(dt.date.max) == set()


@pytest.mark.thorough
def test_only_closed_days_are_cached(data: Path) -> None:
    assert refresh_cache(data, TOMORROW) == 1
    assert {row["message_key"] for row in cached_rows(data)} == {"a", "b"}
    assert snapshot_rows(data) == rows_from_receipts(data)


@pytest.mark.thorough
def test_a_late_receipt_makes_only_the_day_of_its_message_be_written_again(data: Path) -> None:
    refresh_cache(data)
    before = batches(data)
    receive(data, [receipt("a", "failed", seconds=400_000)])
    assert snapshot_rows(data) == rows_from_receipts(data)
    assert refresh_cache(data) == 1
    changed = {day for day, name in batches(data).items() if before.get(day) != name}
    assert changed == {str(NOON.date())}
    assert snapshot_rows(data) == rows_from_receipts(data)


def test_a_receipt_that_is_not_sealed_counts_at_once(data: Path) -> None:
    refresh_cache(data)
    receive(data, [receipt("a", "failed", seconds=5)], seal=False)
    assert snapshot_rows(data) == rows_from_receipts(data)


@pytest.mark.thorough
def test_removed_receipts_are_in_no_row(data: Path) -> None:
    refresh_cache(data)
    day = layout.receipts(data) / layout.day_folder(after(90_000).date())
    shutil.rmtree(day)
    assert snapshot_rows(data) == rows_from_receipts(data)
    refresh_cache(data)
    assert snapshot_rows(data) == rows_from_receipts(data)
    (removed,) = (row for row in cached_rows(data) if row["message_key"] == "b")
    assert removed["last_seen_at"].date() != after(90_000).date()


def test_a_cache_with_another_fingerprint_is_not_used(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_cache(data)
    monkeypatch.setattr(fingerprint, "_definitions", lambda: "of a later release")
    assert cache_state(data) == manifest.Manifest()
    assert refresh_cache(data) == 3
    assert len(cached_rows(data)) == 3


@pytest.mark.thorough
def test_a_manifest_that_cannot_be_read_is_an_empty_cache(data: Path) -> None:
    refresh_cache(data)
    listed = layout.cache_manifest(layout.messages(data))
    whole = json.loads(listed.read_bytes())
    cut = [json.dumps({**whole, "days": {"2026-11-01": {}}}), json.dumps({**whole, "received": 1})]
    for text in ("[1]", "{", *cut):
        listed.write_text(text, encoding="utf-8")
        assert cache_state(data) == manifest.Manifest()
        assert snapshot_rows(data) == rows_from_receipts(data)


@pytest.mark.thorough
def test_a_day_with_receipts_of_another_day_is_not_cached(data: Path) -> None:
    file = next((layout.receipts(data) / layout.day_folder(NOON.date())).iterdir())
    wrong = layout.receipts(data) / layout.day_folder(NOON.date() - dt.timedelta(days=9))
    wrong.mkdir()
    file.rename(wrong / file.name)
    assert refresh_cache(data) == 3
    assert layout.parse_day_folder(wrong.name) not in cache_state(data).received
    assert snapshot_rows(data) == rows_from_receipts(data)


@pytest.mark.thorough
def test_as_of_an_earlier_moment_no_file_of_a_later_day_is_read(data: Path) -> None:
    refresh_cache(data)
    right = snapshot_rows(data, NOON)
    for seconds in (90_000, 180_000):
        (later,) = (layout.receipts(data) / layout.day_folder(after(seconds).date())).iterdir()
        before = later.stat()
        later.write_bytes(bytes(before.st_size))
        os.utime(later, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert snapshot_rows(data, NOON) == right


REPEATED = [
    receipt("a", "accepted", seconds=0),
    receipt("a", seconds=10),
    receipt("a", seconds=10, received_at=after(days=3)),
]
"""Three receipts of one message, the last of which repeats the second days later."""

BEFORE = receipt("a", seconds=10, received_at=after(days=-1))
"""One that came before what it repeats, since its message_timestamp is a day after its arrival."""


@pytest.mark.thorough
@pytest.mark.parametrize("came", [REPEATED, [*REPEATED, BEFORE], [BEFORE, REPEATED[1]]])
def test_a_repeat_that_arrived_on_another_day_is_listed_and_counted(
    tmp_path: Path, came: list[Receipt]
) -> None:
    data = tmp_path / "data"
    receive(data, came)
    moments = [None, after(days=-1), after(60), after(days=2), after(days=3)]
    right = [snapshot_rows(data, moment) for moment in moments]
    refresh_cache(data)
    assert [snapshot_rows(data, moment) for moment in moments] == right
    assert len(history_of(data, "a")) == len(came) + 1
    receive(data, [receipt("a", "buffered", seconds=20, received_at=after(days=5))])
    assert snapshot_rows(data) == rows_from_receipts(data)
    assert history_of(data, "a") == history_from_receipts(data, "a")


@pytest.mark.thorough
def test_as_of_an_earlier_moment_a_file_in_the_folder_of_a_later_day_counts(data: Path) -> None:
    (file,) = (layout.receipts(data) / layout.day_folder(NOON.date())).iterdir()
    right = snapshot_rows(data, after(60))
    later = layout.receipts(data) / layout.day_folder(NOON.date() + dt.timedelta(days=9))
    later.mkdir()
    file.rename(later / file.name)
    refresh_cache(data)
    assert snapshot_rows(data, after(60)) == right


@pytest.mark.thorough
def test_messages_derived_in_batches_are_the_same(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(data, LOCAL)
    right = snapshot_rows(data)
    monkeypatch.setattr(pipeline, "RECEIPTS_PER_BATCH", 10)
    refresh_cache(data)
    assert snapshot_rows(data) == right
    assert len(cached_rows(data)) == len(LOCAL) + 3


@pytest.mark.thorough
def test_many_small_files_are_read_once_and_give_the_same_rows(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_cache(data, TOMORROW)
    right, files = snapshot_rows(data), snapshot.take(Settings(data=data)).files
    monkeypatch.setattr(snapshot, "MANY_FILES", 0)
    taken = snapshot.take(Settings(data=data))
    assert set(taken.files) < set(files)
    assert snapshot_rows(data) == right == rows_from_receipts(data)
    assert taken.connection.sql("select count(*) from receipts").fetchall() == [(4,)]


@pytest.mark.thorough
def test_an_answer_as_of_an_earlier_moment_is_what_was_known_then(data: Path) -> None:
    refresh_cache(data)
    for hours in (-1, 0, 1, 24, 25, 26, 60):
        moment = after(hours * 3600)
        assert snapshot_rows(data, moment) == rows_from_receipts(data, moment), moment


@pytest.mark.thorough
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("whole", [True, False], ids=["exchange", "two renames"])
def test_a_failure_of_any_system_call_leaves_the_rows_as_they_are(
    data: Path, tmp_path: Path, whole: bool, step: int
) -> None:
    """Let the nth call fail, for each or every fifth n, query, then refresh again."""
    refresh_cache(data, TOMORROW)
    receive(data, [receipt("a", "failed", seconds=100_000)])
    right = snapshot_rows(data)
    number, finished = 0, False
    while not finished:
        number += step
        copy = shutil.copytree(data, tmp_path / f"copy-{number}")
        disk = Disk(number, number)
        calls = disk.calls if whole else dataclasses.replace(disk.calls, exchange=cannot_exchange)
        asked = Settings(data=copy)
        lots = refresh.plan_batches(asked, closed_days(copy, EVER))
        (done,) = refresh.cache_batches(asked, lots, calls)
        assert bool(done.finding) == (disk.made >= number)
        assert snapshot_rows(copy) == right
        refresh_cache(copy)
        assert (len(cached_rows(copy)), refresh_cache(copy)) == (3, 0)
        # The folder that this process spills into stays until it ends.
        left = list(layout.staging(copy).iterdir())
        assert [path for path in left if not path.name.startswith(spill.PREFIX)] == []
        assert [path for path in layout.staging(copy).rglob("*") if path.is_file()] == []
        finished = disk.made < number
    assert number > 10


def cannot_exchange(one: Path, other: Path) -> None:
    raise OSError(errno.EINVAL, "this disk cannot")


LOCAL = [
    receipt(f"local {i}", network_code="23410", seconds=600 * i, scts=after(600 * i, minutes=59))
    for i in range(-60, 60)
]
"""Enough receipts of one network to learn that its scts is an hour ahead."""


def live(data: Path, history: History, chance: random.Random) -> None:
    """Store a history in any order; compact, refresh and query in between."""
    again = chance.choices(history.receipts, k=50) if history.receipts else []
    repeats = [dataclasses.replace(each, received_at=chance.choice(ARRIVALS)) for each in again]
    receipts: Sequence[Receipt] = [*LOCAL, *history.receipts, *repeats]
    receipts = chance.sample(receipts, len(receipts))
    sends = chance.sample(history.sends, len(history.sends))
    while receipts or sends:
        some = chance.randint(40, 160)
        receive(data, receipts[:some], seal=chance.random() < 0.8)
        record_sends(data, sends[:some])
        receipts, sends = receipts[some:], sends[some:]
        today = NOON.date() + dt.timedelta(days=chance.randint(0, 5))
        hourly = chance.random() < 0.5
        if hourly and chance.random() < 0.7:  # as `dlr compact`; what is new may be merged first
            partly = refresh.partly_cached(Settings(data=data), closed_days(data, today))
            list(refresh.cache_batches(Settings(data=data), [partly] if partly else []))
        if chance.random() < 0.4:
            list(compact(data, closed_days(data, today)))
        if chance.random() < 0.8:
            refresh_cache(data, today, open_day=hourly)
        as_of = chance.choice([None, None, NOON, after(3600), after(90_000)])
        assert snapshot_rows(data, as_of) == rows_from_receipts(data, as_of)


def history_of(data: Path, message_id: str) -> list[str]:
    """The history of one message; of equal moments the order does not matter."""
    return sorted(map(repr, Database(Settings(data=data), PRESENTER).message(message_id).rows()))


def history_from_receipts(data: Path, message_id: str) -> list[str]:
    """The same from receipts alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "read", lambda *_: manifest.Manifest())
        return history_of(data, message_id)


@pytest.mark.thorough
@pytest.mark.parametrize("message_id", ["a", " B", "c", "new", "only sent", "nobody's"])
def test_the_history_of_a_message_is_that_of_its_receipts(data: Path, message_id: str) -> None:
    record_sends(data, [Send("only sent", after(-400_000)), Send("a", after(-5), network_code="1")])
    refresh_cache(data)
    receive(data, [receipt("new", seconds=200_000), receipt("A", "failed", seconds=200_000)])
    receive(data, [receipt("b", "failed", seconds=200_001)], seal=False)
    assert history_of(data, message_id) == history_from_receipts(data, message_id)
    assert (history_of(data, message_id) == []) == (message_id == "nobody's")


def agree(data: Path, history: History, chance: random.Random) -> None:
    layout.receipts(data).mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refresh, "BYTES_PER_BATCH", chance.choice([1, refresh.BYTES_PER_BATCH]))
        at_once = chance.choice([50, pipeline.RECEIPTS_PER_BATCH])
        patch.setattr(pipeline, "RECEIPTS_PER_BATCH", at_once)
        live(data, history, chance)
    seal_all(data)
    refresh_cache(data)
    as_it_came, answer = cached_rows(data), snapshot_rows(data)
    found, wanted = open_receipts(data)
    assert found == wanted
    for message_id in {"local 7", *chance.sample(IDS, 3)}:
        assert history_of(data, message_id) == history_from_receipts(data, message_id)
    assert answer == rows_from_receipts(data)
    shutil.rmtree(layout.messages(data))
    refresh_cache(data)
    assert cached_rows(data) == as_it_came
    assert snapshot_rows(data) == answer


CHECKS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.thorough
@settings(max_examples=2, **CHECKS)  # type: ignore[arg-type]
@given(histories(receipts=200), st.randoms(use_true_random=False))
def test_any_order_and_any_schedule_give_the_same_messages(
    tmp_path_factory: pytest.TempPathFactory, history: History, chance: random.Random
) -> None:
    agree(tmp_path_factory.mktemp("kept") / "data", history, chance)


@pytest.mark.slow
@settings(max_examples=15, **CHECKS)  # type: ignore[arg-type]
@given(histories(receipts=300), st.randoms(use_true_random=False))
def test_the_same_over_many_histories(
    tmp_path_factory: pytest.TempPathFactory, history: History, chance: random.Random
) -> None:
    agree(tmp_path_factory.mktemp("kept") / "data", history, chance)
