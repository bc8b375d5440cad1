"""The .sql file of a metric runs as it stands, explains its columns, and reads as Spark's SQL."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from dlr_analytics.analysis.filters import Parameters, parse
from dlr_analytics.analysis.metrics import METRICS as ALL_METRICS
from dlr_analytics.analysis.query import BUCKETS, load
from dlr_analytics.flaws import FLAWS
from tests.support.message_tables import connection_over, message

ASKED: dict[str, Parameters] = {
    "all": {},
    "some": {
        "by": ["network_code", "currency", "err_code", *BUCKETS],
        "since": "2026-11-01",
        "until": "2026-12-01",
        "tz": "Europe/London",
        "where": "country = 'GB'",
    },
}

STUDIES = ("compare", "decompose")
METRICS = (*ALL_METRICS, *STUDIES)
"""Whatever has a statement."""

DIFFERENT_ON_SPARK = (
    exp.AnyValue,
    exp.ArgMax,
    exp.ArgMin,
    exp.ArrayAgg,
    exp.DateDiff,
    exp.DayOfWeek,
    exp.Extract,
    exp.List,
    exp.PercentileCont,
    exp.PercentileDisc,
    exp.Quantile,
    exp.Unnest,
)
"""Silently another answer on Spark, or none at all, as was measured."""


@pytest.mark.parametrize("metric", METRICS)
def test_the_statement_runs_as_it_stands(metric: str) -> None:
    rows = connection_over([message("failed")]).sql(load(metric).text)
    assert len(rows.fetchall()) == (len(FLAWS) if metric == "quality" else 1)


@pytest.mark.parametrize("metric", METRICS)
def test_each_column_is_explained_on_its_line(metric: str) -> None:
    query = load(metric)
    assert list(query.columns) == connection_over([]).sql(query.text).columns
    assert all(meaning[0].islower() or meaning[0].isdigit() for meaning in query.columns.values())


@pytest.mark.parametrize("metric", METRICS)
def test_the_first_line_is_a_sentence(metric: str) -> None:
    assert load(metric).text.startswith("-- ")
    assert load(metric).sentence.endswith(".")


@pytest.mark.parametrize("metric", METRICS)
def test_what_was_asked_leaves_no_marker(metric: str) -> None:
    statement = load(metric).statement(
        parse(ASKED["some"]), ["network_code", "currency", "err_code"]
    )
    assert "/*" not in statement


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("metric", METRICS)
def test_the_statement_goes_through_sqlglot_to_spark(metric: str, asked: str) -> None:
    text = load(metric).statement(parse(ASKED[asked]), ["network_code", "currency", "err_code"])
    (translated,) = sqlglot.transpile(
        text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    tree = sqlglot.parse_one(translated, read="spark")
    assert [node.sql() for node in tree.find_all(exp.Anonymous)] == []


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("metric", METRICS)
def test_the_statement_uses_nothing_that_spark_answers_otherwise(metric: str, asked: str) -> None:
    text = load(metric).statement(parse(ASKED[asked]), ["network_code", "currency", "err_code"])
    tree = sqlglot.parse_one(text, read="duckdb")
    assert [node.sql() for node in tree.find_all(*DIFFERENT_ON_SPARK)] == []
    never_zero = {alias.alias for alias in tree.find_all(exp.Alias) if alias.find(exp.Nullif)}
    for division in tree.find_all(exp.Div, exp.IntDiv):
        by = division.expression
        assert by.name in never_zero or isinstance(by, exp.Nullif | exp.Paren), division.sql()
    for cast in tree.find_all(exp.Cast):
        if cast.is_type("bigint", "integer") and not isinstance(cast.this, exp.Column):
            assert isinstance(cast.this, exp.Round | exp.Floor), cast.sql()
    for ordered in tree.find_all(exp.Ordered):
        assert ordered.args.get("nulls_first") is False, ordered.sql()
