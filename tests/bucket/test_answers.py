"""Answers from a bucket are those of the same files in a folder, cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

import dlr_analytics
from dlr_analytics.analysis.cache import snapshot
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.metrics import QUESTIONS
from dlr_analytics.bucket import files
from dlr_analytics.settings import Settings
from dlr_analytics.store import layout
from dlr_analytics.store.receipts.compact import closed_days, compact
from dlr_analytics.store.receipts.listing import Listing
from dlr_analytics.store.sends import record_sends
from tests.support.buckets import upload
from tests.support.cache import EVER, refresh_cache, snapshot_rows
from tests.support.data_directories import receive
from tests.support.histories import History, histories
from tests.support.memory_buckets import DATA, cells, copy_sample, database, stored_in, uploaded
from tests.support.pipelines import NOON, receipt
from tests.support.quick import more_in_slow

ASKINGS: tuple[dict[str, Any], ...] = (
    {"as_of": "2026-11-24"},
    {"as_of": "2026-11-24", "by": "network_code", "where": "country <> 'GB'"},
    {"as_of": "2026-11-10"},
)
"""With a moment, since `watch` takes that of the clock without one."""

SLOW = pytest.mark.slow


@pytest.fixture(
    scope="module",
    params=[
        "hourly",
        pytest.param("as received", marks=SLOW),
        pytest.param("compacted", marks=SLOW),
        pytest.param("old cache", marks=SLOW),
    ],
)
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last day open; without a cache; all days compacted; a cache that is old."""
    folder = copy_sample(tmp_path_factory.mktemp("data") / "data", days=12)  # enough for studies
    days = closed_days(folder, EVER)
    if request.param == "compacted":
        list(compact(folder, days))
        refresh_cache(folder)
    elif request.param == "hourly":
        list(compact(folder, days[:-1]))
        refresh_cache(folder, days[-1], open_day=True)
    elif request.param == "old cache":
        refresh_cache(folder, days[-3])
    return folder


@pytest.fixture(scope="module")
def both(data: Path) -> Iterator[tuple[Database, Database]]:
    """A database of the folder, and one of a bucket with the same files."""
    with uploaded(data):
        yield dlr_analytics.open(data), database()


@pytest.mark.thorough
@pytest.mark.parametrize("parameters", ASKINGS, ids=str)
def test_every_metric_and_study_has_the_cells_of_the_folder(
    both: tuple[Database, Database], parameters: dict[str, Any]
) -> None:
    for asked in QUESTIONS:
        answers = []
        for db in both:
            try:
                answers.append(cells(db.ask(asked, parameters)))  # type: ignore[arg-type]
            except dlr_analytics.DlrError as error:
                answers.append((type(error), str(error)))
        assert answers[0] == answers[1], asked


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["receipts", "messages", "sends", "networks", "err_codes"])
def test_every_relation_has_the_rows_of_the_folder(
    both: tuple[Database, Database], name: str
) -> None:
    folder, bucket = (getattr(db, name).order("all").fetchall() for db in both)
    assert folder == bucket


@pytest.mark.thorough
def test_statements_histories_and_the_report_are_those_of_the_folder(
    both: tuple[Database, Database], data: Path, tmp_path: Path
) -> None:
    ((message, number),) = (
        both[0]
        .sql("select message_id, msisdn from messages where msisdn is not null limit 1")
        .rows()
    )
    reports = []
    for place, db in enumerate(both):
        path = tmp_path / f"{place}.md"
        db.report(path, target="95%")
        reports.append(path.read_text().replace(str(db.data), "DATA"))
        assert str(db.data) in path.read_text()
    assert reports[0] == reports[1]
    explorers = [db.explore(by="country") for db in both]
    for explorer in explorers:
        explorer.select(country="GB")
    assert cells(explorers[0].result) == cells(explorers[1].result)
    text = "select country, count(*), sum(price) from messages group by all order by all"
    for ask in (
        lambda db: db.message(message),
        lambda db: db.number(number),
        lambda db: db.sql(text),
    ):
        assert cells(ask(both[0])) == cells(ask(both[1]))  # type: ignore[no-untyped-call]


