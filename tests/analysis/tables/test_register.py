"""Registered tables: their columns beside those of messages, and never another number of these."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlr_analytics
from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.metrics import METRICS, QUESTIONS
from dlr_analytics.analysis.query import BUCKETS
from dlr_analytics.analysis.tables.table import from_option
from dlr_analytics.errors import DlrError, UsageError
from tests.support.commands import run
from tests.support.data_directories import database
from tests.support.pipelines import NOON, receipt

NETWORKS = ("23410", "23415", "00101", "20801", None)


@cache
def sample() -> Database:
    return dlr_analytics.open("tests/data/sample").pinned()


def three_messages(data: Path) -> Database:
    receipts = [
        receipt("Aa-1", scts=NOON, network_code="00101", msisdn="447700900001", client_ref="7"),
        receipt("B", scts=NOON, network_code="23410", msisdn="447700900002", client_ref="8"),
        receipt("C", scts=NOON, network_code=None, client_ref=None),
    ]
    return database(data, *receipts)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    """A database without tables."""
    return three_messages(tmp_path / "data")


@pytest.fixture(scope="module")
def one_db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One for tests in which a table named ``own`` is refused, or takes the last one's place."""
    return three_messages(tmp_path_factory.mktemp("one") / "data")


def counts(db: Database, by: Any, **asked: Any) -> dict[Any, int]:
    found = db.delivery_rate(by=by, **asked)
    at = found.columns.index("messages")
    return {row[0] if at == 1 else row[:at]: row[at] for row in found.rows()}


# how many messages


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NETWORKS), st.sampled_from("xyz")), max_size=8))
def test_a_table_never_changes_how_many_messages_there_are(rows: list[tuple[Any, str]]) -> None:
    table = pd.DataFrame(rows, columns=["network_code", "kind"], dtype=object).astype("str")
    table["network_code"] = pd.Series([code for code, _ in rows], dtype=object)
    values: dict[Any, set[str]] = {}
    for code, kind in rows:
        values.setdefault(code, set()).add(kind)
    values.pop(None, None)
    if any(len(kinds) > 1 for kinds in values.values()):
        with pytest.raises(UsageError, match=r"rows with network_code = .* differ"):
            sample().register("drawn", table, "network_code")
        return
    found = sample().register("drawn", table, "network_code")
    messages = sample().messages.df()
    kinds = messages["network_code"].map({code: min(kinds) for code, kinds in values.items()})
    assert found == kinds.notna().sum()
    right = kinds.astype(object).where(kinds.notna(), None).value_counts(dropna=False)
    assert counts(sample(), "kind") == {
        (None if pd.isna(key) else key): count for key, count in right.items()
    }
    assert sum(counts(sample(), "kind").values()) == len(messages)


@pytest.mark.thorough
@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_takes_columns_of_tables(metric: str) -> None:
    table = pd.DataFrame({"network_code": NETWORKS[:3], "own country": ["GB", "GB", "XX"]})
    sample().register("places", table, "network_code")
    asked = "\"own country\" = 'GB'"
    own = sample().ask(metric, {"by": ["own country"], "where": asked})
    column = sample().ask(metric, {"by": "country", "where": "network_code in ('23410', '23415')"})
    assert own.rows() == column.rows()
    assert own.columns[0] == "own country"
    assert sample().sql(own.sql).rows() == own.rows()


# keys


def test_whole_numbers_that_pandas_made_floats_are_whole_again(db: Database) -> None:
    table = pd.DataFrame({"client_ref": [7.0, None, 9.5], "n": [1, 2, 3]})
    assert db.register("own", table, "client_ref") == 1
    assert counts(db, "n") == {1: 1, None: 2}


def test_message_ids_have_no_case_and_numbers_any_spelling(db: Database) -> None:
    ids = pd.DataFrame({"message_id": [" aA-1 "], "seen": [True]})
    assert db.register("ids", ids, "message_id") == 1
    numbers = pd.DataFrame({"phone": ["+44 7700 900001", "00447700900002"], "who": ["a", "b"]})
    assert db.register("numbers", numbers, {"phone": "msisdn"}) >= 2
    assert set(counts(db, "who")) >= {"a", "b"}


def test_keys_of_csv_stay_text(db: Database, tmp_path: Path) -> None:
    for name, sign in (("own.csv", ","), ("own.tsv", "\t"), ("semicolon.csv", ";")):
        lines = ["network_code,tier", "00101,1", "23410,2", ",3"]
        (tmp_path / name).write_text("\n".join(lines).replace(",", sign), encoding="utf-8")
        assert db.register("own", tmp_path / name, "network_code") == 2
        assert counts(db, "tier") == {1: 1, 2: 1, None: 1}


