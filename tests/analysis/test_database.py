"""Questions to a data directory: each call sees what is stored when it is called."""

from __future__ import annotations

import datetime as dt
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import dlr_analytics
from dlr_analytics.analysis.cache import snapshots
from dlr_analytics.analysis.cache.snapshot import Snapshot, take
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.filters import Parameters
from dlr_analytics.analysis.metrics import METRICS, QUESTIONS, STUDIES
from dlr_analytics.errors import DataFolderMissing, RefusedStatement, UnknownName, UsageError
from dlr_analytics.store import layout
from dlr_analytics.store.journal.codec import encode
from dlr_analytics.store.receipts.listing import list_data
from dlr_analytics.store.receipts.seal import seal_all
from dlr_analytics.store.sends import Send, record_sends
from dlr_analytics.webhook.privacy import Privacy, protect_number
from tests.support.cache import refresh_cache
from tests.support.data_directories import database, store
from tests.support.pipelines import NOON, after, receipt

NUMBER = "447700900001"


RECEIPTS = (receipt("A"), receipt("B", "failed", 60, err_code=3))


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """A database of two messages."""
    return database(tmp_path, *RECEIPTS)


@pytest.fixture(scope="module")
def one_db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The same for tests that only ask it."""
    return database(tmp_path_factory.mktemp("one"), *RECEIPTS)


# the surface


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_is_a_verb_by_its_name(metric: str) -> None:
    assert getattr(Database, metric.replace("-", "_")) is METRICS[metric].function


@pytest.mark.parametrize("metric", QUESTIONS)
def test_each_verb_has_a_sentence_and_an_example(metric: str) -> None:
    words = QUESTIONS[metric].function.__doc__ or ""
    assert words.partition("\n")[0].endswith(".")
    assert ">>>" in words


@pytest.mark.parametrize("metric", METRICS)
def test_the_signature_of_a_verb_names_each_parameter(metric: str, one_db: Database) -> None:
    verb = getattr(one_db, metric.replace("-", "_"))
    assert [*inspect.signature(verb).parameters] == [*Parameters.__annotations__]


@pytest.mark.parametrize("study", STUDIES)
def test_the_signature_of_a_study_names_its_own_parameters_and_those_it_takes(study: str) -> None:
    record = STUDIES[study]
    named = [name for name in inspect.signature(record.function).parameters if name != "self"]
    shared = [name for name in Parameters.__annotations__ if name not in record.without]
    assert named == [*record.own_parameters, *shared]


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_refuses_a_parameter_that_it_does_not_take(study: str, one_db: Database) -> None:
    values = {
        "by": "country",
        "since": "2026-11-01",
        "until": "2026-11-02",
        "unit": "sms",
        "channel": "all",
        "as_of": "2026-11-03",
    }
    for name in STUDIES[study].without:
        with pytest.raises(UnknownName, match=f"unknown keyword '{name}'"):
            one_db.ask(study, {name: values[name]})  # type: ignore[misc]


def test_a_folder_that_does_not_exist_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataFolderMissing, match=r"no folder .*; check --data"):
        dlr_analytics.open(tmp_path / "nowhere")


def test_an_unknown_metric_is_named_with_the_nearest_one(one_db: Database) -> None:
    with pytest.raises(UnknownName, match="unknown metric 'delivery_rat'; did you mean 'delivery-"):
        one_db.ask("delivery_rat", {})


@pytest.mark.parametrize("name", ["receipts", "messages", "sends", "networks", "err_codes"])
def test_a_relation_is_duckdb_s_and_can_be_gone_on_with(name: str, one_db: Database) -> None:
    relation = getattr(one_db, name)
    assert isinstance(relation, duckdb.DuckDBPyRelation)
    assert relation.aggregate("count(*)").fetchall()[0][0] >= 0
    assert one_db.sql(f"describe {name}").df()["column_name"].tolist() == relation.columns


def test_a_relation_may_be_written_to_a_file(db: Database, tmp_path: Path) -> None:
    db.messages.filter("outcome = 'failed'").write_csv(str(tmp_path / "failed.csv"))
    assert (tmp_path / "failed.csv").read_text(encoding="utf-8").count("\n") == 2


# what is stored when it is called


def test_a_second_call_sees_what_arrived_between(db: Database, tmp_path: Path) -> None:
    assert db.delivery_rate().rows()[0][0] == 2
    store(tmp_path, receipt("C"))
    assert db.delivery_rate().rows()[0][0] == 3
    assert len(db.messages) == len(db.receipts) == 3


def test_a_second_call_sees_send_records_that_came_between(db: Database, tmp_path: Path) -> None:
    assert db.latency().df()["push_measured"].item() == 0
    record_sends(tmp_path, [Send("A", after(-5), "sends")])
    assert db.latency().df()["push_p50_s"].item() == 5


def test_a_second_call_sees_the_names_that_the_user_gave(db: Database, tmp_path: Path) -> None:
    assert db.cost(by="network").rows()[0][0] != "Mine"
    own = "network_code,country,network\n23410,GB,Mine\n"
    (tmp_path / "networks.csv").write_text(own, encoding="utf-8")
    assert db.cost(by="network").rows()[0][0] == "Mine"


def test_unchanged_data_is_not_collapsed_twice(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[Any, ...]] = []

    def counted(*arguments: Any) -> Snapshot:
        taken.append(arguments)
        return take(*arguments)

    monkeypatch.setattr(snapshots, "take", counted)
    for ask in (db.delivery_rate, db.cost, db.errors, db.latency):
        ask(by="day")
        ask(by="country", where="true")
    assert len(db.messages) == 2
    assert len(taken) == 2  # one that reaches files, and one for conditions


def test_the_data_directory_is_listed_once_a_question(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_all(db.data)
    long_ago = (1_000_000_000, 1_000_000_000)
    receipts = layout.receipts(db.data)
    folders = [receipts, *(path for path in receipts.rglob("*") if path.is_dir())]
    for folder in folders:
        os.utime(folder, long_ago)
    listed: list[str] = []
    scandir = os.scandir

    def counted(path: str | Path) -> Any:
        listed.append(str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counted)
    questions: tuple[Callable[[], object], ...] = (
        db.delivery_rate,
        lambda: db.sql("from messages"),
        lambda: db.message("A"),
    )
    for asked, question in enumerate(questions, start=1):
        question()
        assert [listed.count(str(folder)) for folder in folders] == [asked] * len(folders)


def test_with_nothing_received_as_of_is_now_and_moves_on(tmp_path: Path) -> None:
    db = database(tmp_path)
    first, second = db.cost().as_of, db.cost().as_of
    assert first < second <= dt.datetime.now(dt.UTC).replace(tzinfo=None)


def test_as_of_leaves_out_what_came_later(one_db: Database) -> None:
    now, then = one_db.delivery_rate(), one_db.delivery_rate(as_of=after(30))
    assert (now.rows()[0][0], then.rows()[0][0]) == (2, 1)
    assert (now.as_of, then.as_of) == (after(60), after(30))


def test_as_of_a_date_is_its_first_moment_in_tz(one_db: Database) -> None:
    assert one_db.cost(as_of="2026-11-04", tz="Asia/Tokyo").as_of == dt.datetime(2026, 11, 3, 15)


@pytest.mark.thorough
def test_a_condition_may_ask_the_views_of_files() -> None:
    db = dlr_analytics.open("tests/data/sample")
    heard = "lower(message_id) in (select lower(message_id) from receipts)"
    assert db.cost(where=heard).messages_total == db.cost(where="receipts > 0").messages_total
    sent = "message_id in (select message_id from sends)"
    assert db.cost(where=sent).messages_total == len(db.messages.filter(sent))


def test_a_condition_over_files_works_behind_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(Path("tests/data/sample").absolute())
    seen = "message_id in (select message_id from receipts)"
    assert (dlr_analytics.open(link).delivery_rate(where=seen).messages_total or 0) > 0


# where


@pytest.mark.parametrize("where", ["nope = 1", "price > 'x'", "sum(price) > 1", "country", "1 +"])
def test_a_condition_that_cannot_be_evaluated_is_a_usage_error(
    where: str, one_db: Database
) -> None:
    with pytest.raises(UsageError, match=r"^where: "):
        one_db.cost(where=where)


def test_an_empty_condition_is_not_no_condition(one_db: Database) -> None:
    with pytest.raises(RefusedStatement):
        one_db.cost(where="")


# sql


def test_times_with_a_zone_come_out_as_naive_utc(one_db: Database) -> None:
    rows = one_db.sql("""select timestamptz '2026-11-01 12:00:00+02' as "a""b", 1 as c""")
    assert rows.rows() == [(dt.datetime(2026, 11, 1, 10), 1)]
    assert rows.columns == ('a"b', "c")


def test_a_statement_that_fails_is_a_usage_error(one_db: Database) -> None:
    with pytest.raises(UsageError, match=r"^sql: .*; fix the statement"):
        one_db.sql("select nope from messages")


def test_a_result_of_sql_keeps_what_it_computed(db: Database, tmp_path: Path) -> None:
    rows = db.sql("select count(*) from messages")
    store(tmp_path, receipt("C"))
    assert (rows.rows(), db.sql(rows.sql).rows()) == ([(2,)], [(3,)])
    assert (rows.metric, rows.by, rows.span, rows.messages_total) == ("sql", (), None, None)


@pytest.mark.parametrize("attempt", range(5))
def test_many_rows_come_in_the_order_that_is_asked_for(one_db: Database, attempt: int) -> None:
    """DuckDB lost it now and then beyond 2,048 rows, with more than one thread."""
    rows = one_db.sql(
        "select (i * 7919) % 100003 as n from range(100003) as r(i) order by n"
    ).rows()
    assert rows == [(n,) for n in range(100003)]


def test_results_and_statements_run_where_order_is_preserved(one_db: Database) -> None:
    setting = "select current_setting('preserve_insertion_order') as kept"
    assert one_db.sql(setting).rows() == [(True,)]
    answer = one_db.delivery_rate().relation.query("r", setting)
    assert answer is not None
    (kept,) = answer.fetchall()
    assert kept == (True,)


def test_pivot_answers_as_written(one_db: Database) -> None:
    rows = one_db.sql("pivot messages on outcome using count(*) group by sender")
    assert rows.df().to_dict("records") == [{"sender": "Acme", "delivered": 1, "failed": 1}]


def test_a_variable_of_another_function_is_no_relation(one_db: Database) -> None:
    hidden = one_db.messages

    def ask() -> None:
        one_db.sql("from hidden")

    with pytest.raises(RefusedStatement, match="no relation hidden that may be read"):
        ask()
    assert len(hidden) == 2


@pytest.mark.thorough
def test_a_file_compacted_since_it_was_listed_is_looked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = tmp_path / "data" / "receipts" / "received_date=2026-11-03"
    day.mkdir(parents=True)
    made = database(tmp_path / "other", receipt("A"))
    made.receipts.write_parquet(str(day / "w-000001.parquet"))
    db = database(tmp_path / "data")
    counted = "select count(*) from receipts"
    assert db.sql(counted).rows() == [(1,)]
    seen = [list_data(db.data)] * 2
    monkeypatch.setattr(db._snapshots, "_list", lambda: seen.pop() if seen else list_data(db.data))
    (day / "w-000001.parquet").rename(day / "z-000001.parquet")
    assert db.sql(counted).rows() == [(1,)]
    assert seen == []


@pytest.mark.thorough
def test_figures_that_must_agree_survive_a_compaction_between_them(tmp_path: Path) -> None:
    day = tmp_path / "data" / "receipts" / "received_date=2026-11-03"
    day.mkdir(parents=True)
    made = database(tmp_path / "other", receipt("A"), receipt("A"))
    made.receipts.write_parquet(str(day / "w-000001.parquet"))
    pinned = database(tmp_path / "data").pinned()
    assert pinned.delivery_rate().messages_total == 1
    (day / "w-000001.parquet").rename(day / "z-000001.parquet")
    flaws = pinned.quality(where="receipts = 2").df().set_index("problem")
    assert flaws.loc["receipt_repeated", "messages"] == 1
    (day / "z-000001.parquet").rename(day / "z-000002.parquet")
    assert len(pinned.quality().rows()) == len(flaws)


@pytest.mark.thorough
def test_a_pinned_database_reads_one_state_as_of_any_moment(tmp_path: Path) -> None:
    """Also where its journal goes on and new ones begin."""
    store(tmp_path, receipt("A"), receipt("B", seconds=60))
    (journal, *_) = sorted(layout.journal(tmp_path).iterdir())
    db = database(tmp_path)
    pinned = db.pinned()
    assert pinned.pinned() is pinned
    moments = (None, after(0), after(30), None, after(90))
    first = [pinned.delivery_rate(as_of=moment).messages_total for moment in moments]
    with journal.open("ab") as file:
        file.write(encode(receipt("C")))
    store(tmp_path, receipt("D"))
    condition = "message_id <> 'none'"
    for moment, total in zip(moments, first, strict=True):
        assert pinned.delivery_rate(as_of=moment).messages_total == total
        assert pinned.delivery_rate(as_of=moment, where=condition).messages_total == total
    assert db.delivery_rate().messages_total == 4


# message and number


def test_a_message_is_told_in_order_of_time(db: Database, tmp_path: Path) -> None:
    store(tmp_path, receipt("a ", "accepted", -10))
    record_sends(tmp_path, [Send("A", after(-12), "sends")])
    told = db.message(" a").df()
    assert told["what"].tolist() == ["send", "receipt", "receipt", "message"]
    assert told["status"].fillna("").tolist() == ["", "accepted", "delivered", "delivered"]
    assert told["moment"].tolist() == [after(-12), after(-10), NOON, after(60)]
    assert told["push_latency_s"].tolist()[-1] == 12


def test_of_an_unknown_message_nothing_is_told(one_db: Database) -> None:
    assert one_db.message("nope").rows() == []


def test_a_message_told_by_its_send_alone(tmp_path: Path) -> None:
    db = database(tmp_path, receipt("A"))
    record_sends(tmp_path, [Send("S", after(-12), "sends")])
    assert db.message("S").df()["what"].tolist() == ["send", "message"]


@pytest.mark.thorough
@pytest.mark.parametrize("spelling", [NUMBER, f"+{NUMBER}", "+44 (7700) 900-001"])
def test_a_number_is_found_in_any_spelling(spelling: str, db: Database, tmp_path: Path) -> None:
    store(tmp_path, receipt("C", msisdn="447700900002"))
    told = db.number(spelling).df()
    assert set(told["message_id"]) == {"A", "B"}
    assert told["what"].tolist() == ["receipt", "receipt", "message", "message"]


def test_a_hashed_number_is_found_by_the_number_and_by_its_hash(tmp_path: Path) -> None:
    hashed = protect_number(NUMBER, Privacy("hash", b"key"))
    db = database(tmp_path, receipt("A", msisdn=hashed), msisdn="hash", msisdn_key="key")
    for number in (NUMBER, f"+{NUMBER}", hashed):
        assert db.number(number).df()["message_id"].tolist() == ["A", "A"]


def test_a_masked_number_is_found_with_those_that_look_like_it(tmp_path: Path) -> None:
    masked = protect_number(NUMBER, Privacy("mask"))
    db = database(tmp_path, receipt("A", msisdn=masked), msisdn="mask")
    assert db.number(NUMBER).df()["message_id"].tolist() == ["A", "A"]


def test_values_are_bound_never_written_into_the_statement(one_db: Database) -> None:
    for text in ("' or true --", "A' union select 1 --", "$1"):
        assert one_db.message(text).rows() == one_db.number(text).rows() == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "statement",
    [
        "show tables",
        "select table_name from information_schema.tables where table_schema = 'main'",
        """select view_name from duckdb_views() where schema_name = 'main' and not internal
        union all select table_name from duckdb_tables() where schema_name = 'main'""",
    ],
)
@pytest.mark.parametrize("cached", [False, True])
def test_the_five_relations_of_the_contract_are_all_that_is_shown(
    one_db: Database, statement: str, cached: bool
) -> None:
    if cached:
        seal_all(one_db.data)
        refresh_cache(one_db.data)
    names = sorted(name for (name,) in one_db.sql(statement).rows())
    assert names == ["err_codes", "messages", "networks", "receipts", "sends"]
    assert {row[1] for row in one_db.sql("show all tables").rows()} == {"main", "pipeline"}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("unit", ["message", "sms"])
def test_the_statement_of_a_result_runs_as_it_is(one_db: Database, metric: str, unit: str) -> None:
    result = one_db.ask(metric, {"unit": unit})
    assert one_db.sql(result.sql).rows() == result.rows()


def test_a_refused_question_keeps_the_names_that_the_engine_proposes(tmp_path: Path) -> None:
    db = database(tmp_path, receipt("A"))
    with pytest.raises(UsageError, match=r'where: .*"contry" not found.*"country".*; fix the'):
        db.delivery_rate(where="contry = 'GB'")
    with pytest.raises(UsageError, match=r'sql: .*"netwrk" not found.*"network"'):
        db.sql("select netwrk from messages")