@pytest.mark.thorough
@more_in_slow(5, 15)
def test_any_history_has_the_rows_of_the_folder(
    examples: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Receipts come in several steps; days are compacted and cached or not in between."""

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(histories(), min_size=1, max_size=3), cached=st.lists(st.integers(0, 4)))
    def over_histories(steps: list[History], cached: list[int]) -> None:
        folder = tmp_path_factory.mktemp("history") / "data"
        for place, step in enumerate(steps):
            receive(folder, step.receipts)
            record_sends(folder, step.sends)
            if place < len(cached):
                today = NOON.date() + dt.timedelta(days=cached[place])
                list(compact(folder, closed_days(folder, today)))
                refresh_cache(folder, today, open_day=cached[place] % 2 == 0)
        if not any(step.receipts or step.sends for step in steps):
            return
        with uploaded(folder):
            assert snapshot_rows(DATA) == snapshot_rows(folder)

    over_histories()


def test_networks_of_the_user_count(tmp_path: Path) -> None:
    receive(tmp_path, [receipt("a", network_code="23410")])
    layout.user_networks(tmp_path).write_text("network_code,country,network\n23410,FR,Mine\n")
    with uploaded(tmp_path) as store:
        store.put("networks.csv", layout.user_networks(tmp_path).read_bytes())
        found = database().sql("select country, network from messages").rows()
    assert found == [("FR", "Mine")]


def test_what_is_published_meanwhile_is_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day is compacted and its files are deleted after the listing, before the first GET."""
    for number in range(4):
        receive(tmp_path, [receipt(f"0{number}")])
    listed = files.Bucket.list
    to_publish: list[MemoryStore] = []

    def publish_after(bucket: files.Bucket) -> Listing:
        found = listed(bucket)
        while to_publish:
            store = to_publish.pop()
            store.delete([name.removeprefix(f"{DATA}/") for name in found.sealed])
            upload(tmp_path, store)
        return found

    monkeypatch.setattr(files.Bucket, "list", publish_after)
    with uploaded(tmp_path) as store:
        db = database()
        list(compact(tmp_path, closed_days(tmp_path, EVER)))
        to_publish.append(store)
        found = db.sql("select message_id from receipts order by all").rows()
    assert found == [("00",), ("01",), ("02",), ("03",)]
    assert not to_publish


def test_an_object_that_is_replaced_meanwhile_is_never_half_read(tmp_path: Path) -> None:
    """After a question an object of the same name and size is put: the next question reads it."""
    receive(tmp_path, [receipt("0a")])
    (sealed,) = layout.receipts(tmp_path).rglob("*.parquet")
    name = sealed.relative_to(tmp_path).as_posix()
    with uploaded(tmp_path) as store:
        db = database()
        relation = db.receipts
        assert db.sql("select message_id from receipts").rows() == [("0a",)]
        other = tmp_path / "other"
        receive(other, [receipt("0b")])
        (again,) = layout.receipts(other).rglob("*.parquet")
        store.put(name, again.read_bytes())
        assert db.sql("select message_id from receipts").rows() == [("0b",)]
        assert relation.fetchall()  # from what was read: one state or the other


def test_new_receipts_are_in_the_next_answer(tmp_path: Path) -> None:
    receive(tmp_path, [receipt("0a")])
    with uploaded(tmp_path) as store:
        db = database()
        assert len(db.message("0b")) == 0
        receive(tmp_path, [receipt("0b")])
        upload(tmp_path, store)
        assert len(db.message("0b")) == 2
        assert len(db.pinned().message("0b")) == 2


@pytest.mark.thorough
def test_a_bucket_is_read_with_less_memory_than_it_has(tmp_path: Path) -> None:
    """What does not fit spills to a folder for temporary files, which only this user enters."""
    receive(tmp_path, [receipt(f"{number:08}") for number in range(20_000)])
    store = MemoryStore()
    upload(tmp_path, store)
    with stored_in(store):
        taken = snapshot.take(Settings(data=DATA, memory=400 * 2**20))
        ((spills,),) = taken.connection.sql("select current_setting('temp_directory')").fetchall()
        assert Path(spills).is_dir()
        assert Path(spills).parent.stat().st_mode & 0o077 == 0
        assert taken.connection.sql("select count(*) from messages").fetchall() == [(20_000,)]
