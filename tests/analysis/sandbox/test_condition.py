"""``--where`` is one condition, and nothing that could do more."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dlr_analytics.analysis.sandbox import lockdown
from dlr_analytics.analysis.sandbox.condition import check_condition
from dlr_analytics.errors import RefusedStatement
from tests.support.hostile_sql import CALLS_WHAT_HAS_EFFECTS, WRITES_A_FILE, statements
from tests.support.message_tables import connection_over, message, metric_rows, only

CONDITIONS = {
    "country = 'GB'": 2,
    "country is null": 1,
    "country = 'GB' and price > 0.05": 1,
    "country = 'GB' or country = 'DE'": 3,
    "not country = 'GB'": 1,
    "country in (select country from messages where price > 0.05)": 2,
    "price = (select max(price) from messages)": 1,
    "exists (select 1 from networks where networks.country = messages.country)": 3,
    "exists (with x as (from messages) select 1 from x where x.price > 0.05)": 4,
    "country like 'G%' /* Britain */": 2,
    "country = '--' or country = '/*' or country = ')' or country = ';' or true": 4,
    "case when final then price > 0 else false end": 3,
    "list_contains(problems, 'price_missing')": 1,
    "message_time >= timestamp '2026-11-10' and message_time < now()": 4,
    "(country, outcome) in (('GB', 'delivered'))": 1,
    "price between 0.01 and 0.04": 2,
    "1=1": 4,
    "\n  country = 'GB'\n": 2,
}

NOT_ONE_EXPRESSION = [
    "",
    " ",
    "1=1; drop table",
    "1=1; drop table messages",
    "1=1;",
    "country = 'GB' --",
    "country = 'GB' -- Britain",
    "country = 'GB' /*",
    "country = 'GB' /* Britain",
    "1=1) or (1=1",
    "1=1)",
    "(1=1",
    "1=1) union select * from messages where (1=1",
    "1=1 union select 2",
    "1=1 intersect select 2",
    "1=1 order by 1",
    "1=1 limit 1",
    "1=1 group by country",
    "1=1 from messages",
    "1=1, 2=2",
    "1=1 as x",
    "country = 'GB",
    "select 1",
    "where country = 'GB'",
    "country = ",
    "/* by, */ --",
]

DOES_MORE = [
    "exists (from 'own.csv')",
    "exists (from read_csv('own.csv'))",
    "exists (from glob('*'))",
    "exists (from read_text('own.csv'))",
    "exists (from duckdb_settings())",
    "exists (from information_schema.tables)",
    "exists (from query('select 1'))",
    "exists (from hidden)",
]


def rows() -> list[dict[str, object]]:
    return [
        message(country="GB", price="0.06"),
        message("failed", country="GB", price="0.03"),
        message(country="DE", price="0.04"),
        message("pending", country=None, problems=["price_missing"]),
    ]


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("a\n1\n", encoding="utf-8")
    return connection_over(rows())


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_selects_messages(
    condition: str, connection: duckdb.DuckDBPyConnection
) -> None:
    check_condition(connection, condition)
    told = only(metric_rows("delivery-rate", rows(), where=condition))
    assert told["messages"] == CONDITIONS[condition]


@pytest.mark.parametrize("text", NOT_ONE_EXPRESSION)
def test_what_is_not_one_expression_is_refused(
    text: str, connection: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(RefusedStatement, match="is not one expression; give one condition, like"):
        check_condition(connection, text)


@pytest.mark.parametrize("text", DOES_MORE)
def test_no_file_catalogue_or_hidden_query_is_reached(
    text: str, connection: duckdb.DuckDBPyConnection
) -> None:
    hidden = connection.sql("select 1")
    with pytest.raises(RefusedStatement, match=r"may do more than read|no relation"):
        check_condition(connection, text)
    assert hidden.columns


@pytest.mark.parametrize(
    "statement",
    [
        statement
        for statement in statements(WRITES_A_FILE + CALLS_WHAT_HAS_EFFECTS)
        if not statement.startswith("attach")  # reads as a text of a type of this name
    ],
)
def test_no_hostile_statement_can_stand_in_it(
    statement: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    hostile = statement.format(out=tmp_path / "out", csv=tmp_path / "own.csv")
    for text in (hostile, f"exists ({hostile})", f"1 in ({hostile})", f"1=1; {hostile}"):
        with pytest.raises(RefusedStatement):
            check_condition(connection, text)


def test_a_condition_and_a_span_of_time_hold_together() -> None:
    told = metric_rows("delivery-rate", rows(), where="country = 'GB' or true", since="2026-11-11")
    assert only(told)["messages"] == 0


def test_a_marker_in_the_condition_stays_what_it_is() -> None:
    condition = "country <> '/* by, */' and country <> '/* filters */'"
    assert only(metric_rows("cost", rows(), where=condition, by="currency"))["messages"] == 3


# the second wall


@pytest.fixture
def shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    """A connection that may read one file."""
    monkeypatch.chdir(tmp_path)
    for name in ("ours.csv", "other.csv"):
        (tmp_path / name).write_text("a\n1\n", encoding="utf-8")
    connection = duckdb.connect()
    connection.execute("create view ours as from 'ours.csv'")
    lockdown.restrict_files(connection, [Path("ours.csv")])
    lockdown.lock_configuration(connection)
    return connection


def test_behind_the_gate_our_own_files_are_still_read(shut: duckdb.DuckDBPyConnection) -> None:
    assert shut.sql("from ours").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "from 'other.csv'",
        "from glob('*')",
        "from read_text('other.csv')",
        "copy (select 1) to 'out.csv'",
        "copy (select 1) to 'ours.csv'",
        "with t as (copy (select 1) to 'out.csv') from t",
        "attach 'out.db'",
        "export database 'out'",
        "install httpfs",
        "set enable_external_access = true",
        "set allowed_paths = ['other.csv']",
    ],
)
def test_behind_the_gate_nothing_else_is_reached(
    statement: str, shut: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(duckdb.Error):
        shut.execute(statement).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.csv", "ours.csv"]
    assert (tmp_path / "ours.csv").read_text(encoding="utf-8") == "a\n1\n"
