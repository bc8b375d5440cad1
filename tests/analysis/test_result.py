"""A Result keeps what it computed, and hands it out with types that the data cannot change."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from dlr_analytics.analysis.database import Database
from dlr_analytics.analysis.frame import PINS, frame
from dlr_analytics.analysis.metrics import METRICS
from dlr_analytics.errors import MissingTool, UnknownName
from tests.support.data_directories import database, store
from tests.support.pipelines import NOON, receipt

PINNED = {
    "true": "boolean",
    "1::tinyint": "Int64",
    "1::smallint": "Int64",
    "1::integer": "Int64",
    "1::bigint": "Int64",
    "1::ubigint": "UInt64",
    "1.5::float": "float64",
    "1.5::double": "float64",
    "'x'": "str",
    "date '2026-11-01'": "datetime64[s]",
    "timestamp '2026-11-01 12:00:00.000001'": "datetime64[us]",
    "1::hugeint": "object",
    "1.5::decimal(18, 8)": "object",
    "['x']": "object",
    "time '12:00'": "object",
    "{'a': 1}": "object",
    "'x'::blob": "object",
    "interval 1 day": "object",
}


RECEIPTS = (receipt("A"), receipt("B", "failed", err_code=3), receipt("C", "sent"))


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database of three messages, that no test changes."""
    return database(tmp_path_factory.mktemp("data"), *RECEIPTS)


# types


def relation(query: str) -> duckdb.DuckDBPyRelation:
    """The relation of a query."""
    selected = duckdb.sql(query)
    assert selected is not None
    return selected


@pytest.mark.parametrize("value", PINNED)
@pytest.mark.parametrize("data", ["{}", "null::{}", "{} limit 0"], ids=["value", "null", "none"])
def test_a_column_s_type_follows_from_its_sql_type_alone(value: str, data: str) -> None:
    kind = duckdb.execute(f"select typeof({value})").fetchall()[0][0]
    expression = value if data == "{}" else f"null::{kind}"
    limit = " limit 0" if "limit" in data else ""
    made = frame(relation(f"select {expression} as x{limit}"))
    assert str(made["x"].dtype) == PINNED[value]


def test_whole_numbers_stay_whole_beside_null() -> None:
    made = frame(relation("from (values (9007199254740993::bigint), (null)) t(x)"))
    assert made["x"].tolist() == [9007199254740993, pd.NA]


def test_money_stays_decimal_to_the_last_digit_and_none_where_missing() -> None:
    made = frame(relation("from (values (0.00000001::decimal(18, 8)), (null)) t(x)"))
    assert made["x"].tolist() == [Decimal("0.00000001"), None]


def test_codes_keep_their_leading_zeros() -> None:
    assert frame(relation("select '012' as x"))["x"].tolist() == ["012"]


def test_columns_of_one_name_are_kept_apart() -> None:
    made = frame(relation("select 1 as x, 2.5::decimal(18, 8) as y, 'a' as z"))
    assert made.iloc[0].tolist() == [1, Decimal("2.50000000"), "a"]


def test_times_of_any_year_are_exact() -> None:
    made = frame(
        relation("select timestamp '0001-01-01 00:00:00.000001' as x, date '9999-12-31' as y")
    )
    assert made["x"][0] == dt.datetime(1, 1, 1, 0, 0, 0, 1)
    assert made["y"][0] == dt.datetime(9999, 12, 31)


def test_every_pin_is_tested() -> None:
    kinds = {duckdb.execute(f"select typeof({value})").fetchall()[0][0] for value in PINNED}
    assert kinds >= PINS.keys() - {"UTINYINT", "USMALLINT", "UINTEGER"}