def test_json_parquet_arrow_and_relations_are_read(db: Database, tmp_path: Path) -> None:
    rows = duckdb.connect().sql("select '23410' as network_code, 'x' as tier")
    rows.write_parquet(str(tmp_path / "own.parquet"))
    (tmp_path / "own.jsonl").write_text('{"network_code": "23410", "tier": "x"}\n', "utf-8")
    tables = [rows, rows.df(), tmp_path / "own.parquet", str(tmp_path / "own.jsonl")]
    for table in tables:
        assert db.register("own", table, "network_code") == 1
        assert counts(db, "tier", where="tier = 'x'") == {"x": 1}


def test_several_keys_and_keys_of_sql(db: Database) -> None:
    two = pd.DataFrame({"network_code": ["23410"], "client_ref": [8], "both": [1]})
    assert db.register("two", two, "network_code, client_ref") == 1
    sql = pd.DataFrame({"mcc": [1, 234], "zone": ["a", "b"]})
    assert db.register("prefixes", sql, {"mcc": "cast(left(network_code, 3) as int)"}) == 2
    assert counts(db, ["mcc", "zone"]) == {(1, "a"): 1, (234, "b"): 1, (None, None): 1}


# names


@pytest.mark.thorough
@pytest.mark.parametrize(
    "column",
    ['a"b', "a;drop table x", "select", "n", "by_0", "key_0", "é'", "a\nb", "x" * 500],
)
def test_columns_may_have_any_name(one_db: Database, column: str) -> None:
    table = pd.DataFrame({"network_code": ["23410"], column: ["v"]})
    one_db.register("own", table, "network_code")
    assert counts(one_db, [column]) == {"v": 1, None: 2}
    quoted = '"' + column.replace('"', '""') + '"'
    assert counts(one_db, [column], where=f"{quoted} = 'v'") == {"v": 1}
    assert one_db.sql("from own").columns == ("network_code", column)


@pytest.mark.parametrize("column", ["price", "Country", *BUCKETS, "Weekday"])
def test_a_column_that_messages_or_a_bucket_have_is_refused(one_db: Database, column: str) -> None:
    with pytest.raises(UsageError, match="already has the name"):
        one_db.register("own", pd.DataFrame({"network_code": ["1"], column: [1]}), "network_code")


@pytest.mark.parametrize(
    "name",
    [
        *("messages", "Receipts", "sends", "networks", "err_codes", "sms", "parameters", "limits"),
        *("duckdb_views", "", "1a", "a b", 'a"', "a.b", "x" * 64),
    ],
)
def test_a_name_that_is_taken_or_none_is_refused(one_db: Database, name: str) -> None:
    with pytest.raises(UsageError, match=r"the database has the name|is no name"):
        one_db.register(name, pd.DataFrame({"network_code": ["1"], "x": [1]}), "network_code")


@pytest.mark.parametrize(
    ("study", "column"),
    [(name, column) for name, record in QUESTIONS.items() for column in record.columns],
)
def test_a_column_in_by_that_a_metric_or_study_has_is_refused(
    one_db: Database, study: str, column: str
) -> None:
    table = pd.DataFrame({"network_code": ["23410"], column: ["v"]})
    try:
        one_db.register("own", table, "network_code")
    except UsageError:
        return  # messages have it
    with pytest.raises(UsageError, match=f"{study} already has the name {column}|unknown keyword"):
        one_db.ask(study, {"by": column})


def test_two_tables_share_no_column_and_no_name(db: Database) -> None:
    table = pd.DataFrame({"network_code": ["1"], "x": [1]})
    db.register("own", table, "network_code")
    with pytest.raises(UsageError, match="the table own already has the name X"):
        db.register("other", table.rename(columns={"x": "X"}), "network_code")
    with pytest.raises(UsageError, match="the database has the name"):
        db.register("Own", table.rename(columns={"x": "y"}), "network_code")
    for name in ("x", "X"):
        with pytest.raises(UsageError, match="already has the name"):
            db.cost(by={name: "country"})


# what fails


@pytest.mark.thorough
def test_registering_again_replaces_and_a_failure_keeps_the_old_one(db: Database) -> None:
    table = pd.DataFrame({"network_code": ["23410"], "x": [1]})
    db.register("own", table, "network_code")
    before = counts(db, "x", where="x = 1")
    for bad, on in (
        (pd.concat([table, table.assign(x=2)]), "network_code"),
        (table, "nothing"),
        (table, "country"),
        (table, {"network_code": "sum(price)"}),
        (table, {"network_code": "cast(client_ref || 'x' as int)"}),
        (5, "network_code"),
        ("missing.csv", "network_code"),
        (table, ""),
    ):
        with pytest.raises(DlrError):
            db.register("own", bad, on)
        assert counts(db, "x", where="x = 1") == before == {1: 1}
    db.register("own", table.assign(x=pd.Series([Decimal("2.50")], dtype=object)), "network_code")
    assert counts(db, "x", where="x > 2") == {Decimal("2.50"): 1}


@pytest.mark.parametrize("sql", ["getenv('HOME')", "1; drop table x", "unnest([1])", "", "1 --"])
def test_hostile_keys_are_refused(one_db: Database, sql: str) -> None:
    with pytest.raises(UsageError):
        one_db.register("own", pd.DataFrame({"k": ["1"], "x": [1]}), {"k": sql})


@pytest.mark.parametrize("text", ["", "\x00\x01", "a,b\n1\n1,2,3\n", '"unclosed\n'])
def test_a_file_that_cannot_be_read_is_named(one_db: Database, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"table own|column of the table own"):
        one_db.register("own", tmp_path / "bad.csv", "network_code")


def test_files_of_the_system_are_refused(db: Database, tmp_path: Path) -> None:
    (tmp_path / "own.csv").symlink_to("/proc/self/environ")
    with pytest.raises(UsageError, match="of the system or of secrets"):
        db.register("own", tmp_path / "own.csv", "network_code")


# elsewhere


@pytest.mark.thorough
def test_tables_of_the_command_line(
    db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("network_code,tier\n00101,gold\n", encoding="utf-8")
    option = ("--data", db.data, "--table", f"tiers={tmp_path / 't.csv'}:network_code")
    done = run(capsys, "query", "cost", *option, "--by", "tier", "--where", "tier='gold'")
    assert (done.code, done.err) == (0, "")
    assert "gold" in done.out
    assert "00101" in run(capsys, "sql", "from tiers", *option).out
    (tmp_path / "t.csv").write_text("network_code,tier\n1,gold\n", encoding="utf-8")
    done = run(capsys, "sql", "from tiers", *option)
    assert done.code == 0
    assert done.err.startswith("dlr: no message has a row in the table tiers")


def test_the_option_has_a_name_a_file_and_a_key() -> None:
    assert from_option("t=C:/a=b.csv.gz:x=left(y, 1)::text")[1:] == (
        Path("C:/a=b.csv.gz"),
        {"x": "left(y, 1)::text"},
    )
    for text in ("", "t", "t=", "t=a.csv", "t=a.csv:", "=", "t=:x"):
        with pytest.raises(UsageError, match="is not NAME=FILE:KEY"):
            from_option(text)


@pytest.mark.slow
def test_ten_million_rows_fit_into_bounded_memory(tmp_path: Path) -> None:
    big = tmp_path / "big.parquet"
    duckdb.connect().sql(
        "select lpad((range % 100000000)::varchar, 8, '0') as network_code, range % 7 as seven"
        " from range(10000000)"
    ).write_parquet(str(big))
    db = dlr_analytics.open("tests/data/sample", "1GiB")
    assert db.register("big", big, "network_code") == 0
    assert sum(counts(db, "seven").values()) == 3000


@pytest.mark.slow
@pytest.mark.parametrize("twice", [False, True])
def test_a_table_of_ten_million_rows_answers_or_names_its_fault(
    tmp_path: Path, db: Database, twice: bool
) -> None:
    """Two rows of one key that differ are found among all of them."""
    again = " union all select '7', 99" if twice else ""
    duckdb.sql(
        f"copy (select cast(i as varchar) as client_ref, i % 7 as kind from range(10000000) t(i)"
        f"{again}) to '{tmp_path}/big.parquet'"
    )
    if twice:
        with pytest.raises(UsageError, match="rows with client_ref = '7' differ"):
            db.register("big", tmp_path / "big.parquet", on="client_ref")
    else:
        assert db.register("big", tmp_path / "big.parquet", on="client_ref") == 2
        assert counts(db, "kind") == {0: 1, 1: 1, None: 1}