@pytest.mark.thorough
@pytest.mark.parametrize("metric", METRICS)
def test_the_types_of_a_metric_are_the_same_with_and_without_data(
    metric: str, db: Database, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    empty = database(tmp_path / "none")
    by = {"by": "day,network_code,err_code"}
    full, none = (each.ask(metric, by) for each in (db, empty))  # type: ignore[arg-type]
    assert full.types == none.types
    assert full.df().dtypes.tolist() == none.df().dtypes.tolist()


def test_python_values_are_decimal_datetime_date_float_int_str_list_and_none(db: Database) -> None:
    rows = db.cost(by="hour,day,problems,sender,network").rows()
    kinds = [type(value) for value in rows[0]]
    assert kinds[:4] == [dt.datetime, dt.date, list, str]
    assert kinds[-4:] == [Decimal] * 4


# what it keeps


def test_a_result_keeps_what_it_computed_when_more_arrives(tmp_path: Path) -> None:
    db = database(tmp_path, *RECEIPTS)
    before = db.delivery_rate()
    store(tmp_path, receipt("D"))
    after = db.delivery_rate()
    assert (before.rows()[0][0], after.rows()[0][0]) == (3, 4)
    assert before.df()["messages"].tolist() == [3]
    assert (before.messages_total, len(before)) == (3, 1)


def test_a_result_cannot_be_changed(db: Database) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        db.cost().metric = "x"  # type: ignore[misc]


def test_a_result_knows_its_question(db: Database) -> None:
    result = db.errors(by=["day"], since="2026-11-01", tz="Europe/London", as_of="2026-11-09")
    assert (result.metric, result.by, result.tz) == ("errors", ("day",), "Europe/London")
    assert result.filters.since == dt.datetime(2026, 11, 1)
    assert result.as_of == dt.datetime(2026, 11, 9)
    assert (result.messages_total, result.span) == (3, (NOON, NOON))


def test_a_study_has_an_entry_of_provenance_for_each_statement(db: Database) -> None:
    rate, cost = db.delivery_rate(by="country"), db.cost(since="2026-11-01")
    study = dataclasses.replace(rate, provenance=rate.provenance + cost.provenance)
    assert [entry.filters.by for entry in study.provenance] == [("country",), ()]
    assert (study.by, study.as_of, study.messages_total) == (("country",), rate.as_of, 3)
    assert study.sql == f"{rate.sql};\n\n{cost.sql}"
    assert study.df().equals(rate.df())


def test_a_result_does_not_depend_on_the_engine_s_snapshot(db: Database) -> None:
    result = db.delivery_rate(by="country")
    connection = db._snapshots.open().connection
    db._snapshots.forget()
    connection.close()
    assert result.rows()[0][:2] == ("GB", 3)
    assert result.df()["messages"].tolist() == [3]
    assert result.relation.project("country").fetchall() == [("GB",)]
    assert "Delivery rate by country" in repr(result)


def test_without_messages_there_is_no_span(db: Database) -> None:
    result = db.cost(until="2020-01-01")
    assert (result.messages_total, result.span) == (0, None)


def test_columns_types_and_rows_agree(db: Database) -> None:
    result = db.cost(by="currency")
    assert len(result.columns) == len(result.types) == len(result.rows()[0]) == 7
    assert list(result) == result.rows()


# going on


def test_the_relation_goes_on_in_sql(db: Database) -> None:
    rate = db.delivery_rate(by="network_code").relation
    assert rate.filter("messages > 2").project("network_code").fetchall() == [("23410",)]
    summed = rate.query("rate", "select sum(delivered) from rate")
    assert summed is not None
    assert summed.fetchall() == [(1,)]


def test_relations_of_two_results_can_be_joined(db: Database) -> None:
    rate, cost = (ask(by="network_code").relation for ask in (db.delivery_rate, db.cost))
    assert rate.join(cost, "network_code").project("delivered, cost").fetchall() == [
        (1, Decimal("0.09990000"))
    ]


def test_a_relation_may_be_written_to_a_file_also_after_a_condition(
    db: Database, tmp_path: Path
) -> None:
    file = tmp_path / "rate.parquet"
    db.delivery_rate(where="sender = 'Acme'").relation.write_parquet(str(file))
    assert pd.read_parquet(file)["messages"].tolist() == [3]


@pytest.mark.thorough
@pytest.mark.parametrize("metric", METRICS)
def test_the_statement_that_ran_runs_again_as_it_stands(metric: str, db: Database) -> None:
    result = db.ask(
        metric,
        {
            "by": "network_code,day",
            "since": "2026-11-01",
            "where": "sender = 'Acme'",
            "tz": "Asia/Tokyo",
        },
    )
    again = db.sql(result.sql)
    assert (again.columns, again.rows()) == (result.columns, result.rows())


# pandas, polars, Arrow


def test_polars_and_arrow_keep_money_decimal(db: Database) -> None:
    result = db.cost()
    assert str(result.arrow().schema.field("cost").type).startswith("decimal128(38, 8)")
    assert str(result.pl().schema["cost"]) == "Decimal(precision=38, scale=8)"
    assert result.pl().rows() == result.rows()


def test_any_reader_of_arrow_streams_reads_a_result(db: Database) -> None:
    import polars
    import pyarrow

    result = db.delivery_rate(by="message_id")
    assert polars.DataFrame(result).rows() == result.rows()
    assert [tuple(row.values()) for row in pyarrow.table(result).to_pylist()] == result.rows()
    assert duckdb.from_arrow(result).fetchall() == result.rows()


def test_the_head_is_the_first_rows_of_the_same_question(db: Database) -> None:
    result = db.delivery_rate(by="message_id")
    assert result.head(2).rows() == result.rows()[:2]
    assert len(result.head()) == 3
    assert result.head(1).provenance is result.provenance


def test_a_column_has_the_type_of_the_data_frame(db: Database) -> None:
    result = db.cost(by="message_id")
    for name in result.columns:
        pd.testing.assert_series_equal(result[name], result.df()[name])
    with pytest.raises(UnknownName, match="did you mean 'cost'"):
        result["costs"]


def test_only_public_names_are_listed(db: Database) -> None:
    for value in (db, db.cost()):
        assert [name for name in dir(value) if name.startswith("_")] == []


def test_without_the_package_one_line_says_what_to_install(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"polars is not installed.*; pip install polars"):
        db.cost().pl()
    with pytest.raises(MissingTool, match="pandas is not installed, which a data frame needs"):
        db.cost().df()
    with pytest.raises(MissingTool, match="plotly is not installed, which a chart needs"):
        db.cost().plot()
